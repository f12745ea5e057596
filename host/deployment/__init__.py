"""The Manager's guest: deploying it on this host, and keeping it.

The guest is an ordinary libvirt domain, written once, straight to its final place. Nothing about it
is known only to itself: its descriptor lies beside its disks and says all that it takes to define
it again, on this host or on another one.
"""
