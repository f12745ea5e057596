"""The Manager's guest on a simulated machine."""
