"""Where the building machine's own apt gets packages from, so that no mirror is written here.

Both forms of sources.list(5) are read: one-line (``*.list``) and deb822 (``*.sources``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from foundation.failure import Failure

APT = Path("/etc/apt")
_ONE_LINE = re.compile(r"^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$")


@dataclass(frozen=True)
class Source:
    """One suite at one archive."""

    uri: str
    suite: str
    components: tuple[str, ...]

    def one_line(self, components: Iterable[str]) -> str:
        """The source in the one-line form of sources.list(5), with ``components``."""
        return f"deb {self.uri} {self.suite} {' '.join(components)}"


def read_sources(apt: Path = APT) -> list[Source]:
    """Every enabled binary source of the machine, in apt's order of files."""
    found: list[Source] = []
    lists = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    for path in lists:
        if not path.is_file():
            continue
        text = path.read_text(errors="replace")
        if path.suffix == ".sources":
            found += _deb822(text)
        elif path.suffix == ".list":
            found += _one_line(text)
    return found


def sources_for(
    suites: Iterable[str], components: Iterable[str], mirror: str | None, apt: Path = APT
) -> list[str]:
    """One-line sources for ``suites``, from ``mirror`` or the machine's own apt sources.

    The first of ``suites`` must be found and the others are taken where known. With ``mirror``
    (the URL of a Debian archive) only the suites that an archive itself holds are asked for:
    those named ``*-security`` live in an archive of their own. Raises Failure when neither
    knows the main suite.
    """
    wanted = list(suites)
    parts = list(components)
    if mirror:
        return [
            Source(mirror, suite, ()).one_line(parts)
            for suite in wanted
            if not suite.endswith("-security")
        ]
    known = [source for source in read_sources(apt) if not source.uri.startswith("cdrom:")]
    chosen: list[str] = []
    for suite in wanted:
        for source in known:
            if source.suite == suite and set(parts) <= set(source.components):
                chosen.append(source.one_line(parts))
                break
        else:
            if suite == wanted[0]:
                raise Failure(
                    f"The apt sources of this machine ({apt}) name no archive for {suite}.",
                    "Give one with --mirror URL.",
                )
    return chosen


def _one_line(text: str) -> Iterator[Source]:
    for line in text.splitlines():
        match = _ONE_LINE.match(line.split("#")[0].strip())
        if match:
            uri, suite, components = match.groups()
            yield Source(uri, suite, tuple(components.split()))


def _deb822(text: str) -> Iterator[Source]:
    for stanza in re.split(r"\n\s*\n", text):
        fields = _fields(stanza)
        if fields.get("enabled", "yes").lower() in ("no", "false"):
            continue
        if "deb" not in fields.get("types", "").split():
            continue
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield Source(uri, suite, tuple(fields.get("components", "").split()))


def _fields(stanza: str) -> dict[str, str]:
    """The fields of a deb822 stanza, names in lower case, continued lines joined."""
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line[0] in " \t" and name:
            fields[name] += " " + line.strip()
        elif ":" in line:
            name, value = line.split(":", 1)
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields
