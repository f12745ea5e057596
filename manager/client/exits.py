"""How managerctl ends: one exit status for each kind of trouble that a script may deal with."""

from __future__ import annotations

from foundation.command_line import EXIT_CANCELLED, EXIT_FAILED, EXIT_OK, EXIT_USAGE
from foundation.failure import Failure

EXIT_NO_ACCESS = 3
EXIT_NOT_THERE = 4
EXIT_WRONG_STATE = 5
EXIT_UNREACHABLE = 6
EXIT_NOT_TRUSTED = 7
EXIT_TASK_FAILED = 8


class NoAccess(Failure):
    """Nobody is signed in, or who is may not do this."""


class NotThere(Failure):
    """There is no such thing."""


class WrongState(Failure):
    """The thing is in a state that does not allow it."""


class Unreachable(Failure):
    """The Manager does not answer, or cannot just now."""


class NotTrusted(Failure):
    """What answers is not the Manager that was connected to."""


class TaskFailed(Failure):
    """The Manager took the task on, and it failed or was cancelled."""


STATUS_OF: dict[type[Failure], int] = {
    NoAccess: EXIT_NO_ACCESS,
    NotThere: EXIT_NOT_THERE,
    WrongState: EXIT_WRONG_STATE,
    Unreachable: EXIT_UNREACHABLE,
    NotTrusted: EXIT_NOT_TRUSTED,
    TaskFailed: EXIT_TASK_FAILED,
}

# As `flexvdi-managerctl --help` and docs/administrators/managerctl.md have them.
MEANINGS: dict[int, str] = {
    EXIT_OK: "it worked",
    EXIT_FAILED: "the Manager refused, or something went wrong",
    EXIT_USAGE: "a word of the command line means nothing here",
    EXIT_NO_ACCESS: "not signed in, or not allowed",
    EXIT_NOT_THERE: "there is no such thing",
    EXIT_WRONG_STATE: "its state does not allow this now",
    EXIT_UNREACHABLE: "the Manager does not answer",
    EXIT_NOT_TRUSTED: "what answers is not the Manager that was connected to",
    EXIT_TASK_FAILED: "the task failed or was cancelled",
    EXIT_CANCELLED: "cancelled with Ctrl-C; a task that had begun goes on",
}
