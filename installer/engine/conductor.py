"""The story of an installation, from looking for answers to the reboot, told once, top-down.

It runs in one thread. Consoles reach it through :meth:`Conductor.handle` (on their own threads):
they ask for the machine, have a plan checked, and decide where a decision is offered.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

from foundation.atomic_file import write_atomically
from foundation.failure import Cancelled, Failure
from installer.answers.find import (
    find_answers,
    locations_asked_for,
)
from installer.answers.locations import HttpLocation, Location, parse_location
from installer.engine.commands import Command
from installer.engine.decisions import Decision, Decisions
from installer.engine.desk import Desk
from installer.engine.events import (
    Choice,
    CountdownEvent,
    FailureText,
    PlanEvent,
)
from installer.engine.hub import Hub
from installer.engine.interruption import RESTARTS, Interruption, interruption_in, read_plan
from installer.engine.journal import Journal
from installer.engine.machinery import Machinery, PowerAction, Record
from installer.engine.plan_secrets import secrets_in
from installer.engine.settings import Settings, read_settings
from installer.engine.step import Step
from installer.engine.voice import Voice
from installer.engine.walk import StepStopped, announce, walk
from installer.machine.model import Machine
from installer.network_devices import find_network_devices
from kickstart.install_plan import InstallPlan, Logging

log = logging.getLogger("flexvdi.installer")

FINISHED = "Installation finished"
FAILED = "Installation failed"
SCREENS = "the installer's screens"
_POWER_ACTIONS: dict[str, PowerAction] = {
    "reboot": "reboot",
    "poweroff": "poweroff",
    "halt": "halt",
}
POWER: tuple[Choice, ...] = ("reboot", "poweroff")
CHOICES_WITHOUT_ANSWERS: tuple[Choice, ...] = (
    "retry", "edit-answers", "interactive", "shell", "save-logs", *POWER,
)  # fmt: skip
CHOICES_WHEN_REFUSED: tuple[Choice, ...] = (
    "retry", "edit-answers", "interactive", "start-over", "shell", "save-logs", *POWER,
)  # fmt: skip
CHOICES_WHEN_STOPPED: tuple[Choice, ...] = ("retry", "start-over", "shell", "save-logs", *POWER)
CHOICES_AFTER_DEFECT: tuple[Choice, ...] = ("start-over", "shell", "save-logs", *POWER)
CHOICES_WHEN_DONE: tuple[Choice, ...] = ("reboot", "poweroff", "shell", "save-logs")


@dataclass(frozen=True)
class Task:
    """An installation to carry out; ``confirmed`` when a person has seen what it erases."""

    plan: InstallPlan
    source: str
    unattended: bool
    confirmed: bool


class Conductor:
    """Leads one installation; ``folder`` is where plan, journal and log lie in the live system."""

    def __init__(
        self, machinery: Machinery, hub: Hub, folder: Path, log_path: Path, kickstart: str = ""
    ) -> None:
        """``kickstart`` is a place to take answers from instead of what the kernel line names."""
        self._machinery = machinery
        self._hub = hub
        self._folder = folder
        self._log_path = log_path
        self._journal = Journal(folder / "journal.jsonl")
        self._decisions = Decisions()
        self._cancel = Event()
        self._settings: Settings = read_settings(machinery.command_line)
        self._voice = Voice(hub)
        self._desk = Desk(machinery, hub, self._decisions, self._cancel, folder, self._voice.say)
        self._asked_for = (kickstart,) if kickstart else None
        self._record = Record()
        self.idle = Event()
        """Set while nothing is being done to the machine."""

    # --- the story ---

    def conduct(self) -> None:
        """All of it; returns once the machine is about to go down, or a rescue was asked for."""
        interruption = interruption_in(self._journal)
        self._journal.write("engine-started")
        turn: Callable[[], Task | None] = self._obtain
        if interruption is not None:
            turn = partial(self._resume, interruption)
        while (task := self._guarded(turn)) is not None:
            turn = partial(self._install, task)

    def _guarded(self, turn: Callable[[], Task | None]) -> Task | None:
        """Take a turn; a defect of ours in it is shown like any failure instead of ending all."""
        try:
            return turn()
        except Exception as error:  # an engine that ended would leave its consoles with nothing
            log.exception("an unexpected error")
            failure = Failure(
                f"The installer met an error that is a defect of its own: {type(error).__name__}.",
                "Save the logs and report it; starting over may help.",
                log=str(self._log_path),
            )
            decision = self._fail(failure, CHOICES_AFTER_DEFECT, unattended=True)
            return (
                self._obtain() if decision.choice == "start-over" else self._power(decision.choice)
            )

    def _resume(self, interruption: Interruption) -> Task | None:
        """Go on after the engine itself died: begin the steps anew, which ends in the same state.

        Everything the steps do is idempotent, and what was half done is found by probing again.
        """
        self._voice.say("The installer's engine was interrupted and starts again.")
        try:
            plan = read_plan(self._folder)
        except Failure as failure:
            if interruption.ended == "finished":
                return self._wait_at_the_end()
            decision = self._fail(failure, CHOICES_AFTER_DEFECT, unattended=False)
            return (
                self._obtain() if decision.choice == "start-over" else self._power(decision.choice)
            )
        self._hub.keep_secret(secrets_in(plan))
        task = Task(plan, interruption.source, interruption.unattended, True)
        if interruption.ended == "finished":
            return self._end(task)
        if interruption.restarts < RESTARTS and interruption.ended is None:
            return task
        return self._leave_failure(
            Failure(
                f"The installer's engine was interrupted {interruption.restarts} times "
                f"while installing, last in the step “{interruption.step}”."
                if interruption.ended is None
                else interruption.cause,
                "Look at the log; Retry begins the steps anew.",
                log=str(self._log_path),
            ),
            CHOICES_WHEN_STOPPED,
            task,
        )

    def _obtain(self) -> Task | None:
        """Find the answers, or have a person give them; None when the machine goes down."""
        self._record = Record()
        locations: tuple[Location, ...] | None = None
        while True:
            asked_for = True
            self._cancel.clear()
            try:
                self._voice.state("waiting", "Looking at this machine")
                self._probe()
                self._voice.state("waiting", "Looking for a kickstart", choices=("cancel",))
                if locations is None:
                    locations = self._locations()
                asked_for = bool(locations)
                return self._read_answers(locations) or self._ask_person()
            except Failure as failure:
                problem = failure
            decision = self._fail(problem, CHOICES_WITHOUT_ANSWERS, unattended=asked_for)
            match decision.choice:
                case "edit-answers":
                    locations = (parse_location(decision.argument),)
                case "interactive":
                    return self._ask_person()
                case "reboot" | "poweroff" | "halt":
                    return self._power(decision.choice)

    def _locations(self) -> tuple[Location, ...]:
        if self._asked_for is not None:
            return tuple(parse_location(text) for text in self._asked_for)
        return locations_asked_for(self._machinery.command_line)

    def _read_answers(self, locations: tuple[Location, ...]) -> Task | None:
        for location in locations:
            if isinstance(location, HttpLocation) and location.password:
                self._hub.keep_secret((location.password,))
        machine = self._probe()
        fetcher = self._machinery.fetcher(machine, self._voice.say, self._cancel)
        answers = find_answers(locations, fetcher)
        if answers is None:
            return None
        self._record.answers = answers.location
        self._voice.say(f"Reading the kickstart {answers.location}")
        if answers.path is not None:
            path = answers.path
        else:
            path = self._folder / "ks.cfg"
            write_atomically(path, answers.content, 0o600)
        plan = self._machinery.read_kickstart(path, answers.origin, self._voice.say, self._cancel)
        return Task(plan, answers.location, unattended=True, confirmed=False)

    def _ask_person(self) -> Task | None:
        """Have the screens ask; they send a plan, or another place to find answers at."""
        with self._decisions.offering(frozenset({"start", "edit-answers", *POWER})):
            self._voice.state("answering", "Answer the questions to install", choices=POWER)
            decision = self._decisions.wait()
        assert decision is not None
        if decision.choice == "start":
            assert decision.plan is not None
            self._record.answers = SCREENS
            return Task(decision.plan, SCREENS, unattended=False, confirmed=True)
        if decision.choice == "edit-answers":
            self._asked_for = (decision.argument,)
            return self._obtain()
        return self._power(decision.choice)

    def _install(self, task: Task) -> Task | None:
        """Check, confirm, walk the steps, finish. Returns the next task after a start over."""
        plan = task.plan
        self._hub.keep_secret(secrets_in(plan))
        self._record.plan = plan
        if plan.logging is not None:
            self._forward_log(plan.logging)
        if plan.rescue:
            self._voice.state("rescue", "The kickstart asks for a rescue session")
            return None
        for note in plan.notes:
            self._voice.say(f"{note.where}: {note.text}" if note.where else note.text)
        self._cancel.clear()
        try:
            machine = self._probe()
            plan = find_network_devices(plan, machine, self._machinery.command_line)
            self._record.plan = plan
            examination = self._machinery.examine(plan, machine)
            examination.raise_first()
            assert examination.layout is not None
            self._record.layout = examination.layout
            self._hub.publish(
                PlanEvent(
                    source=task.source,
                    unattended=task.unattended,
                    preview=examination.preview,
                    notes=tuple(note.text for note in plan.notes),
                )
            )
            context, steps = self._machinery.prepare(
                plan, machine, examination.layout, self._cancel, self._record
            )
            announce(steps, self._hub)
            if not task.confirmed:
                self._confirm()
        except Failure as failure:
            return self._leave_failure(failure, CHOICES_WHEN_REFUSED, task)
        self._keep_plan(plan)
        first = 0
        while True:
            self._cancel.clear()
            self._journal.write(
                "installation-started", source=task.source, unattended=task.unattended
            )
            self._voice.state("installing", "Installing flexVDI", choices=("cancel",))
            self.idle.clear()
            try:
                walk(
                    steps,
                    context,
                    hub=self._hub,
                    journal=self._journal,
                    log_path=self._log_path,
                    seconds=self._record.seconds,
                    first=first,
                )
                self.idle.set()
                return self._finish(task)
            except StepStopped as stopped:
                self.idle.set()
                decision = self._stopped(stopped, steps, task)
                if decision.choice == "retry":
                    first = stopped.index
                    continue
                return self._after_failure(decision, task)

    def _confirm(self) -> None:
        """Show what will be erased and count down; raises Cancelled when a person objects."""
        offered: tuple[Choice, ...] = ("continue", "cancel")
        with self._decisions.offering(frozenset(offered)):
            self._voice.state("confirming", "Installing by the kickstart", choices=offered)
            for left in range(self._settings.countdown, 0, -1):
                self._hub.publish(CountdownEvent(seconds=left))
                decision = self._decisions.wait(1.0)
                if decision is not None and decision.choice == "continue":
                    return
                if decision is not None or self._cancel.is_set():
                    raise Cancelled("counting down; nothing was written to a disk")

    def _stopped(self, stopped: StepStopped, steps: tuple[Step, ...], task: Task) -> Decision:
        """A step did not end well: tell, run %onerror, report, and wait for a decision."""
        step = steps[stopped.index]
        written = any(step.destructive for step in steps[: stopped.index + 1])
        self._journal.write(
            "installation-ended",
            result="failed",
            step=step.name,
            cause=self._hub.redact(stopped.failure.cause),
        )
        what = "the disks were already changed" if written else "nothing was written to a disk"
        return self._fail(
            stopped.failure,
            CHOICES_WHEN_STOPPED,
            unattended=task.unattended,
            headline=f"{FAILED} in the step “{step.title}”; {what}",
            step=step.name,
        )

    def _finish(self, task: Task) -> Task | None:
        self._journal.write("installation-ended", result="finished")
        self._post(None, "")
        return self._end(task)

    def _end(self, task: Task) -> Task | None:
        """Do what the answers say comes after a finished installation, visibly."""
        plan = task.plan
        if plan.finish == "wait" or not task.unattended:
            return self._wait_at_the_end(plan.eject)
        offered: tuple[Choice, ...] = ("continue", "cancel")
        words = {"reboot": "rebooting", "poweroff": "switching off", "halt": "halting"}
        with self._decisions.offering(frozenset(offered)):
            self._voice.state("finished", f"{FINISHED}; {words[plan.finish]}", choices=offered)
            for left in range(self._settings.last_look, 0, -1):
                self._hub.publish(CountdownEvent(seconds=left))
                decision = self._decisions.wait(1.0)
                if decision is not None and decision.choice == "continue":
                    break
                if decision is not None:
                    return self._wait_at_the_end(plan.eject)
        return self._power(plan.finish, plan.eject)

    def _wait_at_the_end(self, eject: bool = False) -> Task | None:
        with self._decisions.offering(frozenset(CHOICES_WHEN_DONE)):
            self._voice.state("finished", FINISHED, choices=CHOICES_WHEN_DONE)
            decision = self._decisions.wait()
        assert decision is not None
        return self._power(decision.choice, eject)

    # --- failures ---

    def _leave_failure(
        self, failure: Failure, choices: tuple[Choice, ...], task: Task
    ) -> Task | None:
        decision = self._fail(failure, choices, unattended=task.unattended)
        return self._after_failure(decision, task)

    def _after_failure(self, decision: Decision, task: Task) -> Task | None:
        match decision.choice:
            case "retry":
                return task
            case "start-over":
                return self._obtain()
            case "interactive":
                return self._ask_person()
            case "edit-answers":
                self._asked_for = (decision.argument,)
                return self._obtain()
        return self._power(decision.choice)

    def _fail(
        self,
        failure: Failure,
        choices: tuple[Choice, ...],
        *,
        unattended: bool,
        headline: str = FAILED,
        step: str = "",
    ) -> Decision:
        """Show ``failure``, run %onerror, report it, do as ``inst.onerror=`` says, or wait."""
        log.error("%s: %s\n%s", headline, failure, failure.details)
        text = FailureText.of(failure)
        cancelled = isinstance(failure, Cancelled)
        self._voice.state("failed", headline, failure=text)
        if self._record.plan is not None and not cancelled:
            self._run_error_scripts(self._record.plan)
        self._post(text, step)
        on_error = self._settings.on_error if unattended and not cancelled else None
        with self._decisions.offering(frozenset(choices)):
            self._voice.state(
                "failed", headline, failure=text, choices=choices, open_shell=on_error == "shell"
            )
            if on_error in ("reboot", "halt"):
                self._voice.say(f"inst.onerror={on_error}: in {self._settings.last_look} s")
                decision = self._decisions.wait(self._settings.last_look)
                return decision or Decision(on_error)
            decision = self._decisions.wait()
        assert decision is not None
        return decision

    def _run_error_scripts(self, plan: InstallPlan) -> None:
        try:
            self._machinery.run_error_scripts(plan, self._voice.say)
        except Failure as failure:
            self._voice.say(f"Warning: {failure}")

    def _post(self, failure: FailureText | None, step: str) -> None:
        plan = self._record.plan
        url = (plan.addon.report_url if plan else None) or self._settings.report_url
        if url:
            self._voice.report(self._record, url, failure, step, self._settings.verify_tls)

    def handle(self, command: Command) -> Any:
        """Do what a console asks; called on the console's thread."""
        return self._desk.handle(command)

    # --- small things ---

    def _probe(self) -> Machine:
        machine = self._machinery.probe()
        self._desk.machine = machine
        self._record.machine = machine
        return machine

    def _keep_plan(self, plan: InstallPlan) -> None:
        write_atomically(self._folder / "plan.json", plan.model_dump_json(), 0o600)

    def _forward_log(self, logging: Logging) -> None:
        try:
            self._machinery.forward_log(logging.host, logging.port)
        except OSError as error:
            self._voice.say(f"Warning: the log cannot go to {logging.host}: {error}")

    def _power(self, action: str, eject: bool = False) -> Task | None:
        """Go down; there is no next task."""
        self._journal.write("power", action=action)
        self._machinery.power(_POWER_ACTIONS[action], eject)
        return None
