"""The flexVDI Manager: the application that runs the platform."""
