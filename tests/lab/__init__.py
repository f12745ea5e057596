"""The lab: virtual machines on which the product is tried: tests, demo, bench."""
