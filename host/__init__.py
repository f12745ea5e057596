"""What a host is and can do: the host document, plan and apply, and the one door to it, HostApi."""
