"""Jobs: what was applied, when, by whom, and how it ended; what was interrupted can be ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.flows import ask_host, tell_done
from config_tui.kit.dialog import tell
from config_tui.kit.said import said
from config_tui.kit.table import Column, Row
from config_tui.kit.text import N_, _
from config_tui.listing import listing
from config_tui.page import Action, Page
from config_tui.pages.manager.working import work_and_tell

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.jobs import JobRecord


def _open(application: Application) -> Any:
    return application.loading(application.host.jobs, lambda found: _table(application, found))


def _table(application: Application, jobs: tuple[JobRecord, ...]) -> Any:
    from datetime import datetime

    columns = [
        Column(_("Job"), least=3, right=True),
        Column(_("State"), least=8),
        Column(_("Started"), least=11),
        Column(_("By"), least=6),
        Column(_("What"), least=8, optional=True),
    ]
    rows = [
        Row(
            job.id,
            (
                job.id,
                said(job.state),
                f"{datetime.fromtimestamp(job.started):%m-%d %H:%M}",
                job.who,
                said(job.title),
            ),
        )
        for job in jobs
    ]
    return listing(
        application,
        columns,
        rows,
        _ACTIONS,
        empty=_("Nothing was applied yet."),
        opens=_ACTIONS[0],
    )


def _show(application: Application, key: str) -> None:
    def shown(job: JobRecord) -> None:
        lines = [said(job.title), f"{_('State')}: {said(job.state)}", f"{_('By')}: {job.who}", ""]
        lines += [f"• {step}" for step in job.done]
        lines += [f"{name}: {said(text)}" for name, text in job.failure.items()]
        tell(application.stack, _("Job {job}").format(job=key), "\n".join(lines))

    if key:
        ask_host(application, _("Please wait ..."), lambda: application.host.job(key), shown)


def _resume(application: Application, key: str) -> None:
    actor = application.actor
    if key:
        work_and_tell(
            application,
            _("Job {job} goes on").format(job=key),
            lambda on_event, cancel: application.host.resume(key, actor, on_event, cancel),
            f"flexvdi-config job resume {key}",
            PAGE.name,
        )


def _rollback(application: Application, key: str) -> None:
    actor = application.actor
    _end(application, key, "rollback", lambda: application.host.rollback(key, actor))


def _end(application: Application, key: str, verb: str, call: Any) -> None:
    def done(record: JobRecord | None) -> None:
        state = said(record.state) if record is not None else _("done")
        words = _("Job {job} is {state}.").format(job=key, state=state)
        tell_done(application, words, f"flexvdi-config job {verb} {key}")
        application.rebuild()

    if key:
        ask_host(application, _("Please wait ..."), call, done)


_ACTIONS = (
    Action(N_("Show"), "job show", _show),
    Action(N_("Resume"), "job resume", _resume),
    Action(N_("Roll back"), "job rollback", _rollback),
)

PAGE = Page(
    name="support-jobs",
    title=N_("Jobs"),
    rank=30,
    preview=_open,
    open=_open,
    verbs=("job list",),
    actions=_ACTIONS,
)
