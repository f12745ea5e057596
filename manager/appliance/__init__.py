"""The Manager's machine, when it is the appliance: data disk, seed, network, database, state.

The system of an appliance is read only and replaced as a whole; everything that must last lies on
the data disk. So each start does the same: find that disk, take over what a seed says, put the
machine's settings where the daemons look for them, start the database and the Manager, and tell on
the console how far it is. Every step may be cut off by a power failure and done again.
"""
