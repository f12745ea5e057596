"""Where things lie in the appliance."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MANAGER_USER = "flexvdi-manager"
DATABASE_USER = "postgres"
DATABASE_NAME = "flexvdi"
CONSOLE = Path("/dev/console")


@dataclass(frozen=True)
class Places:
    """All paths below ``root``, which is ``/`` but in tests."""

    root: Path = Path("/")

    @property
    def data(self) -> Path:
        """Where the data disk is mounted."""
        return self.root / "var/lib/flexvdi-data"

    @property
    def manager_state(self) -> Path:
        """The Manager's state folder, on the data disk."""
        return self.root / "var/lib/flexvdi-manager"

    @property
    def logs(self) -> Path:
        """Logs and the journal, on the data disk."""
        return self.root / "var/log"

    @property
    def kept(self) -> Path:
        """What the appliance itself keeps on the data disk; for root alone."""
        return self.data / "appliance"

    @property
    def record(self) -> Path:
        """Which version wrote the data last."""
        return self.kept / "record.json"

    @property
    def instance(self) -> Path:
        """The settings of the last seed, without its secrets."""
        return self.kept / "instance.json"

    @property
    def first_start(self) -> Path:
        """The secrets of the first seed, until the Manager has used them."""
        return self.kept / "first-start.json"

    @property
    def host_keys(self) -> Path:
        """The SSH server's keys."""
        return self.kept / "ssh"

    @property
    def databases(self) -> Path:
        """The folder of PostgreSQL's cluster."""
        return self.data / "postgresql"

    @property
    def backups(self) -> Path:
        """Copies made before an upgrade."""
        return self.data / "backups"

    @property
    def run(self) -> Path:
        """What is true for this start only."""
        return self.root / "run/flexvdi/appliance"

    @property
    def state(self) -> Path:
        """What the consoles show."""
        return self.run / "state.json"

    @property
    def environment(self) -> Path:
        """What the Manager's unit is told."""
        return self.run / "manager.environment"
