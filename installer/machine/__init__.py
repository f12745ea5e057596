"""The machine as it is found: firmware, memory, disks and what is on them, network ports."""
