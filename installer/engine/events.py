"""What the engine tells its clients: JSON objects, one a line, over a unix socket.

The protocol, version 1. A client connects to ``/run/flexvdi/installer.sock`` (mode 0600, so root
only) and at once gets one ``status`` event: everything that is known at that moment. Every change
after it comes as one of the smaller events; folding them into the status with :func:`after` gives
the same value that the engine holds, so a console that crashed and came back shows what the others
show. Lines have the form ``{"event": NAME, …}``:

=================  ================================================================================
``status``         the whole :class:`Status`; first on every connection
``state``          the installation entered a state; carries headline, choices, failure
``plan``           the answers were read: where from, what will be erased and created, the notes
``steps``          the steps about to be walked, in order, with their titles and weights
``countdown``      seconds left until writing (or rebooting) begins; null when it was stopped
``step-started``   a step began
``progress``       bytes done and in all, bytes per second, seconds left, overall share (0 to 1)
``step-finished``  a step ended well, after so many seconds
``step-failed``    a step did not
``log``            a line of the log, with its level
``reply``          the answer to one command of this client; never folded into the status
=================  ================================================================================

States: ``waiting`` (looking for answers) → ``answering`` (a person is asked) or directly →
``confirming`` (what will be erased is shown, a countdown may run) → ``installing`` →
``finished`` or ``failed``. ``failed`` can also follow ``waiting`` (answers asked for, not got) and
leads back by the choices it offers. ``rescue`` means that a rescue session was asked for instead.

No event carries a secret: free text passes :meth:`installer.engine.hub.Hub.publish`, which masks
what the plan holds.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from foundation.failure import Failure

PROTOCOL_VERSION = 1
KEPT_LOG_LINES = 200

State = Literal["waiting", "answering", "confirming", "installing", "failed", "finished", "rescue"]
Choice = Literal[
    "continue",
    "cancel",
    "retry",
    "edit-answers",
    "interactive",
    "start-over",
    "shell",
    "save-logs",
    "reboot",
    "poweroff",
    "halt",
]

CHOICE_TITLES: dict[Choice, str] = {
    "continue": "Continue now",
    "cancel": "Cancel",
    "retry": "Retry",
    "edit-answers": "Use another kickstart",
    "interactive": "Answer the questions here",
    "start-over": "Start over",
    "shell": "Shell",
    "save-logs": "Save logs",
    "reboot": "Reboot",
    "poweroff": "Power off",
    "halt": "Halt",
}


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FailureText(_Value):
    """A Failure as it travels; the fields are those of :class:`foundation.failure.Failure`."""

    cause: str
    remedy: str = ""
    where: str = ""
    log: str = ""
    details: str = ""

    @classmethod
    def of(cls, failure: Failure) -> FailureText:
        """The parts of ``failure``."""
        return cls(**failure.as_dict())

    def as_failure(self) -> Failure:
        """The Failure again, on the client's side."""
        return Failure(
            self.cause, self.remedy, where=self.where, log=self.log, details=self.details
        )


class StepStatus(_Value):
    """One step in the list: how far it is, and the seconds it took once finished."""

    name: str
    title: str
    weight: int = 1
    state: Literal["pending", "running", "done", "failed"] = "pending"
    seconds: float | None = None


class Progress(_Value):
    """How far the running step and the whole are.

    ``done`` and ``total`` are bytes (``total`` 0: unknown), ``rate`` bytes per second,
    ``seconds_left`` an estimate for this step, ``overall`` the share of the whole, 0 to 1.
    """

    step: str = ""
    done: int = 0
    total: int = 0
    rate: float = 0.0
    seconds_left: float | None = None
    overall: float = 0.0


class Status(_Value):
    """All that a console needs to draw itself."""

    protocol: int = PROTOCOL_VERSION
    state: State = "waiting"
    headline: str = ""
    unattended: bool = False
    source: str = ""
    preview: str = ""
    notes: tuple[str, ...] = ()
    steps: tuple[StepStatus, ...] = ()
    progress: Progress = Progress()
    countdown: int | None = None
    failure: FailureText | None = None
    choices: tuple[Choice, ...] = ()
    open_shell: bool = False
    log: tuple[str, ...] = ()


class _Event(_Value):
    free_text: ClassVar[tuple[str, ...]] = ()


class StatusEvent(_Event):
    """Everything at once; the first event of a connection."""

    event: Literal["status"] = "status"
    status: Status


class StateEvent(_Event):
    """A new state. ``open_shell`` asks the consoles for a shell (``inst.onerror=shell``)."""

    event: Literal["state"] = "state"
    state: State
    headline: str = ""
    failure: FailureText | None = None
    choices: tuple[Choice, ...] = ()
    open_shell: bool = False
    free_text: ClassVar[tuple[str, ...]] = ("headline", "failure")


class PlanEvent(_Event):
    """The answers are known. ``preview`` is what will be erased and created, for people."""

    event: Literal["plan"] = "plan"
    source: str
    unattended: bool
    preview: str = ""
    notes: tuple[str, ...] = ()
    free_text: ClassVar[tuple[str, ...]] = ("source", "preview", "notes")


class StepsEvent(_Event):
    """The steps to be walked."""

    event: Literal["steps"] = "steps"
    steps: tuple[StepStatus, ...]


class CountdownEvent(_Event):
    """Seconds left before the engine goes on by itself."""

    event: Literal["countdown"] = "countdown"
    seconds: int | None


class StepStarted(_Event):
    """A step began."""

    event: Literal["step-started"] = "step-started"
    name: str
    overall: float


class ProgressEvent(_Event):
    """The running step went on."""

    event: Literal["progress"] = "progress"
    progress: Progress


class StepFinished(_Event):
    """A step ended well; ``overall`` is the share of the whole that is done now."""

    event: Literal["step-finished"] = "step-finished"
    name: str
    seconds: float
    overall: float


class StepFailed(_Event):
    """A step failed; the ``state`` event that follows says why."""

    event: Literal["step-failed"] = "step-failed"
    name: str
    seconds: float


class LogEvent(_Event):
    """A line of the log."""

    event: Literal["log"] = "log"
    level: Literal["info", "warning", "error"] = "info"
    text: str
    free_text: ClassVar[tuple[str, ...]] = ("text",)


class ReplyEvent(_Event):
    """The answer to the command with the same ``id``: ``result``, or why not."""

    event: Literal["reply"] = "reply"
    id: int
    result: Any = None
    failure: FailureText | None = None
    free_text: ClassVar[tuple[str, ...]] = ("failure",)


Event = (
    StatusEvent
    | StateEvent
    | PlanEvent
    | StepsEvent
    | CountdownEvent
    | StepStarted
    | ProgressEvent
    | StepFinished
    | StepFailed
    | LogEvent
    | ReplyEvent
)

_EVENTS: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="event")])


def read_event(line: str | bytes) -> Event:
    """The event in one line; raises pydantic.ValidationError for what is none."""
    return _EVENTS.validate_json(line)


def after(status: Status, event: Event) -> Status:
    """The status once ``event`` happened."""
    match event:
        case StatusEvent():
            return event.status
        case StateEvent():
            return status.model_copy(
                update={
                    "state": event.state,
                    "headline": event.headline,
                    "failure": event.failure,
                    "choices": event.choices,
                    "open_shell": event.open_shell,
                    "countdown": None,
                }
            )
        case PlanEvent():
            return status.model_copy(
                update={
                    "source": event.source,
                    "unattended": event.unattended,
                    "preview": event.preview,
                    "notes": event.notes,
                }
            )
        case StepsEvent():
            return status.model_copy(update={"steps": event.steps, "progress": Progress()})
        case CountdownEvent():
            return status.model_copy(update={"countdown": event.seconds})
        case StepStarted():
            return _with_step(
                status, event.name, Progress(step=event.name, overall=event.overall), "running"
            )
        case ProgressEvent():
            return status.model_copy(update={"progress": event.progress})
        case StepFinished():
            finished = status.progress.model_copy(
                update={"overall": event.overall, "seconds_left": None}
            )
            return _with_step(status, event.name, finished, "done", event.seconds)
        case StepFailed():
            return _with_step(status, event.name, status.progress, "failed", event.seconds)
        case LogEvent():
            return status.model_copy(update={"log": (*status.log, event.text)[-KEPT_LOG_LINES:]})
        case ReplyEvent():
            return status


def _with_step(
    status: Status, name: str, progress: Progress, state: str, seconds: float | None = None
) -> Status:
    steps = tuple(
        step.model_copy(update={"state": state, "seconds": seconds}) if step.name == name else step
        for step in status.steps
    )
    return status.model_copy(update={"steps": steps, "progress": progress})
