"""People of an LDAP directory or an Active Directory who sign in to the Manager.

:mod:`manager.directory.port` says what a directory can do for the Manager,
:mod:`manager.directory.ldap_directory` does it with ldap3, and
:mod:`manager.directory.examination` tells an administrator precisely why it does not.
"""
