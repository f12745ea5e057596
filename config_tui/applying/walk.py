"""The way of one application of changes, from the plan to its end."""

from __future__ import annotations

from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from config_tui.applying.plan_pane import Consent, nothing_to_do, plan_pane
from config_tui.applying.progress_pane import ProgressPane
from config_tui.applying.result_pane import done_pane, failed_pane, reverted_pane
from config_tui.equivalent import command_for
from foundation.failure import Failure

if TYPE_CHECKING:
    from typing import Any

    from config_tui.application import Application
    from host.document.model import HostDocument
    from host.jobs import JobEvent, JobRecord
    from host.plan import Plan


class Walk:
    """One application of what is staged on a screen."""

    def __init__(self, application: Application) -> None:
        """Nothing is asked of the host yet."""
        self._application = application
        self._cancel = Event()
        self._command = ""

    def start(self) -> None:
        """Look what is in force now, plan, and show the plan."""
        application = self._application
        host = application.host

        def work() -> tuple[HostDocument, Plan]:
            current = host.document()
            application.tasks.call(lambda: application.take_document(current))
            return current, host.plan(self._wanted(current))

        application.show(lambda: application.loading(work, self._planned))

    def _wanted(self, current: HostDocument) -> HostDocument:
        """What is staged, carried over to the document now in force."""
        from host.document.differences import carry_over

        staging = self._application.staging
        base = staging.in_force
        if base is None or base == current:
            return staging.wanted if base is not None else current
        return carry_over(base, staging.wanted, current)

    def _planned(self, found: tuple[HostDocument, Plan]) -> Any:
        _current, plan = found
        if plan.is_empty:
            return nothing_to_do(self._back)
        status = self._application.status
        management = status.management if status is not None else None
        return plan_pane(
            plan,
            management=management or "",
            on_apply=lambda consent: self._apply(plan, consent),
            on_back=self._back,
        )

    def _apply(self, plan: Plan, consent: Consent) -> None:
        application = self._application
        self._command = command_for(application.staging.differences, consent.erase)
        actor = application.actor
        pane = ProgressPane(self._cancel.set)
        application.show(lambda: pane)

        def on_event(event: JobEvent) -> None:
            application.tasks.call(lambda: pane.on_event(event))

        application.tasks.start(
            lambda: application.host.apply(
                plan.document,
                actor,
                on_event,
                self._cancel,
                erase=consent.erase,
                confirm_timeout=consent.countdown,
                acknowledge=consent.acknowledged,
            ),
            lambda record: self._applied(plan, record),
            self._failed,
        )

    def _applied(self, plan: Plan, record: JobRecord | None) -> None:
        application = self._application
        if record is not None and record.state == "unconfirmed":
            watch = application.pending_watch
            watch.on_kept = lambda kept: self._done(plan, kept)
            watch.on_reverted = lambda: application.show(lambda: reverted_pane(self._back))
            application.hub.leave()  # the countdown takes the place of the progress
            watch.tick()
            return
        self._done(plan, record)

    def _done(self, plan: Plan, record: JobRecord | None) -> None:
        application = self._application
        application.staging.discard()
        application.take_document(plan.document)
        application.look()
        application.show(lambda: done_pane(record, self._command, self._back))

    def _failed(self, failure: Failure) -> None:
        application = self._application
        application.look()
        has_support = any(page.name == "support" for page in application.navigation.pages)
        bundle = partial(application.go, "support-bundle") if has_support else None
        application.show(lambda: failed_pane(failure, on_back=self._back, on_bundle=bundle))

    def _back(self) -> None:
        self._application.go("changes")
