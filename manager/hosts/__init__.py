"""Hosts: how they join, what they tell of themselves, and what they are told to do."""
