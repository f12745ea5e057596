"""Where packages come from: the building machine's own apt sources, or a named mirror."""

from __future__ import annotations

from pathlib import Path

import pytest

from foundation.failure import Failure
from iso.bases.apt_sources import Source, read_sources, sources_for

SUITES = ("bookworm", "bookworm-updates", "bookworm-security")

DEB822 = """\
# The archive of the site.
Types: deb deb-src
URIs: http://archive.test/debian
  http://second.test/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
Enabled: no
URIs: http://off.test/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://sources.test/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://security.test/debian-security
Suites: bookworm-security
Components: main
"""


def apt_folder(tmp_path: Path, **files: str) -> Path:
    (tmp_path / "sources.list.d").mkdir()
    for name, text in files.items():
        name = name.replace("__", "/").replace("_", ".")
        (tmp_path / name).write_text(text)
    return tmp_path


def test_deb822_sources_are_read(tmp_path: Path) -> None:
    apt = apt_folder(tmp_path, sources_list_d__debian_sources="")
    (apt / "sources.list.d/debian.sources").write_text(DEB822)
    assert Source("http://archive.test/debian", "bookworm", ("main", "contrib")) in read_sources(
        apt
    )
    uris = {source.uri for source in read_sources(apt)}
    assert "http://second.test/debian" in uris
    assert not uris & {"http://off.test/debian", "http://sources.test/debian"}
    assert sources_for(SUITES, ["main"], None, apt) == [
        "deb http://archive.test/debian bookworm main",
        "deb http://archive.test/debian bookworm-updates main",
        "deb http://security.test/debian-security bookworm-security main",
    ]


def test_one_line_sources_are_read(tmp_path: Path) -> None:
    apt = apt_folder(tmp_path)
    (apt / "sources.list").write_text(
        "# deb http://commented.test/debian bookworm main\n"
        "deb [arch=amd64 signed-by=/k.gpg] http://archive.test/debian bookworm main # ours\n"
        "deb-src http://archive.test/debian bookworm main\n"
    )
    assert read_sources(apt) == [Source("http://archive.test/debian", "bookworm", ("main",))]


def test_other_distributions_archives_are_left_alone(tmp_path: Path) -> None:
    apt = apt_folder(tmp_path)
    (apt / "sources.list").write_text(
        "deb cdrom:[Debian_12]/ bookworm main\n"
        "deb http://vendor.test/apt vendor-bookworm main\n"
        "deb http://other.test/debian bookworm contrib\n"
        "deb http://archive.test/debian bookworm main non-free\n"
    )
    assert sources_for(SUITES, ["main"], None, apt) == [
        "deb http://archive.test/debian bookworm main"
    ]


def test_a_machine_without_the_suite_is_told_about_mirror(tmp_path: Path) -> None:
    apt = apt_folder(tmp_path)
    (apt / "sources.list").write_text("deb http://archive.test/debian trixie main\n")
    with pytest.raises(Failure) as caught:
        sources_for(SUITES, ["main"], None, apt)
    assert "bookworm" in caught.value.cause
    assert "--mirror" in caught.value.remedy


def test_a_named_mirror_serves_all_but_the_security_archive(tmp_path: Path) -> None:
    apt = apt_folder(tmp_path)
    assert sources_for(SUITES, ["main"], "http://m.test/debian", apt) == [
        "deb http://m.test/debian bookworm main",
        "deb http://m.test/debian bookworm-updates main",
    ]
