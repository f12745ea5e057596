"""What a host's Agent and the Manager say to each other: versioned messages in JSON text frames.

The Agent dials the Manager's WebSocket over mutual TLS and opens with ``hello``; the Manager
answers ``welcome`` or ``refused``. From then on both send as they have something to say.

``version`` says who understands whom, ``inventory`` and ``statistics`` what a host tells of itself,
``commands`` what it can be told to do, ``to_manager`` and ``to_agent`` the messages themselves, and
``frames`` how they go over the wire.
"""
