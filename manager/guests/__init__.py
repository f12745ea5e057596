"""Guests, as their hosts tell of them."""
