"""The directories that the tests here share; each is made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.directory import samba_lab, slapd_lab
from tests.lab.certificate_authority import CertificateAuthority


@pytest.fixture(scope="session")
def authority() -> CertificateAuthority:
    return CertificateAuthority("Example Root")


@pytest.fixture(scope="session")
def slapd(
    authority: CertificateAuthority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[slapd_lab.Slapd]:
    if slapd_lab.missing_programs():
        pytest.skip(f"needs {', '.join(slapd_lab.missing_programs())}")
    server = slapd_lab.Slapd(tmp_path_factory.mktemp("slapd"), authority)
    server.load(slapd_lab.everybody())
    server.start()
    yield server
    server.end()


@pytest.fixture
def doomed(tmp_path: Path, authority: CertificateAuthority) -> Iterator[slapd_lab.Slapd]:
    """A running slapd of a test's own, which may be killed."""
    server = slapd_lab.Slapd(tmp_path / "doomed", authority)
    server.load(slapd_lab.everybody())
    server.start()
    yield server
    server.end()


@pytest.fixture(scope="session")
def samba(
    authority: CertificateAuthority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[samba_lab.Samba]:
    if samba_lab.why_not():
        pytest.skip(samba_lab.why_not())
    server = samba_lab.Samba(tmp_path_factory.mktemp("samba"), authority)
    server.load()
    server.start()
    server.add_people_with_stories()
    yield server
    server.end()
