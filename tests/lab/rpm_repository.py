"""Signed RPM repositories made by the tests themselves, by the real tools."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from foundation.process import run

_KEY_ORDER = """\
%no-protection
Key-Type: RSA
Key-Length: 2048
Name-Real: {name}
Name-Email: packages@flexvdi.test
Expire-Date: 0
%commit
"""
# Contents are taken as they are: nothing is stripped, scanned or byte-compiled.
_SPEC = """\
%global __os_install_post %{{nil}}
%global debug_package %{{nil}}
%global _build_id_links none
%global __brp_mangle_shebangs %{{nil}}
Name: {name}
Version: {version}
Release: {release}
Epoch: {epoch}
Summary: {name}, made by a test
License: GPL-2.0-or-later
BuildArch: {architecture}
AutoReqProv: no
{relations}
%description
Made by a test.
{scripts}
%files -f {listing}
"""


@dataclass(frozen=True)
class SigningKey:
    """A key of the tests: its GnuPG home, its fingerprint, and a file with its public half."""

    home: Path
    fingerprint: str
    public: Path


@dataclass(frozen=True)
class Package:
    """A package to be made. ``files`` maps absolute paths to text; ``tree`` is a folder whose whole
    content is packed.
    """

    name: str
    version: str = "1.0"
    release: str = "1.el10"
    epoch: int = 0
    architecture: str = "x86_64"
    files: dict[str, str] = field(default_factory=dict)
    tree: Path | None = None
    requires: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    post: str = ""


def make_key(folder: Path, name: str) -> SigningKey:
    """Make a key pair without a passphrase below ``folder``."""
    # gpg-agent's socket needs a short path.
    home = Path(tempfile.mkdtemp(prefix="gpg-"))
    order = home / "order"
    order.write_text(_KEY_ORDER.format(name=name))
    gpg = ["gpg", "--homedir", str(home), "--batch"]
    run([*gpg, "--generate-key", str(order)], timeout=300)
    listed = run([*gpg, "--list-keys", "--with-colons"]).stdout
    fingerprint = next(
        line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:")
    )
    public = folder / f"RPM-GPG-KEY-{name}"
    public.write_text(run([*gpg, "--armor", "--export", fingerprint]).stdout)
    return SigningKey(home, fingerprint, public)


def forget_key(key: SigningKey) -> None:
    """End the key's agent and remove its home."""
    run(["gpgconf", "--homedir", str(key.home), "--kill", "all"], accept=(0, 1, 2))
    shutil.rmtree(key.home, ignore_errors=True)


def make_package(
    package: Package, into: Path, key: SigningKey | None, owners: dict[str, Path] | None = None
) -> Path:
    """Build the package into the folder ``into``, signed unless ``key`` is None.

    ``owners`` are the ``passwd`` and ``group`` whose names own the files of a ``tree``.
    """
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="rpm-", dir=into.parent) as work:
        top = Path(work)
        root = package.tree or top / "root"
        for path, text in package.files.items():
            place = root / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
            place.chmod(0o755 if "bin/" in path else 0o644)
        listing = top / "listing"
        listing.write_text(_listing(root, owners or {}, own_folders=package.tree is not None))
        spec = top / "package.spec"
        spec.write_text(
            _SPEC.format(
                name=package.name,
                version=package.version,
                release=package.release,
                epoch=package.epoch,
                architecture=package.architecture,
                relations="".join(f"Requires: {name}\n" for name in package.requires)
                + "".join(f"Provides: {name}\n" for name in package.provides),
                scripts=f"%post\n{package.post}\n" if package.post else "",
                listing=listing,
            )
        )
        run(
            [
                "rpmbuild", "-bb", "--quiet", "--target", package.architecture,
                "--define", f"_topdir {top}", "--define", f"_rpmdir {top}/out",
                "--define", "_rpmfilename %{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm",
                "--define", "_binary_payload w1.zstdio",
                "--define", "_unpackaged_files_terminate_build 0",
                "--buildroot", str(root), "--noclean", "--nodeps", str(spec),
            ],
            timeout=3600,
        )  # fmt: skip
        (made,) = (top / "out").glob("*.rpm")
        if key:
            sign(made, key)
        return Path(shutil.move(made, into / made.name))


def sign(package: Path, key: SigningKey) -> None:
    """Sign a finished package."""
    run(
        [
            "rpmsign",
            "--define",
            "__gpg /usr/bin/gpg",
            "--define",
            f"_gpg_name {key.fingerprint}",
            "--addsign",
            str(package),
        ],
        environment={"GNUPGHOME": str(key.home)},
        timeout=600,
    )


def publish(folder: Path) -> None:
    """Make ``folder`` a repository of the packages below it."""
    folder.mkdir(parents=True, exist_ok=True)
    run(["createrepo_c", "--quiet", "--general-compress-type=gz", str(folder)], timeout=600)


def _listing(root: Path, owners: dict[str, Path], *, own_folders: bool) -> str:
    """The %files of everything below ``root``, with owners and modes as they are there."""
    users, groups = (_names(owners.get(name)) for name in ("passwd", "group"))
    lines = []
    for path in sorted(root.rglob("*")):
        name = _escaped("/" + str(path.relative_to(root)))
        if path.is_symlink():
            lines.append(name)
            continue
        if path.is_dir():
            if not own_folders:
                continue
            name = f"%dir {name}"
        status = path.stat()
        user, group = users.get(status.st_uid, "root"), groups.get(status.st_gid, "root")
        lines.append(f"%attr({status.st_mode & 0o7777:o}, {user}, {group}) {name}")
    return "\n".join(lines) + "\n"


def _names(database: Path | None) -> dict[int, str]:
    """Names by number, of passwd(5) or group(5)."""
    if database is None:
        return {}
    rows = [line.split(":") for line in database.read_text().splitlines()]
    return {int(row[2]): row[0] for row in rows}


def _escaped(name: str) -> str:
    """A path as a %files list takes it: no macro, and a pattern that only this path matches."""
    pattern = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
    pattern = pattern.replace("\\", "?").replace("%", "%%")
    return f'"{pattern}"' if " " in pattern else pattern
