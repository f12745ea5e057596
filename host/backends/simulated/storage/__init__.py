"""The storage of a simulated machine: its disks, portals, servers and volumes, in memory.

``facts["storage"]`` holds ``disks``, ``adapters``, ``unseen_disks`` (found by a rescan),
``portals``, ``nfs_servers``, ``volume_groups`` and ``media``; see examples/node.json.
"""
