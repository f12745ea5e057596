"""The one exception that is meant for a person's eyes."""

from __future__ import annotations


class Failure(Exception):
    """Something a person must be told: what went wrong, what to do, where to look.

    ``cause`` is one sentence in the reader's terms; ``remedy`` says what to do about it;
    ``log`` names the file that holds the details; ``where`` is ``file:line`` (or a field's
    path) for what a person wrote. None of them may contain a secret.
    """

    def __init__(
        self, cause: str, remedy: str = "", *, log: str = "", where: str = "", details: str = ""
    ) -> None:
        """Keep the parts apart so that every front end can lay them out in its own way."""
        super().__init__(cause)
        self.cause = cause
        self.remedy = remedy
        self.log = log
        self.where = where
        self.details = details

    def __str__(self) -> str:
        """One line, as command lines print it: ``where: cause Remedy``."""
        prefix = f"{self.where}: " if self.where else ""
        tail = f" {self.remedy}" if self.remedy else ""
        return f"{prefix}{self.cause}{tail}"

    def as_dict(self) -> dict[str, str]:
        """The parts that are set, for JSON reports and event streams."""
        parts = {
            "cause": self.cause,
            "remedy": self.remedy,
            "log": self.log,
            "where": self.where,
            "details": self.details,
        }
        return {name: text for name, text in parts.items() if text}


class WrongArgument(Failure):
    """A word of a command line that means nothing here; commands end with exit status 2."""


class Cancelled(Failure):
    """A person or a signal asked for the work to stop."""

    def __init__(self, what: str) -> None:
        """``what`` names the work that was stopped, as in "copying the image"."""
        super().__init__(f"Cancelled while {what}.", "Start again when ready.")
