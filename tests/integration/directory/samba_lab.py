"""A real Samba Active Directory domain controller on a loopback address of its own.

Samba serves LDAP at its well-known ports only, so it gets an address that nothing else uses. It is
provisioned below a folder of the test, runs nothing but its LDAP server, and touches nothing of the
machine's own Samba.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ldap3

from tests.integration.directory.daemon import Daemon
from tests.lab.certificate_authority import CertificateAuthority

# One for each process of tests that run side by side.
ADDRESS = f"127.77.0.{1 + int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0')[2:])}"
BASE = "DC=corp,DC=example"
ADMINISTRATOR = "Administrator@corp.example"
ADMINISTRATOR_PASSWORD = "Lab-Administrator-1"
MANAGER = f"CN=flexvdi-manager,CN=Users,{BASE}"
MANAGER_PASSWORD = "Lab-Manager-1"
PASSWORD = "Correct-Horse-1"
BIG_GROUP = 1500
PROGRAMS = ("samba", "samba-tool")

_JANUARY_2001 = 126_227_808_000_000_000  # in 100 ns since 1601

_CONFIGURATION = """
[global]
    netbios name = DC1
    realm = CORP.EXAMPLE
    workgroup = CORP
    server role = active directory domain controller
    server services = ldap
    interfaces = {address}/8
    bind interfaces only = yes
    private dir = {folder}/private
    state directory = {folder}/state
    cache directory = {folder}/cache
    lock directory = {folder}/lock
    pid directory = {folder}/run
    ncalrpc dir = {folder}/run/ncalrpc
    ntp signd socket directory = {folder}/run/ntp
    winbindd socket directory = {folder}/run/winbindd
    log file = {folder}/log
    binddns dir = {folder}/bind
    tls enabled = yes
    tls keyfile = {folder}/server.key
    tls certfile = {folder}/server.pem
    tls cafile = {folder}/ca.pem
    load printers = no
[sysvol]
    path = {folder}/state/sysvol
    read only = no
[netlogon]
    path = {folder}/state/sysvol/corp.example/scripts
    read only = no
"""


class Samba:
    """The domain controller; ``settings`` reach it."""

    def __init__(self, folder: Path, authority: CertificateAuthority) -> None:
        """Provision the domain corp.example."""
        self.folder = folder
        self.authority = authority
        authority.issue_into(folder, "dc1.corp.example", ADDRESS)
        for name in ("private", "state/sysvol", "cache", "lock", "run", "bind"):
            (folder / name).mkdir(parents=True)
        self._configuration = folder / "smb.conf"
        self._configuration.write_text(_CONFIGURATION.format(folder=folder, address=ADDRESS))
        argv = ["samba-tool", "domain", "provision", f"--configfile={self._configuration}"]
        argv += ["--realm=CORP.EXAMPLE", "--domain=CORP", "--server-role=dc", "--dns-backend=NONE"]
        argv += ["--host-name=dc1", f"--host-ip={ADDRESS}"]
        argv += [f"--adminpass={ADMINISTRATOR_PASSWORD}"]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise RuntimeError(f"samba-tool ended with {done.returncode}: {done.stderr[-4000:]}")
        self._daemon: Daemon | None = None
        self._connection: Any = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        argv = ["samba", "-i", "-M", "single", "--debug-stdout", "-s", str(self._configuration)]
        self._daemon = Daemon(argv, self.folder / "samba.log")
        self._daemon.wait_for(ADDRESS, 636)
        server = ldap3.Server(ADDRESS, port=636, use_ssl=True, get_info=ldap3.NONE)
        self._connection = ldap3.Connection(
            server, ADMINISTRATOR, ADMINISTRATOR_PASSWORD, auto_bind=True, check_names=False
        )

    def end(self) -> None:
        """End it."""
        if self._daemon is not None:
            self._daemon.end()

    def add_people_with_stories(self) -> None:
        """Whom the tests sign in, and their groups."""
        self.change(BASE, lockoutThreshold=3)
        self.add_person(
            "flexvdi-manager", password=MANAGER_PASSWORD, userAccountControl=0x10000 | 512
        )  # whose password never expires
        alice = self.add_person("alice")
        odd = self.add_person("odd (name)", cn="Odd\\, \\\\Name\\+ (with*) \\#1")
        self.add_person("disabled", userAccountControl=514)
        self.add_person("gone", accountExpires=_JANUARY_2001)
        self.add_person("fresh", pwdLastSet=0)
        self.add_person("sleeper", logonHours=bytes(21))
        self.add_person("elsewhere", userWorkstations="PC1")
        self.add_person("locked")
        staff = self.add_group("staff", [alice, odd])
        engineering = self.add_group("engineering", [staff])
        everyone = self.add_group("everyone", [engineering])
        self.add_members(staff, [everyone])  # and so they contain each other
        self.add_group("mailing list", [engineering], kind=2)
        self.add_group("mixed", [f"CN=big,OU=Many,{BASE}", alice])

    def add_person(
        self, name: str, *, password: str = PASSWORD, cn: str = "", **others: Any
    ) -> str:
        """A person who may sign in; ``others`` are changed afterwards. Returns the DN."""
        dn = f"CN={cn or name},CN=Users,{BASE}"
        self._add(
            dn,
            ["user"],
            sAMAccountName=name,
            userPrincipalName=f"{name}@corp.example",
            displayName=f"{name.title()} Example",
            mail=f"{name}@corp.example",
            unicodePwd=f'"{password}"'.encode("utf-16-le"),
            userAccountControl=512,
        )
        if others:
            self.change(dn, **others)
        return dn

    def load(self) -> None:
        """The big group, and ``late`` whose password expired long ago; while the server is down."""
        program = str(Path(__file__).with_name("load_into_samba.py"))
        argv = ["/usr/bin/python3", program, str(self._configuration), BASE]
        argv += ["big", str(BIG_GROUP), "late", PASSWORD]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise RuntimeError(f"loading into Samba: {done.stderr[-4000:]}")

    def add_group(self, name: str, members: Sequence[str] = (), kind: int = -2147483646) -> str:
        """A group (global and for security, unless ``kind`` says otherwise). Returns the DN."""
        dn = f"CN={name},CN=Users,{BASE}"
        attributes: dict[str, Any] = {"sAMAccountName": name, "groupType": kind}
        self._add(dn, ["group"], **attributes)
        if members:
            self.add_members(dn, members)
        return dn

    def add_members(self, group: str, members: Sequence[str]) -> None:
        """More members."""
        self._done(
            self._connection.modify(group, {"member": [(ldap3.MODIFY_ADD, list(members))]}), group
        )

    def change(self, dn: str, **attributes: Any) -> None:
        """Set attributes."""
        changes = {name: [(ldap3.MODIFY_REPLACE, [value])] for name, value in attributes.items()}
        self._done(self._connection.modify(dn, changes), dn)

    def rename(self, dn: str, name: str) -> None:
        """Give an entry another name."""
        self._done(self._connection.modify_dn(dn, f"CN={name}"), dn)

    def _add(self, dn: str, classes: list[str], **attributes: Any) -> None:
        self._done(self._connection.add(dn, classes, attributes), dn)

    def _done(self, succeeded: bool, dn: str) -> None:
        if not succeeded:
            raise RuntimeError(f"{dn}: {self._connection.result}")


def why_not() -> str:
    """Why this lab cannot run here; empty when it can."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing or os.geteuid() != 0:
        return f"needs root and {', '.join(missing) or 'nothing else'}"
    for port in (389, 636):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ADDRESS, port))
            except OSError as error:
                return f"needs {ADDRESS}:{port} free: {error.strerror}"
    return ""
