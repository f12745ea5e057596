"""The root tree of a base: the distribution's packages, before anything of ours is added."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from iso.bases import adapter_of
from iso.bases.lock import Lock
from iso.bases.model import Base
from iso.bases.sources import Sources
from iso.cache import Cache, key_of


@dataclass(frozen=True)
class RootTree:
    """A cached root tree; ``epoch`` is the time (seconds since 1970) it was made.

    The epoch stands for "now" in everything built from the tree, so that equal inputs give
    equal bytes.
    """

    tree: Path
    key: str
    epoch: int
    packages: dict[str, str]
    made_of: Lock


def root_key(base: Base) -> str:
    """The cache key: what defines the tree, and not where its packages are fetched from."""
    parts = [
        base.adapter,
        adapter_of(base).version,
        base.release,
        base.adapter_settings,
        base.all_packages,
        base.locales,
    ]
    if base.lock:
        parts.append(base.lock.packages)
    if base.display_packages or base.selinux:
        parts.append([base.displays, base.selinux])
    return key_of(*parts)


def root_tree(
    base: Base, cache: Cache, sources: Sources, on_line: Callable[[str], None]
) -> RootTree:
    """The tree of ``base``, from the cache or made anew by the base's adapter."""
    key = root_key(base)

    def make(folder: Path) -> None:
        tree = folder / "tree"
        tree.mkdir()
        made_of = adapter_of(base).make_root(base, tree, sources, on_line)
        packages = adapter_of(base).installed_packages(tree)
        facts = {
            "epoch": int(time.time()),
            "packages": packages,
            "made_of": made_of.model_dump(),
        }
        (folder / "root.json").write_text(json.dumps(facts, indent=1, sort_keys=True))

    place = cache.entry("root", key, make)
    facts = json.loads((place / "root.json").read_text())
    made_of = Lock.model_validate(facts.get("made_of", {}))
    return RootTree(place / "tree", key, facts["epoch"], facts["packages"], made_of)
