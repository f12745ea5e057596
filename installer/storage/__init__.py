"""Disks: which to use, how to divide them (pure), and the work itself (pyparted, MD, LVM, mkfs)."""
