"""The Manager's appliance: how its disk image is built, and what it declares of itself."""
