"""A machine in a JSON file: its name, network, services, files, people and faults."""
