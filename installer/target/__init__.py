"""The new system: the image copied, made this host's own, and made to boot."""
