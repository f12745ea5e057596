"""Tasks: every longer change, durable, with progress, result, error and remedy."""
