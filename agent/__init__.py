"""The flexVDI Agent: between a host and the Manager, for whom it drives HostApi."""
