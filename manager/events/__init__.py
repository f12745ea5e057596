"""Events: what happened on the platform, kept for a while and told at once to who listens."""
