"""How a Manager is started: where it keeps its state and where it listens."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from foundation.failure import Failure, WrongArgument

# In the state folder while a restore is not finished; nothing else may use the state meanwhile.
RESTORE_MARK = "restoring"
DEFAULT_STATE = Path("~/.local/state/flexvdi-manager")


@dataclass(frozen=True)
class Endpoint:
    """An address and TCP port to listen on; ``[::]:443`` in brackets for IPv6."""

    address: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """Read ``ADDRESS:PORT``, ``:PORT`` or ``PORT``; raises WrongArgument."""
        address, _, port = text.rpartition(":")
        address = address.strip("[]") or "0.0.0.0"
        if not port.isdecimal() or not 0 <= int(port) <= 65535:
            raise WrongArgument(
                f"{text!r} is no address to listen on.", "Write ADDRESS:PORT, as in 0.0.0.0:8443."
            )
        return cls(address, int(port))

    def __str__(self) -> str:
        """As it is written in URLs."""
        return (
            f"[{self.address}]:{self.port}"
            if ":" in self.address
            else f"{self.address}:{self.port}"
        )


@dataclass(frozen=True)
class Settings:
    """What the command line of ``flexvdi-manager`` says.

    ``state`` is the folder of everything that must outlive the process. ``database`` is an
    SQLAlchemy URL, empty for an SQLite file in that folder. ``names`` are further DNS names and
    addresses that the Manager is reached by, for its certificate.
    """

    state: Path
    database: str = ""
    listen: Endpoint = field(default_factory=lambda: Endpoint("0.0.0.0", 8443))
    agents: Endpoint = field(default_factory=lambda: Endpoint("0.0.0.0", 8444))
    names: tuple[str, ...] = ()

    @property
    def database_url(self) -> str:
        """The database as SQLAlchemy wants it, with the driver that we ship."""
        if not self.database:
            return f"sqlite:///{self.state / 'manager.sqlite'}"
        for plain in ("postgresql://", "postgres://"):
            if self.database.startswith(plain):
                return "postgresql+psycopg://" + self.database.removeprefix(plain)
        if self.database.startswith(("sqlite:///", "postgresql+psycopg://")):
            return self.database
        raise Failure(
            "This kind of database is not supported.",
            "Give a URL that begins with sqlite:/// or postgresql://.",
            where="--database",
        )

    @property
    def on_sqlite(self) -> bool:
        """Whether the database is a file of this process alone."""
        return self.database_url.startswith("sqlite")

    @property
    def tasks_url(self) -> str:
        """Where the task engine keeps its own tables: beside ours, never in our file.

        SQLite has one writer per file; with a file of its own the engine never waits for us.
        """
        if not self.on_sqlite:
            return self.database_url
        return self.database_url.removesuffix(".sqlite") + "-tasks.sqlite"


def prepare_state(state: Path) -> Path:
    """Make the state folder for its owner alone; raises Failure where that is not possible."""
    state = state.expanduser()
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(
            f"The state folder {state} cannot be made: {error.strerror}.",
            "Give another one with --state, or make it writable for this user.",
        ) from error
    return state
