"""The host document, ``/etc/flexvdi/host.yaml``: what this host is to be.

Everything here is pure: models, reading and writing, and what the document means in the files of
the standard daemons. Nothing here touches the running system, so the installer and the reader of
kickstarts may use it as well.
"""
