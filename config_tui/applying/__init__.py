"""From staged changes to a changed host: differences, plan, progress, countdown, result.

Each step is a pane; nothing that was staged is lost before the host is as it says.
"""
