"""The HTTP API: each module here has a ``ROUTER`` and is found by itself.

Paths are written in full (``/api/v1/...``). What a route may be used by stands in its signature
(``requires``); those without are open to everybody, and ``tests/unit/manager`` knows each by name.
"""
