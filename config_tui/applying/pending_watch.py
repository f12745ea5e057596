"""Watches for a change that waits to be kept, whoever made it, and leads the person to it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from config_tui.applying.pending_pane import PendingPane
from config_tui.applying.result_pane import done_pane, reverted_pane
from config_tui.kit.dialog import show_failure
from config_tui.kit.text import _
from config_tui.probe_lines import probe_lines
from foundation.failure import Failure

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api.network import PendingChange, Probe
    from host.jobs import JobRecord

_PROBE_EVERY = 3  # ticks
_UNDECIDED = ("running", "unconfirmed", "interrupted")


class PendingWatch:
    """Asked once a second by the screen; asks the host in the background.

    ``on_kept`` and ``on_reverted`` are set by who applied the change on this screen.
    """

    def __init__(self, application: Application) -> None:
        """Nothing is known to be pending."""
        self._application = application
        self.pending: PendingChange | None = None
        self._ending: PendingChange | None = None  # no longer pending, and not yet known how it is
        self.on_kept: Callable[[JobRecord], None] | None = None
        self.on_reverted: Callable[[], None] | None = None
        self._pane: PendingPane | None = None
        self._asking = self._probing = False
        self._ticks = 0

    @property
    def words(self) -> str:
        """What the screen's second line says of it; empty when nothing is pending."""
        if self.pending is None:
            return ""
        seconds = max(0, math.ceil(self.pending.seconds_left))
        return _("a change goes back in {seconds} s").format(seconds=seconds)

    def tick(self) -> None:
        """Look whether something is pending, and how the network is while it is."""
        application = self._application
        self._ticks += 1
        if not self._asking:
            self._asking = True
            application.tasks.start(application.host.pending, self._found, self._not_found)
        if self._pane is not None and not self._probing and self._ticks % _PROBE_EVERY == 1:
            self._probing = True
            actor = application.actor
            application.tasks.start(
                lambda: application.host.network.test(actor), self._probed, self._not_probed
            )

    def _found(self, pending: PendingChange | None) -> None:
        self._asking = False
        application = self._application
        before, self.pending = self.pending, pending
        if pending is not None:
            if self._pane is not None and self._is_shown:
                self._pane.show(pending)
            elif application.stack.top is None and not application.hub.in_pane:
                self.open()
        elif (ending := before or self._ending) is not None:
            self._ending = None
            self._over(ending)
        application.refresh_lines()

    def _not_found(self, _failure: Failure) -> None:
        self._asking = False  # the status says what is wrong with the host

    def _probed(self, probes: tuple[Probe, ...]) -> None:
        self._probing = False
        if self._pane is not None:
            self._pane.show_probes(probes)

    def _not_probed(self, _failure: Failure) -> None:
        self._probing = False

    @property
    def _is_shown(self) -> bool:
        hub = self._application.hub
        return hub.in_pane and getattr(hub.pane, "page", None) is self._pane

    def open(self) -> None:
        """Show the countdown."""
        if self.pending is None:
            return
        pane = PendingPane(
            self.pending, on_keep=self._keep, on_revert=self._revert, lines_of=probe_lines
        )
        self._pane = pane
        self._ticks = 0
        self._application.show(lambda: pane)

    def _keep(self) -> None:
        self._decide(_("Keeping the change ..."), self._application.host.confirm)

    def _revert(self) -> None:
        self._decide(_("Putting the old configuration back ..."), self._application.host.revert)

    def _decide(self, words: str, call: Callable[..., JobRecord]) -> None:
        application = self._application

        def decided(_record: JobRecord) -> None:
            self.tick()

        def failed(failure: Failure) -> None:
            if self._pane is not None:
                self._pane.decide("")
            show_failure(application.stack, failure)
            self.tick()

        def go() -> None:
            actor = application.actor
            if self._pane is not None:
                self._pane.decide(words)
            application.tasks.start(lambda: call(actor), decided, failed)

        if application.user is None:
            application.log_in(go)
        else:
            go()

    def _over(self, before: PendingChange) -> None:
        """It was kept or went back: the job says which."""
        application = self._application

        def found(record: JobRecord) -> None:
            if record.state in _UNDECIDED:  # somebody is at it right now: look again at a tick
                self._ending = before
            else:
                self._ended(record)

        application.tasks.start(lambda: application.host.job(before.job), found, self._not_found)

    def _ended(self, record: JobRecord) -> None:
        application = self._application
        shown, self._pane = self._is_shown, None
        on_kept, on_reverted = self.on_kept, self.on_reverted
        self.on_kept = self.on_reverted = None
        application.look()
        kept = record.state == "done"
        if kept and on_kept is not None:
            on_kept(record)
        elif not kept and on_reverted is not None:
            on_reverted()
        elif shown and kept:
            words = _("The change is kept.")
            application.show(lambda: done_pane(record, "flexvdi-config confirm", self._home, words))
        elif shown:
            application.show(lambda: reverted_pane(self._home))

    def _home(self) -> None:
        self._application.hub.leave()
