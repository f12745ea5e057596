"""The adapter for Debian: a root tree made by mmdebstrap."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from foundation.failure import Failure
from foundation.process import ProcessFailed, run
from iso.bases.apt_sources import sources_for
from iso.bases.lock import Lock
from iso.bases.model import Base
from iso.bases.sources import OWN, Sources
from iso.chroot import alone, run_in

VERSION = 1
PROGRAMS = ("mmdebstrap", "apt-config", "dpkg-query")
_TIMEOUT = 3600.0


class Settings(BaseModel):
    """The ``adapter_settings`` of a base that is made by this adapter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    suites: tuple[str, ...]
    components: tuple[str, ...]
    architecture: str
    keyring: str
    path_exclude: tuple[str, ...]
    path_include: tuple[str, ...]


def make_root(base: Base, tree: Path, sources: Sources, on_line: Callable[[str], None]) -> Lock:
    """Fill the empty folder ``tree``; raises Failure when the archive cannot be used.

    The initrd is made later and apart (``INITRD=No`` is what the kernel package's hooks obey).
    """
    settings = Settings.model_validate(base.adapter_settings)
    if sources.media or set(sources.mirrors) - {OWN}:
        raise Failure(
            f"{base.title} is built from one Debian archive, and from nothing else.",
            "Give --mirror URL, or nothing.",
        )
    lines = sources_for(settings.suites, settings.components, sources.mirror)
    try:
        run(
            alone(command(base, settings, tree, lines)),
            timeout=_TIMEOUT,
            environment={"INITRD": "No", "DEBIAN_FRONTEND": "noninteractive", **_proxy()},
            on_line=on_line,
        )
    except ProcessFailed as failure:
        raise _explained(failure, lines) from failure
    _generate_locales(base, tree, on_line)
    return Lock()


def _proxy() -> dict[str, str]:
    """The proxy that the machine's own apt uses, in the form that leaves no trace in the tree."""
    said = run(["apt-config", "dump", "--format", "%v", "Acquire::http::Proxy"]).stdout.strip()
    return {"http_proxy": said} if said not in ("", "DIRECT") else {}


def command(base: Base, settings: Settings, tree: Path, sources: list[str]) -> list[str]:
    """The mmdebstrap command line."""
    dpkg = [f"--dpkgopt=path-exclude={pattern}" for pattern in settings.path_exclude]
    dpkg += [f"--dpkgopt=path-include={pattern}" for pattern in settings.path_include]
    return [
        "mmdebstrap",
        "--mode=root",
        "--variant=apt",
        f"--architectures={settings.architecture}",
        f"--components={' '.join(settings.components)}",
        f"--keyring={settings.keyring}",
        "--aptopt=APT::Install-Recommends false",
        "--aptopt=Acquire::Retries 3",
        *dpkg,
        f"--include={','.join(base.all_packages)}",
        settings.suites[0],
        str(tree),
        *sources,
    ]


def installed_packages(tree: Path) -> dict[str, str]:
    """Names and versions of what dpkg has installed in ``tree``."""
    listed = run(
        [
            "dpkg-query",
            f"--admindir={tree}/var/lib/dpkg",
            "--show",
            "--showformat=${db:Status-Status} ${Package} ${Version}\n",
        ]
    ).stdout
    rows = (line.split() for line in listed.splitlines())
    return {row[1]: row[2] for row in rows if row[0] == "installed"}


def _generate_locales(base: Base, tree: Path, on_line: Callable[[str], None]) -> None:
    lines = [f"{locale} {locale.partition('.')[2]}\n" for locale in base.locales]
    (tree / "etc/locale.gen").write_text("".join(lines))
    run_in(tree, ["locale-gen"], timeout=600, on_line=on_line)
    (tree / "etc/default/locale").write_text("LANG=C.UTF-8\n")


def _explained(failure: ProcessFailed, sources: list[str]) -> Failure:
    """Say which archives were asked: mmdebstrap's last line seldom names the reason."""
    said = failure.completed.stderr
    reasons = [line for line in said.splitlines() if line.startswith(("E: ", "Err:", "W: Failed"))]
    if "No space left on device" in said:
        return Failure(failure.cause, failure.remedy, details=failure.details)
    archives = ", ".join(sorted({source.split()[1] for source in sources}))
    reason = reasons[0].removeprefix("E: ") if reasons else failure.cause
    return Failure(
        f"The packages could not be had from {archives}: {reason.rstrip('.')}.",
        "Check that this machine reaches the archive, or name another one with --mirror URL.",
        details="\n".join(reasons[:20]),
    )
