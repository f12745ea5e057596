"""The grouped doors of HostApi, written on the ports of a machine: one for real and simulated."""
