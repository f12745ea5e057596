"""The adapter for RPM-based distributions: a root tree made by ``dnf --installroot``.

It runs where dnf runs: with dnf 4 of Debian as well as with dnf 4 or 5 of Fedora and its kin. All
that dnf must know is in a configuration of its own; that of the building machine is not read.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from foundation.failure import Failure
from foundation.process import Completed, ProcessFailed, run
from iso.bases.dnf_errors import explained
from iso.bases.lock import Lock
from iso.bases.medium_server import served
from iso.bases.model import Base
from iso.bases.package_keys import PinnedKey, fetch_key
from iso.bases.repositories import Place, Repository, locate, repository_text, states
from iso.bases.sources import Sources
from iso.chroot import around, run_in
from iso.labels import label
from iso.processor import refuse_older_processor

VERSION = 1
PROGRAMS = ("dnf", "rpm", "gpg")
_TIMEOUT = 2 * 3600.0
_NEVRA = "%{name}-%{epoch}:%{version}-%{release}.%{arch}"
_FOLDERS = ("dev", "proc", "sys", "run", "tmp", "var/tmp")


class VersionCheck(BaseModel):
    """``package`` of ``repository`` must not be further from the base's own than ``majors``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repository: str
    package: str
    majors: int


class Settings(BaseModel):
    """The ``adapter_settings`` of a base that is made by this adapter.

    ``release_package`` and the version it must have (``release_version``, its beginning) tell that
    a mirror holds the right release. ``rpmdb`` is where the distribution keeps the database of
    packages, ``moved`` what must lie elsewhere in an image, ``languages`` those whose translations
    are kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    origin: str
    release_package: str
    release_version: str
    architecture: str
    module_platform: str
    rpmdb: str
    languages: tuple[str, ...]
    variables: dict[str, str] = {}
    moved: dict[str, str] = {}
    keys: dict[str, PinnedKey]
    repositories: dict[str, Repository]
    version_checks: tuple[VersionCheck, ...] = ()


@dataclass(frozen=True)
class _Dnf:
    """dnf as one build runs it: its folder, and the words that every call begins with."""

    folder: Path
    tree: Path
    words: tuple[str, ...]
    environment: dict[str, str]

    @property
    def cache(self) -> Path:
        return self.folder / "cache"


def make_root(base: Base, tree: Path, sources: Sources, on_line: Callable[[str], None]) -> Lock:
    """Fill the empty folder ``tree``; raises Failure when that cannot be done as the base says."""
    settings = Settings.model_validate(base.adapter_settings)
    refuse_older_processor(base.title, base.cpu, base.cpu_alternative)
    with ExitStack() as stack:
        media = {
            origin: stack.enter_context(served(image)) for origin, image in sources.media.items()
        }
        wanted = {
            name: repository
            for name, repository in settings.repositories.items()
            if repository.for_display in ("", *base.displays)
        }
        places = locate(wanted, settings.origin, sources, media)
        missing_groups = {
            group
            for name, repository in wanted.items()
            if name not in places
            for group in repository.groups
        }
        for group in sorted(missing_groups):
            on_line(f"I: no repository holds the {group} packages: the image goes without")
        dnf = stack.enter_context(_prepared(settings, tree, places))
        _check_release(dnf, settings, places)
        _check_versions(dnf, settings, places)
        packages = _wanted_packages(base, missing_groups)
        if base.lock:
            packages = tuple(base.lock.packages)
            _check_locked(dnf, packages)
        else:
            _check_known(dnf, packages)
        _install(dnf, settings, packages, on_line)
        made = Lock(repositories=states(places, dnf.cache), packages=_digests(tree, settings.rpmdb))
    if base.lock:
        _compare_with_lock(made, base.lock)
    _move(settings, tree)
    if base.selinux:
        label(tree)
    return made


def installed_packages(tree: Path) -> dict[str, str]:
    """Names and versions of what rpm has installed in ``tree``."""
    database = next(
        (place for place in ("/usr/lib/sysimage/rpm", "/var/lib/rpm")
         if any((tree / place.lstrip("/")).glob("*"))),
        "/usr/lib/sysimage/rpm",
    )  # fmt: skip
    rows = (name.rsplit("-", 2) for name in _digests(tree, database))
    return {name: f"{version}-{release}" for name, version, release in rows}


def _wanted_packages(base: Base, missing_groups: set[str]) -> tuple[str, ...]:
    groups = {name: group for name, group in base.packages.items() if name not in missing_groups}
    return base.model_copy(update={"packages": groups}).all_packages


@contextmanager
def _prepared(settings: Settings, tree: Path, places: dict[str, Place]) -> Iterator[_Dnf]:
    """A folder with dnf's configuration; gone afterwards, with all that was fetched."""
    folder = Path(tempfile.mkdtemp(prefix="dnf-", dir=tree.parent))
    try:
        for name in ("cache", "persistent", "log", "variables", "repositories", "home", "keys"):
            (folder / name).mkdir()
        for name, value in settings.variables.items():
            (folder / "variables" / name).write_text(value + "\n")
        roots = _roots(places)
        keys = {
            name: fetch_key(name, settings.keys[name], roots, folder / "keys")
            for name in sorted({place.repository.key for place in places.values()})
        }
        (folder / "home/.rpmmacros").write_text(_macros(settings))
        elsewhere = _taken_elsewhere(places)
        main = _main_section(settings, folder)
        plain = "".join(_unrestricted(place, keys) for place in places.values())
        exact = "".join(
            repository_text(place, keys, elsewhere[name]) for name, place in places.items()
        )
        (folder / "query.conf").write_text(main + plain)
        (folder / "dnf.conf").write_text(main + exact)
        yield _Dnf(folder, tree, _common_words(settings, folder, tree), _environment(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _roots(places: dict[str, Place]) -> list[str]:
    """The addresses of the mirrors and media that were named."""
    return sorted(
        {
            place.baseurl.removesuffix(f"/{path}")
            for place in places.values()
            for path in (place.repository.path, place.repository.medium_path)
            if path and place.baseurl.endswith(f"/{path}")
        }
    )


def _taken_elsewhere(places: dict[str, Place]) -> dict[str, tuple[str, ...]]:
    """What each repository must not give, because another one alone is to give it."""
    return {
        name: tuple(
            package
            for other, place in places.items()
            if other != name
            for package in place.repository.only
        )
        for name in places
    }


def _unrestricted(place: Place, keys: dict[str, Path]) -> str:
    """The repository as it is, for questions about what it has."""
    whole = place.repository.model_copy(update={"only": ()})
    return repository_text(Place(place.name, whole, place.baseurl, place.shown), keys, ())


def _macros(settings: Settings) -> str:
    """rpm's part: where the database lies, and what belongs to the building machine's kernel."""
    return (
        f"%_dbpath {settings.rpmdb}\n"
        "%_netsharedpath /dev:/proc:/sys\n"
        f"%_install_langs {':'.join(settings.languages)}\n"
    )


def _main_section(settings: Settings, folder: Path) -> str:
    return f"""\
[main]
gpgcheck=1
localpkg_gpgcheck=1
install_weak_deps=0
tsflags=nodocs
best=1
strict=1
skip_if_unavailable=0
keepcache=0
retries=3
timeout=30
module_platform_id={settings.module_platform}
logdir={folder}/log
cachedir={folder}/cache
persistdir={folder}/persistent
metadata_expire=-1
plugins=0
"""


def _common_words(settings: Settings, folder: Path, tree: Path) -> tuple[str, ...]:
    return (
        "--assumeyes",
        f"--installroot={tree}",
        f"--releasever={settings.release_version}",
        f"--forcearch={settings.architecture}",
        f"--setopt=reposdir={folder}/repositories",
        f"--setopt=varsdir={folder}/variables",
        f"--setopt=cachedir={folder}/cache",
        f"--setopt=persistdir={folder}/persistent",
        f"--setopt=logdir={folder}/log",
    )


def _environment(folder: Path) -> dict[str, str]:
    return {
        "HOME": str(folder / "home"),
        "no_proxy": "127.0.0.1,localhost",
        "SYSTEMD_OFFLINE": "1",
        # The one initrd of the image is made later and apart.
        "KERNEL_INSTALL_BYPASS": "1",
    }


def _query(dnf: _Dnf, *words: str) -> list[str]:
    """The lines that ``dnf repoquery`` prints of the repositories as they are."""
    argv = ["dnf", f"--config={dnf.folder}/query.conf", *dnf.words, "--quiet", "repoquery", *words]
    try:
        completed = run(argv, timeout=_TIMEOUT, environment=dnf.environment)
    except ProcessFailed as failure:
        raise _dnf_failure(failure) from failure
    return [line for line in completed.stdout.splitlines() if line.strip()]


def _dnf_failure(failure: ProcessFailed) -> Failure:
    completed = failure.completed
    if completed.returncode < 0:
        return failure
    return explained(completed.stdout + completed.stderr, completed.returncode)


def _check_release(dnf: _Dnf, settings: Settings, places: dict[str, Place]) -> None:
    found = _query(dnf, "--qf", "%{version}\n", settings.release_package)
    if any(version.startswith(settings.release_version) for version in found):
        return
    shown = sorted({place.shown for place in places.values()})
    raise Failure(
        f"{', '.join(shown)}: this is release {', '.join(sorted(set(found)))} of the distribution, "
        f"and the base is made of {settings.release_version}."
        if found
        else f"{', '.join(shown)}: these repositories are another distribution's; they have no "
        f"{settings.release_package}.",
        f"Name a mirror or medium of release {settings.release_version}.",
    )


def _check_versions(dnf: _Dnf, settings: Settings, places: dict[str, Place]) -> None:
    """What comes from another distribution must be of an age with what the base has itself."""
    for check in settings.version_checks:
        if check.repository not in places:
            continue
        rows = _query(dnf, "--latest-limit=1", "--qf", "%{repoid} %{version}\n", check.package)
        rows += _query(dnf, f"--repo={check.repository}", "--latest-limit=1", "--qf",
                       "%{repoid} %{version}\n", check.package)  # fmt: skip
        majors: dict[str, set[int]] = {"theirs": set(), "own": set()}
        for row in rows:
            name, version = row.split()
            kind = "theirs" if name == check.repository else "own"
            majors[kind].add(int(re.split(r"\D", version)[0]))
        if not majors["theirs"]:
            raise Failure(
                f"The repository {check.repository} has no {check.package}.",
                "Name a complete mirror of it, or build with --display vnc.",
            )
        if majors["own"] and max(majors["own"]) - max(majors["theirs"]) > check.majors:
            raise Failure(
                f"{check.package} of {places[check.repository].repository.origin} is version "
                f"{max(majors['theirs'])}, and the rest of the base expects {max(majors['own'])}.",
                "Name mirrors of the same age with --mirror, or build with --display vnc.",
            )


def _check_known(dnf: _Dnf, packages: tuple[str, ...]) -> None:
    """Name all packages that no repository has, not only the first."""
    known = set(_query(dnf, "--qf", "%{name}\n", *packages))
    missing = [name for name in packages if name not in known]
    if missing:
        raise Failure(
            f"The repositories have no package {', '.join(missing)}.",
            "Correct the packages in the base's data file: they were renamed or left the "
            "distribution.",
        )


def _check_locked(dnf: _Dnf, packages: tuple[str, ...]) -> None:
    known = set(_query(dnf, "--qf", f"{_NEVRA}\n", *packages))
    missing = sorted(set(packages) - known)
    if missing:
        raise Failure(
            f"The repositories no longer have {len(missing)} of the {len(packages)} packages that "
            f"the base's lock names: {', '.join(missing[:5])}{' …' if len(missing) > 5 else ''}.",
            "Name a mirror that keeps them (a snapshot) with --mirror, or renew the lock with "
            "`flexvdi-iso lock`.",
            details="\n".join(missing),
        )


def _install(
    dnf: _Dnf, settings: Settings, packages: tuple[str, ...], on_line: Callable[[str], None]
) -> None:
    for name in _FOLDERS:
        (dnf.tree / name).mkdir(parents=True, exist_ok=True)
    argv = ["dnf", f"--config={dnf.folder}/dnf.conf", *dnf.words, "install", *packages]
    try:
        completed = run(
            around(dnf.tree, argv),
            timeout=_TIMEOUT,
            environment=dnf.environment,
            on_line=_announcing(on_line),
        )
    except ProcessFailed as failure:
        raise _dnf_failure(failure) from failure
    _refuse_failed_scripts(completed)
    _complete_owners(dnf.tree, completed)


def _announcing(on_line: Callable[[str], None]) -> Callable[[str], None]:
    """dnf's lines, those that begin a stage marked as the build's progress expects."""

    def announce(line: str) -> None:
        stage = re.match(r"(Downloading Packages|Running transaction$|Running scriptlets)", line)
        on_line(f"I: {line}" if stage else line)

    return announce


def _refuse_failed_scripts(completed: Completed) -> None:
    """rpm goes on when a script fails after installing; a tree with such a hole is not used."""
    said = completed.stdout + completed.stderr
    if re.search(r"(?:Error in|error:) .*scriptlet", said):
        raise explained(said, completed.returncode)


def _complete_owners(tree: Path, completed: Completed) -> None:
    """Give files to users that were not there yet when rpm placed them.

    An older rpm than the distribution's does not make the users that packages declare in
    sysusers.d(5); the distribution's own tools do it here.
    """
    if "does not exist - using root" in completed.stdout + completed.stderr:
        run_in(tree, ["systemd-sysusers"])
        run_in(tree, ["rpm", "--restore", "--all"], timeout=1200, accept=(0, 1))


def _digests(tree: Path, database: str) -> dict[str, str]:
    """The checksum of each installed package's header, by its full name."""
    listed = run(
        [
            "rpm", "--root", str(tree), "--define", f"_dbpath {database}", "--query", "--all",
            "--queryformat",
            "%{NAME}-%{EPOCHNUM}:%{VERSION}-%{RELEASE}.%{ARCH} %{SHA256HEADER}\n",
        ]
    ).stdout  # fmt: skip
    rows = (line.split() for line in listed.splitlines())
    return {name: digest for name, digest in rows if not name.startswith("gpg-pubkey-")}


def _compare_with_lock(made: Lock, lock: Lock) -> None:
    differing = sorted(
        name
        for name in made.packages.keys() | lock.packages.keys()
        if made.packages.get(name) != lock.packages.get(name)
    )
    if differing:
        raise Failure(
            f"{len(differing)} packages are not those that the base's lock names: "
            f"{', '.join(differing[:5])}.",
            "A mirror gave other content under the same version: do not use it. If the packages "
            "of the base were changed, renew the lock with `flexvdi-iso lock`.",
            details="\n".join(differing),
        )


def _move(settings: Settings, tree: Path) -> None:
    """Move what would lie under a mount point of the host (the signed boot files for UEFI)."""
    for old, new in settings.moved.items():
        source, target = tree / old.lstrip("/"), tree / new.lstrip("/")
        if source.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(source, target)
