"""How the conductor speaks: states and lines for the consoles and the log, and the report."""

from __future__ import annotations

import logging
from threading import Event

from installer.engine.events import Choice, FailureText, LogEvent, State, StateEvent
from installer.engine.hub import Hub
from installer.engine.machinery import Record
from installer.report import make_report, post_report

log = logging.getLogger("flexvdi.installer")


class Voice:
    """Speaks through ``hub``, which masks secrets, and into the log, which masks them too."""

    def __init__(self, hub: Hub) -> None:
        """Say nothing yet."""
        self._hub = hub

    def say(self, line: str) -> None:
        """A line for people."""
        log.info("%s", line)
        level = "warning" if line.startswith("Warning") else "info"
        self._hub.publish(LogEvent(text=line, level=level))

    def state(
        self,
        state: State,
        headline: str,
        *,
        failure: FailureText | None = None,
        choices: tuple[Choice, ...] = (),
        open_shell: bool = False,
    ) -> None:
        """Enter a state."""
        log.info("state %s: %s", state, headline)
        self._hub.publish(
            StateEvent(
                state=state,
                headline=headline,
                failure=failure,
                choices=choices,
                open_shell=open_shell,
            )
        )

    def report(
        self, record: Record, url: str, failure: FailureText | None, step: str, verify_tls: bool
    ) -> None:
        """POST the report to ``url``; that nobody takes it is only told."""
        self.say("Sending the report")
        report = make_report(
            started=record.started,
            answers=self._hub.redact(record.answers),
            machine=record.machine,
            plan=record.plan,
            layout=record.layout,
            manifest=record.manifest,
            release=record.release,
            steps=record.seconds,
            failed_step=step,
            failure=self._hub.masked_failure(failure) if failure else None,
        )
        post_report(report, url, say=self.say, pause=Event().wait, verify_tls=verify_tls)
