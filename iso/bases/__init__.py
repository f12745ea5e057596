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
from iso.bases import dnf, mmdebstrap
from iso.bases.lock import Lock
from iso.bases.model import Base, read_base
from iso.bases.sources import Sources

DATA = Path(__file__).parent


@dataclass(frozen=True)
class Adapter:
    """What the build asks of a family of distributions.

    ``make_root(base, tree, sources, on_line)`` fills the empty folder ``tree`` and tells exactly
    what it was filled with;
    ``installed_packages(tree)`` maps package names to versions; ``version`` changes when the
    adapter makes a different tree from the same data; ``programs`` are what it runs.
    """

    version: int
    programs: tuple[str, ...]
    make_root: Callable[[Base, Path, Sources, Callable[[str], None]], Lock]
    installed_packages: Callable[[Path], dict[str, str]]


ADAPTERS = {
    "dnf": Adapter(dnf.VERSION, dnf.PROGRAMS, dnf.make_root, dnf.installed_packages),
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


def data_file(name: str) -> Path:
    """The data file of the base ``name``, which may also be the path of one (``….toml``)."""
    return Path(name) if name.endswith(".toml") else DATA / f"{name}.toml"


def load(name: str) -> Base:
    """The base called ``name``; raises Failure when there is none or its data file is wrong."""
    if not name.endswith(".toml") and name not in names():
        raise WrongArgument(
            f"There is no base called {name!r}.",
            f"Choose one of: {', '.join(names())}.",
        )
    base = read_base(data_file(name))
    if base.adapter not in ADAPTERS:
        raise Failure(
            f"The base {name} names the unknown adapter {base.adapter!r}.",
            f"Known adapters are: {', '.join(sorted(ADAPTERS))}.",
        )
    return base


def adapter_of(base: Base) -> Adapter:
    """The adapter that makes root trees of ``base``."""
    return ADAPTERS[base.adapter]
