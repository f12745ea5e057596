"""The dashboard: web pages for administrators, served by the Manager.

Each module here with a ``ROUTER`` is found by itself. Pages are drawn on the server from the same
services that the API calls, and work without JavaScript; two small scripts keep them up to date
and add comforts.
"""
