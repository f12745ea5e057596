"""What the Manager's guest needs of this machine."""
