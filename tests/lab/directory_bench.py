"""Signing in by a directory: a real slapd with 2,000 people, a group of 1,500, and nested groups.

Run alone with ``python -m tests.lab.directory_bench``.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from foundation.secret import Secret
from manager.directory.ldap_directory import LdapDirectory
from manager.directory.refusals import Refused
from manager.directory.settings import DirectorySettings, RoleMapping
from manager.directory.slots import AT_ONCE
from tests.integration.directory.slapd_lab import (
    BIG_GROUP,
    MANAGER,
    MANAGER_PASSWORD,
    PASSWORD,
    PEOPLE,
    SUFFIX,
    Slapd,
    everybody,
    group_dn,
)
from tests.lab.certificate_authority import CertificateAuthority
from tests.lab.figures import Figure

SIGN_INS = 400


def directory_figures() -> list[Figure]:
    """Sign-ins with groups, alone and many at once; refusals; the whole examination."""
    with _directory() as directory:
        one_by_one = sorted(_timed(directory, number) for number in range(SIGN_INS))
        started = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(lambda number: _enter(directory, number), range(PEOPLE)))
        rate = PEOPLE / (time.monotonic() - started)
        unknown = sorted(_refused(directory, "nobody-at-all", PASSWORD) for _ in range(100))
        # Each wrong password once per person: a third one would lock the account.
        wrong = sorted(_refused(directory, f"user{n:04}", "wrong") for n in range(100))
        started = time.monotonic()
        checks = list(directory.test("alice"))
        examination = time.monotonic() - started
        assert all(check.state == "ok" for check in checks), checks
    return [
        Figure("directory: sign-in with groups, median", _middle(one_by_one) * 1000, "ms"),
        Figure(
            "directory: sign-in with groups, p95", one_by_one[-SIGN_INS // 20] * 1000, "ms", 100
        ),
        Figure(f"directory: sign-ins, {AT_ONCE} at once", rate, "1/s"),
        Figure("directory: unknown name, median", _middle(unknown) * 1000, "ms"),
        Figure("directory: wrong password, median", _middle(wrong) * 1000, "ms"),
        Figure("directory: whole examination", examination, "s", 5),
    ]


@contextmanager
def _directory() -> Iterator[LdapDirectory]:
    with tempfile.TemporaryDirectory(prefix="flexvdi-bench-") as folder:
        authority = CertificateAuthority("Bench Root")
        server = Slapd(Path(folder), authority)
        server.load(everybody())
        server.start()
        try:
            yield LdapDirectory(
                DirectorySettings(
                    name="example.org",
                    kind="openldap",
                    servers=(server.ldaps,),
                    ca=authority.pem,
                    bind_user=MANAGER,
                    base=SUFFIX,
                    roles=(
                        RoleMapping(group=group_dn("everyone"), role="operator"),
                        RoleMapping(group=group_dn("above big"), role="read-only"),
                    ),
                ),
                Secret(MANAGER_PASSWORD),
            )
        finally:
            server.end()


def _enter(directory: LdapDirectory, number: int) -> None:
    """One person signs in; whoever is in the big group is in the one above as well."""
    user = directory.authenticate(f"user{number:04}", Secret(PASSWORD))
    groups = directory.groups_of(user)
    assert len(groups) == (2 if number < BIG_GROUP else 0)


def _timed(directory: LdapDirectory, number: int) -> float:
    return _seconds(lambda: _enter(directory, number))


def _refused(directory: LdapDirectory, name: str, password: str) -> float:
    def attempt() -> None:
        try:
            directory.authenticate(name, Secret(password))
        except Refused:
            return
        raise AssertionError(f"{name} was let in")

    return _seconds(attempt)


def _seconds(act: Callable[[], None]) -> float:
    started = time.monotonic()
    act()
    return time.monotonic() - started


def _middle(values: list[float]) -> float:
    return values[len(values) // 2]


if __name__ == "__main__":
    for figure in directory_figures():
        print(figure.row())
