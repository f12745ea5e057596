"""Where consoles are served while the conductor works: they ask, check, decide and cancel.

Everything here runs on the thread of the console that asks, beside the conductor's own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

from installer.answers.locations import parse_location
from installer.engine.commands import (
    CancelCommand,
    CheckCommand,
    ChooseCommand,
    Command,
    MachineCommand,
    StartCommand,
)
from installer.engine.decisions import Decision, Decisions
from installer.engine.events import FailureText
from installer.engine.hub import Hub
from installer.engine.machinery import Examination, Machinery
from installer.engine.plan_secrets import secrets_in
from installer.log_saving import save_logs
from installer.machine.model import Machine
from kickstart.install_plan import InstallPlan


class Desk:
    """Answers the commands of all consoles. ``machine`` is what the conductor probed last."""

    def __init__(
        self,
        machinery: Machinery,
        hub: Hub,
        decisions: Decisions,
        cancel: Event,
        folder: Path,
        say: Callable[[str], None],
    ) -> None:
        """Share ``decisions`` and ``cancel`` with the conductor; ``folder`` holds the logs."""
        self._machinery = machinery
        self._hub = hub
        self._decisions = decisions
        self._cancel = cancel
        self._folder = folder
        self._say = say
        self.machine: Machine | None = None

    def handle(self, command: Command) -> Any:
        """Do what is asked and return the reply's result; raises Failure."""
        match command:
            case MachineCommand():
                return {
                    "machine": self._known_machine().model_dump(mode="json"),
                    "unpacked_size": self._machinery.unpacked_size(),
                }
            case CheckCommand():
                return self._check(command.plan)
            case StartCommand():
                self._examine(command.plan).raise_first()
                return self._decisions.take(Decision("start", plan=command.plan))
            case ChooseCommand():
                return self._choose(command)
            case CancelCommand():
                return self._cancel.set()

    def _choose(self, command: ChooseCommand) -> Any:
        busy = self._hub.status.state in ("waiting", "installing")
        match command.choice:
            case "save-logs":
                place = save_logs(self._folder, command.argument, self._hub.redact)
                self._say(f"The logs were saved: {place}")
                return place
            case "cancel" if busy:
                return self._cancel.set()
            case "edit-answers":
                parse_location(command.argument)
        return self._decisions.take(Decision(command.choice, command.argument))

    def _check(self, plan: InstallPlan) -> dict[str, Any]:
        examination = self._examine(plan)
        return {
            "failures": [
                self._hub.masked_failure(FailureText.of(failure)).model_dump()
                for failure in examination.failures
            ],
            "preview": self._hub.redact(examination.preview),
        }

    def _examine(self, plan: InstallPlan) -> Examination:
        self._hub.keep_secret(secrets_in(plan))
        return self._machinery.examine(plan, self._known_machine())

    def _known_machine(self) -> Machine:
        machine = self.machine
        return machine if machine is not None else self._machinery.probe()
