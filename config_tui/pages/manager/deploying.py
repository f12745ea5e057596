"""Deploy: a form, what preflight finds, the plan, and the work; all of it can be gone back in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.flows import ask_host
from config_tui.kit.dialog import Button, confirm
from config_tui.kit.form import Form, Values
from config_tui.kit.panel import Panel
from config_tui.kit.text import N_, _
from config_tui.listing import action_buttons
from config_tui.manager_words import plan_lines, result_lines
from config_tui.page import Action, Page
from config_tui.pages.manager.deployment_form import fields_of, request_of, together
from config_tui.pages.manager.preflight_pane import preflight_pane
from config_tui.pages.manager.words import status_lines
from config_tui.pages.manager.working import work, work_and_tell
from foundation.failure import Failure

if TYPE_CHECKING:
    from config_tui.application import Application
    from host.api.manager import DeploymentResult, ManagerStatus, Suggestions
    from host.deployment.plan import DeploymentPlan
    from host.deployment.preflight_check import Preflight
    from host.document.deployment import DeploymentRequest

_PAGE = "manager-deploy"


def _preview(_application: Application) -> Any:
    words = _(
        "Copies the Manager's image to the storage of this host, starts it as a guest, waits "
        "until it answers, and lets this host join it. Nothing is touched before the plan has "
        "been shown."
    )
    return Panel(body=[("heading", _("Deploy")), "", words])


def _open(application: Application) -> Any:
    def build(found: tuple[ManagerStatus, Suggestions]) -> Any:
        status, suggestions = found
        if status.job is not None:
            return _half_done(application, status)
        if status.manager is not None:
            words = _("This host has a Manager already; see the page Guest.")
            return Panel(body=[words, "", *status_lines(status)])
        return _form(application, suggestions)

    manager = application.host.manager
    return application.loading(lambda: (manager.status(), manager.suggestions()), build)


def _half_done(application: Application, status: ManagerStatus) -> Any:
    actions = _ACTIONS[2:] if status.job is not None and status.job.state != "running" else ()
    heading = _("A deployment is not at its end")
    if not status.deploying:
        heading = _("Work on the Manager is not at its end")
        actions = _OTHER_ACTIONS if actions else ()
    return Panel(
        head=[("heading", heading), ""],
        body=status_lines(status),
        buttons=action_buttons(application, actions),
    )


def _form(application: Application, found: Suggestions) -> Any:
    form: Form

    def submit(values: Values) -> None:
        try:
            request = request_of(values)
        except Failure as failure:
            form.show_errors({failure.where or "address": failure.cause})
            return
        application.say("")
        _look(application, request, form)

    introduction: Any = [("heading", _("Deploy"))]
    if found.problem:
        introduction.append(("warning", f"\n! {found.problem}"))
    form = Form(
        fields_of(application, found),
        submit,
        submit=_(_ACTIONS[0].label),
        together=together,
        introduction=introduction,
    )
    return form


def _look(application: Application, request: DeploymentRequest, form: Form) -> None:
    """Preflight, then either what is in the way, or the plan."""

    def back() -> None:
        application.show(lambda: form)

    def looked(checks: tuple[Preflight, ...]) -> None:
        pane = preflight_pane(
            checks,
            on_plan=lambda accepted: _plan(application, request, form, accepted),
            on_again=lambda: _look(application, request, form),
            on_back=back,
        )
        application.show(lambda: pane)

    ask_host(
        application,
        _("Looking whether a Manager can be deployed here; nothing is changed ..."),
        lambda: application.host.manager.preflight(request),
        looked,
    )


def _plan(
    application: Application, request: DeploymentRequest, form: Form, accepted: tuple[str, ...]
) -> None:
    def planned(plan: DeploymentPlan) -> None:
        buttons = [
            Button(_("Deploy"), lambda: _deploy(application, plan, accepted)),
            Button(_("Back"), lambda: application.show(lambda: form)),
        ]
        body = [("heading", _("This will be done")), "", *plan_lines(plan)]
        application.show(lambda: Panel(body=body, buttons=buttons))

    ask_host(
        application,
        _("Please wait ..."),
        lambda: application.host.manager.plan(request),
        planned,
    )


def _deploy(application: Application, plan: DeploymentPlan, accepted: tuple[str, ...]) -> None:
    actor = application.actor
    _work(
        application,
        lambda on_event, cancel: application.host.manager.deploy(
            plan, actor, on_event, cancel, accepted
        ),
    )


def _retry(application: Application, _key: str) -> None:
    actor = application.actor
    _work(
        application,
        lambda on_event, cancel: application.host.manager.retry(actor, on_event, cancel),
    )


def _go_on(application: Application, _key: str) -> None:
    actor = application.actor

    def call(on_event: Any, cancel: Any) -> object:
        job = application.host.manager.status().job
        if job is None:
            return None
        return application.host.manager.resume(job.id, actor, on_event, cancel)

    title = _("Work on the Manager goes on")
    work_and_tell(application, title, call, "flexvdi-config manager retry", _PAGE)


def _work(application: Application, call: Any) -> None:
    def done(result: DeploymentResult) -> None:
        close = Button(_("Close"), lambda: application.go("manager-guest"))
        body: list[Any] = [("heading", _("The Manager is deployed.")), "", *result_lines(result)]
        application.show(lambda: Panel(body=body, buttons=[close]))

    def failed(failure: Failure) -> None:
        from config_tui.kit.dialog import failure_markup

        words = _("What was done so far is kept: it can go on, or be rolled back.")
        buttons = action_buttons(application, _ACTIONS[2:])
        buttons.append(Button(_("Close"), lambda: application.go(_PAGE)))
        body = [failure_markup(failure), "", words]
        application.show(lambda: Panel(body=body, buttons=buttons))

    title = _("The Manager is being deployed")
    work(application, title, call, done, failed, stopping=_("Stopping; what is done is kept ..."))


def _roll_back(application: Application, _key: str) -> None:
    words = _("Everything that it has made is removed; then it can be begun anew.")
    _take_back(application, _("Roll the deployment back?"), words)


def _take_other_back(application: Application, _key: str) -> None:
    words = _("Everything becomes as it was before; then it can be begun anew.")
    _take_back(application, _("Roll the work on the Manager back?"), words)


def _take_back(application: Application, title: str, words: str) -> None:
    actor = application.actor

    def roll_back() -> object:
        job = application.host.manager.status().job
        return application.host.rollback(job.id, actor) if job is not None else None

    confirm(
        application.stack,
        title,
        words,
        _("Roll back"),
        lambda: ask_host(
            application, _("Please wait ..."), roll_back, lambda _done: application.go(_PAGE)
        ),
    )


def _submitted(_application: Application, _key: str) -> None:
    """The form does it."""


_ACTIONS = (
    Action(N_("Check"), "manager preflight", _submitted),
    Action(N_("Deploy"), "manager deploy", _submitted),
    Action(N_("Go on"), "manager retry", _retry),
    Action(N_("Roll back"), "job rollback", _roll_back),
)
_OTHER_ACTIONS = (
    Action(N_("Go on"), "manager retry", _go_on),
    Action(N_("Roll back"), "job rollback", _take_other_back),
)

PAGE = Page(
    name=_PAGE,
    title=N_("Deploy"),
    rank=20,
    preview=_preview,
    open=_open,
    verbs=("manager plan",),
    actions=_ACTIONS,
)
