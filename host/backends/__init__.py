"""The machines behind HostApi: the real one, and a simulated one that lives in a JSON file."""
