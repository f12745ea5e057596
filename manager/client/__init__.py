"""``flexvdi-managerctl``: the Manager's API as a command line, from any machine.

It speaks HTTPS to one Manager, whose CA it knows by the fingerprint that the Manager shows.
"""
