"""The audit log: who did what, from where, with which result. Written only, never changed."""
