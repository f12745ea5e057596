"""What the conductor needs from outside: the machine, the medium, the steps, the power switch.

Two things implement it: :mod:`installer.engine.real_machinery` on a real machine, and
:mod:`installer.engine.simulation`, which only pretends. Whatever decides lies in the conductor, so
that a simulated installation takes the same turns as a real one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Literal, Protocol

from foundation.failure import Failure
from foundation.image_release import ImageRelease
from foundation.kernel_command_line import KernelCommandLine
from foundation.manifest import Manifest
from installer.answers.fetch import Fetcher
from installer.engine.step import InstallContext, Step
from installer.machine.model import Machine
from installer.storage.layout import Layout
from kickstart.install_plan import InstallPlan

Say = Callable[[str], None]
PowerAction = Literal["reboot", "poweroff", "halt"]


@dataclass
class Record:
    """What the report is made of, gathered while the installation goes on."""

    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    answers: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    machine: Machine | None = None
    plan: InstallPlan | None = None
    layout: Layout | None = None
    manifest: Manifest | None = None
    release: ImageRelease | None = None


@dataclass(frozen=True)
class Examination:
    """A plan against a machine: what is wrong with it, or the layout it comes to."""

    failures: tuple[Failure, ...]
    layout: Layout | None = None
    preview: str = ""

    def raise_first(self) -> None:
        """Raise the first failure, if there is one; its details tell the others."""
        if self.failures:
            first, *others = self.failures
            known = [first.details] if first.details else []
            first.details = "\n".join([*known, *(str(other) for other in others)])
            raise first


class Machinery(Protocol):
    """The ways from the conductor to the machine. All raise Failure."""

    @property
    def command_line(self) -> KernelCommandLine:
        """The kernel's command line."""

    def probe(self) -> Machine:
        """Look at the machine as it is now."""

    def fetcher(self, machine: Machine, say: Say, cancel: Event) -> Fetcher:
        """How to fetch answers here."""

    def read_kickstart(self, path: Path, origin: str, say: Say, cancel: Event) -> InstallPlan:
        """Run the %pre scripts of the kickstart at ``path`` and read it to the end.

        ``origin`` is the URL it came from; includes are relative to it.
        """

    def examine(self, plan: InstallPlan, machine: Machine) -> Examination:
        """Check ``plan`` against ``machine``; writes nothing."""

    def unpacked_size(self) -> int:
        """What the medium's image needs on a disk, in bytes."""

    def prepare(
        self, plan: InstallPlan, machine: Machine, layout: Layout, cancel: Event, record: Record
    ) -> tuple[InstallContext, tuple[Step, ...]]:
        """Everything that walking the steps needs."""

    def run_error_scripts(self, plan: InstallPlan, say: Say) -> None:
        """Run %onerror."""

    def forward_log(self, host: str, port: int) -> None:
        """Send the log to a syslog server from now on."""

    def power(self, action: PowerAction, eject: bool) -> None:
        """Reboot or switch off, ejecting the medium first if asked to."""
