"""The bases: distributions that a host image can be made of.

A base is a data file (``iso/bases/<name>.toml``) and the adapter it names. An adapter turns the
data into a root tree; everything after that is one code path for all bases. A further base of a
known family is a data file; a further family is also one module here and one line in ADAPTERS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from foundation.failure import Failure, WrongArgument
from iso.bases import mmdebstrap
from iso.bases.model import Base, read_base

DATA = Path(__file__).parent


@dataclass(frozen=True)
class Adapter:
    """What the build asks of a family of distributions.

    ``make_root(base, tree, mirror, on_line)`` fills the empty folder ``tree``;
    ``installed_packages(tree)`` maps package names to versions; ``version`` changes when the
    adapter makes a different tree from the same data; ``programs`` are what it runs.
    """

    version: int
    programs: tuple[str, ...]
    make_root: Callable[[Base, Path, str | None, Callable[[str], None]], None]
    installed_packages: Callable[[Path], dict[str, str]]


# The families. One based on RPM (``dnf --installroot``) takes its place here.
ADAPTERS = {
    "mmdebstrap": Adapter(
        mmdebstrap.VERSION,
        mmdebstrap.PROGRAMS,
        mmdebstrap.make_root,
        mmdebstrap.installed_packages,
    ),
}


def names() -> list[str]:
    """The names of all bases, sorted."""
    return sorted(path.stem for path in DATA.glob("*.toml"))


def load(name: str) -> Base:
    """The base called ``name``; raises Failure when there is none or its data file is wrong."""
    if name not in names():
        raise WrongArgument(
            f"There is no base called {name!r}.",
            f"Choose one of: {', '.join(names())}.",
        )
    base = read_base(DATA / f"{name}.toml")
    if base.adapter not in ADAPTERS:
        raise Failure(
            f"The base {name} names the unknown adapter {base.adapter!r}.",
            f"Known adapters are: {', '.join(sorted(ADAPTERS))}.",
        )
    return base


def adapter_of(base: Base) -> Adapter:
    """The adapter that makes root trees of ``base``."""
    return ADAPTERS[base.adapter]
