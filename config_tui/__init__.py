"""flexVDI Config: a person at the console, or a command line, drives a host through HostApi."""
