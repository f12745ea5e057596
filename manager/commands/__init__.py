"""The verbs of ``flexvdi-manager``: each module here has ``add(verbs)``."""
