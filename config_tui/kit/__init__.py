"""The building blocks of a calm text UI: screen, theme, forms, dialogs, progress, worker threads.

Nothing here knows what a host is; flexVDI Config and the installer both build on it.
"""
