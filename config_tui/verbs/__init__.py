"""The verbs of flexvdi-config: one module for each group, with a function ``register(verbs)``."""
