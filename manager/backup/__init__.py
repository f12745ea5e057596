"""Backup and restore of the Manager's own state: database, certificates, keys; in one file."""
