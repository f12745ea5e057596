"""What takes too long, or is not allowed, over LDAP; for a domain controller that is down.

Run by the system's Python, which has Samba's modules: CONFIGURATION BASE GROUP SIZE NAME PASSWORD.
"""

from __future__ import annotations

import sys

import ldb
from samba import dsdb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

_JANUARY_2020 = 132_223_104_000_000_000  # in 100 ns since 1601


def main(configuration: str, base: str, group: str, size: int, name: str, password: str) -> None:
    """A group of ``size`` contacts, and ``name`` whose password has long expired."""
    parameters = LoadParm()
    parameters.load(configuration)
    database = SamDB(session_info=system_session(), lp=parameters)
    database.transaction_start()
    database.add({"dn": f"OU=Many,{base}", "objectClass": "organizationalUnit"})
    members = [f"CN=member{number:04},OU=Many,{base}" for number in range(size)]
    for member in members:
        database.add({"dn": member, "objectClass": "contact"})
    database.add(
        {
            "dn": f"CN={group},OU=Many,{base}",
            "objectClass": "group",
            "sAMAccountName": group,
            "member": members,
        }
    )
    database.newuser(name, password)
    change = ldb.Message(ldb.Dn(database, f"CN={name},CN=Users,{base}"))
    change["pwdLastSet"] = ldb.MessageElement(
        str(_JANUARY_2020), ldb.FLAG_MOD_REPLACE, "pwdLastSet"
    )
    bypass = f"local_oid:{dsdb.DSDB_CONTROL_BYPASS_PASSWORD_HASH_OID}:0"
    database.modify(change, controls=[bypass])
    database.transaction_commit()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5], sys.argv[6])
