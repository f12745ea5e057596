"""The Manager's database: SQLite in write-ahead mode, or PostgreSQL."""
