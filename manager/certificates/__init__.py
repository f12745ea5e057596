"""The Manager's own certificate authority, its server certificate, and its secret key."""
