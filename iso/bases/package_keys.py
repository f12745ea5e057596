"""The keys that packages are signed with: taken from wherever they lie, trusted by fingerprint."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import requests
from pydantic import BaseModel, ConfigDict

from foundation.failure import Failure
from foundation.process import ProcessFailed, run

_TIMEOUT = 30.0
_LARGEST = 1 << 20


class PinnedKey(BaseModel):
    """A key: its fingerprints (40 hexadecimal digits), and places where a copy may lie.

    A place is a path on the building machine, a URL, or a path below the mirror or medium.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fingerprints: tuple[str, ...]
    places: tuple[str, ...]


def fetch_key(name: str, key: PinnedKey, sources: Iterable[str], into: Path) -> Path:
    """A file below ``into`` with the pinned key ``name``, and no other key in it.

    ``sources`` are addresses of mirrors and media. Raises Failure when no copy is found, and when
    a copy holds a key that is not pinned: that is never passed over.
    """
    tried = []
    for place in _candidates(key, list(sources)):
        content = _content(place)
        if content is None:
            tried.append(place)
            continue
        path = into / f"{name}.key"
        path.write_bytes(content)
        found = fingerprints(path)
        strange = sorted(found - {fingerprint.upper() for fingerprint in key.fingerprints})
        if strange or not found:
            raise Failure(
                f"The key at {place} is not the key of {name}: its fingerprint "
                f"is {', '.join(strange) or 'missing'}, expected is {', '.join(key.fingerprints)}.",
                "Do not build from there. If the distribution changed its key, correct the "
                "fingerprint in the base's data file after comparing it with its announcement.",
            )
        return path
    raise Failure(
        f"No copy of the key of {name} was found.",
        "Install the package distribution-gpg-keys, or put the key at one of the places tried: "
        f"{', '.join(tried)}.",
    )


def fingerprints(path: Path) -> set[str]:
    """The fingerprints of the primary keys in a file; empty when it holds none."""
    with tempfile.TemporaryDirectory(prefix="flexvdi-") as home:
        try:
            said = run(
                ["gpg", "--homedir", home, "--batch", "--show-keys", "--with-colons", str(path)]
            ).stdout
        except ProcessFailed:
            return set()
    found: set[str] = set()
    of_primary = False
    for line in said.splitlines():
        fields = line.split(":")
        if fields[0] in ("pub", "sub"):
            of_primary = fields[0] == "pub"
        elif fields[0] == "fpr" and of_primary:
            found.add(fields[9].upper())
            of_primary = False
    return found


def _candidates(key: PinnedKey, sources: list[str]) -> list[str]:
    """What lies nearest comes first."""
    local = [place for place in key.places if place.startswith("/")]
    below = [place for place in key.places if not place.startswith("/") and "://" not in place]
    remote = [place for place in key.places if "://" in place]
    return local + [f"{source}/{place}" for source in sources for place in below] + remote


def _content(place: str) -> bytes | None:
    if "://" not in place or place.startswith("file://"):
        try:
            return Path(place.removeprefix("file://")).read_bytes()[:_LARGEST]
        except OSError:
            return None
    try:
        answer = requests.get(place, timeout=_TIMEOUT)
    except requests.RequestException:
        return None
    return answer.content[:_LARGEST] if answer.ok else None
