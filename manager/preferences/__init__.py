"""Settings that administrators change while the Manager runs; all have working defaults."""
