"""A real slapd below a folder of the test: people, groups that nest and loop, a password policy."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from tests.integration.directory.daemon import Daemon
from tests.lab.certificate_authority import CertificateAuthority
from tests.lab.sockets import free_port

SUFFIX = "dc=example,dc=org"
MANAGER = f"cn=manager,ou=services,{SUFFIX}"
MANAGER_PASSWORD = "manager's-own-secret"
PASSWORD = "correct horse"
ODD_NAME = "Odd, \\Name+ (with*) #1"
BIG_GROUP = 1500
PEOPLE = 2000

_CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
moduleload memberof
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
security simple_bind=128
localSSF 128
sizelimit size.soft=100 size.hard=100 size.prtotal=unlimited
database mdb
suffix "{suffix}"
rootdn "cn=root,{suffix}"
rootpw root
directory {folder}/data
maxsize 268435456
dbnosync
index objectClass eq
index uid,cn eq,sub
index member,uniqueMember,memberUid,memberOf,gidNumber,entryUUID eq
overlay memberof
overlay ppolicy
ppolicy_default "cn=default,ou=policies,{suffix}"
ppolicy_use_lockout
access to attrs=userPassword by anonymous auth by * none
access to dn.subtree="ou=hidden,{suffix}" by * none
access to * by dn.exact="{manager}" read by self read by * none
"""


class Slapd:
    """One slapd; ``ldaps`` and ``ldap`` are its addresses as the settings take them."""

    def __init__(self, folder: Path, authority: CertificateAuthority, *names: str) -> None:
        """Make its folder with everything but people; ``names`` are its certificate's."""
        self.folder = folder
        self.authority = authority
        authority.issue_into(folder, *(names or ("localhost", "127.0.0.1")))
        (folder / "data").mkdir()
        self._configuration = folder / "slapd.conf"
        self._configuration.write_text(
            _CONFIGURATION.format(folder=folder, suffix=SUFFIX, manager=MANAGER)
        )
        self._ports = (free_port(), free_port())
        self._socket = f"ldapi://{quote(str(folder / 'ldapi'), safe='')}"
        self._daemon: Daemon | None = None

    @property
    def ldap(self) -> str:
        """Where StartTLS is offered."""
        return f"localhost:{self._ports[0]}"

    @property
    def ldaps(self) -> str:
        """Where TLS is spoken."""
        return f"localhost:{self._ports[1]}"

    def without_tls(self) -> None:
        """Take its certificate away, before it is started."""
        lines = self._configuration.read_text().splitlines()
        kept = [line for line in lines if not line.startswith(("TLS", "security"))]
        self._configuration.write_text("\n".join(kept) + "\n")
        self._ports = (self._ports[0], self._ports[0])

    def load(self, entries: Iterable[str]) -> None:
        """Add entries (LDIF) while it is down."""
        argv = ["slapadd", "-q", "-f", str(self._configuration)]
        _run(argv, "\n\n".join(entries) + "\n")

    def start(self) -> None:
        """Start it and wait until it answers."""
        plain, secure = self._ports
        urls = f"{self._socket} ldap://127.0.0.1:{plain}"
        if secure != plain:
            urls += f" ldaps://127.0.0.1:{secure}"
        argv = ["slapd", "-f", str(self._configuration), "-h", urls, "-d", "0"]
        self._daemon = Daemon(argv, self.folder / "slapd.log")
        self._daemon.wait_for("127.0.0.1", secure)

    def modify(self, ldif: str) -> None:
        """Change entries of the running server as its root."""
        argv = ["ldapmodify", "-x", "-H", self._socket, "-D", f"cn=root,{SUFFIX}", "-w", "root"]
        _run(argv, ldif)

    def kill(self) -> None:
        """Crash it."""
        assert self._daemon is not None
        self._daemon.kill()

    def end(self) -> None:
        """End it."""
        if self._daemon is not None:
            self._daemon.end()


def missing_programs() -> list[str]:
    """What this lab needs and this machine lacks."""
    return [name for name in ("slapd", "slapadd", "ldapmodify") if shutil.which(name) is None]


def everybody() -> list[str]:
    """The entries: some people with a story, many without, and groups of every kind."""
    return [*_frame(), *_people(), *_groups()]


def person(uid: str, *lines: str, dn: str = "", password: str = PASSWORD) -> str:
    """One person as LDIF."""
    classes = [line for line in lines if line.startswith("objectClass:")]
    lines = tuple(line for line in lines if line not in classes)
    return _entry(
        dn or f"uid={uid},ou=people,{SUFFIX}",
        "objectClass: inetOrgPerson",
        *classes,  # slapadd wants the values of an attribute together
        f"uid: {uid}",
        f"cn: {uid.title()} Example",
        "sn: Example",
        f"mail: {uid}@example.org",
        f"userPassword: {password}",
        *lines,
    )


def group(name: str, *members: str, kind: str = "groupOfNames", attribute: str = "member") -> str:
    """One group as LDIF; ``members`` are distinguished names, ``name`` is as in one."""
    lines = [f"{attribute}: {member}" for member in members]
    dn = f"cn={name},ou=groups,{SUFFIX}"
    return _entry(dn, f"objectClass: {kind}", "cn: " + name.replace("\\", ""), *lines)


def dn_of(uid: str) -> str:
    """Where a person is."""
    return f"uid={uid},ou=people,{SUFFIX}"


def group_dn(name: str) -> str:
    """Where a group is."""
    return f"cn={name},ou=groups,{SUFFIX}"


def _run(argv: list[str], text: str) -> None:
    done = subprocess.run(argv, input=text, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{argv[0]} ended with {done.returncode}: {done.stderr}")


def _entry(dn: str, *lines: str) -> str:
    return "\n".join((f"dn: {dn}", *lines))


def _frame() -> list[str]:
    units = ("people", "groups", "services", "policies", "hidden")
    return [
        _entry(SUFFIX, "objectClass: domain", "dc: example"),
        *(_entry(f"ou={u},{SUFFIX}", "objectClass: organizationalUnit", f"ou: {u}") for u in units),
        _entry(
            MANAGER,
            "objectClass: applicationProcess",
            "objectClass: simpleSecurityObject",
            "cn: manager",
            f"userPassword: {MANAGER_PASSWORD}",
        ),
        _entry(
            f"cn=default,ou=policies,{SUFFIX}",
            "objectClass: device",
            "objectClass: pwdPolicy",
            "cn: default",
            "pwdAttribute: userPassword",
            "pwdLockout: TRUE",
            "pwdMaxFailure: 3",
            "pwdMustChange: TRUE",
        ),
        _entry(
            f"cn=short,ou=policies,{SUFFIX}",
            "objectClass: device",
            "objectClass: pwdPolicy",
            "cn: short",
            "pwdAttribute: userPassword",
            "pwdMaxAge: 1",
        ),
        _entry(
            f"ou=elsewhere,{SUFFIX}",
            "objectClass: referral",
            "objectClass: extensibleObject",
            "ou: elsewhere",
            "ref: ldap://elsewhere.example/ou=elsewhere,dc=example,dc=org",
        ),
    ]


def _people() -> list[str]:
    old = "pwdChangedTime: 20200101000000Z"
    return [
        person("alice"),
        person("bob", "objectClass: posixAccount", "uidNumber: 1001", "gidNumber: 5001",
               "homeDirectory: /home/bob"),
        person("locked"),
        person("forgetful"),
        person("shut", "pwdAccountLockedTime: 000001010000Z"),
        person("late", old, f"pwdPolicySubentry: cn=short,ou=policies,{SUFFIX}"),
        person("fresh", "pwdReset: TRUE"),
        person("twin"),
        person("twin", dn=f"cn=second twin,ou=people,{SUFFIX}"),
        person("nobody"),
        person("odd*(name)\\", dn=f"cn=Odd\\, \\\\Name\\+ (with*) #1,ou=people,{SUFFIX}"),
        person("star*(1)", dn=f"cn=Star\\, \\+1,ou=people,{SUFFIX}"),
        *(person(f"user{number:04}") for number in range(PEOPLE)),
    ]  # fmt: skip


def _groups() -> list[str]:
    odd = f"cn=Odd\\, \\\\Name\\+ (with*) #1,ou=people,{SUFFIX}"
    return [
        group("staff", dn_of("alice"), odd),
        group("odd\\, people (*)", f"cn=Star\\, \\+1,ou=people,{SUFFIX}"),
        group("engineering", group_dn("staff")),
        group("everyone", group_dn("engineering")),
        # These two contain each other, and one of them itself.
        group("hen", group_dn("egg"), group_dn("hen"), dn_of("alice")),
        group("egg", group_dn("hen")),
        group("unique", dn_of("alice"), kind="groupOfUniqueNames", attribute="uniqueMember"),
        group("big", *(dn_of(f"user{number:04}") for number in range(BIG_GROUP))),
        group("above big", group_dn("big")),
        _entry(
            group_dn("posix"), "objectClass: posixGroup", "cn: posix", "gidNumber: 5000",
            "memberUid: bob",
        ),
        _entry(group_dn("primary"), "objectClass: posixGroup", "cn: primary", "gidNumber: 5001"),
    ]  # fmt: skip
