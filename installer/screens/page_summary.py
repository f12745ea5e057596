"""The last page: exactly what will be erased and created, and the confirmation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import urwid

from config_tui.kit.dialog import (
    Button,
    DialogStack,
    button_row,
    confirm_by_name,
    failure_markup,
    show_failure,
)
from config_tui.kit.tasks import Tasks
from foundation.failure import Failure
from installer.machine.model import Machine
from installer.screens.draft import Draft, NetworkDraft
from kickstart.install_plan import InstallPlan


class SummaryPage:
    """Asks the engine what the plan would do and shows it; *Install* asks for the disks' names."""

    title = "Summary"

    def __init__(
        self,
        machine: Machine,
        plan: Callable[[], InstallPlan],
        *,
        stack: DialogStack,
        tasks: Tasks,
        check: Callable[[InstallPlan], dict[str, Any]],
        start: Callable[[InstallPlan], None],
        back: Callable[[], None],
    ) -> None:
        """``check`` and ``start`` speak to the engine; they run in a worker thread."""
        self._machine = machine
        self._plan = plan
        self._stack = stack
        self._tasks = tasks
        self._check = check
        self._start = start
        self._back = back
        self._draft = Draft()
        self._text = urwid.Text("")
        self._list: urwid.ListBox[Any] = urwid.ListBox(urwid.SimpleFocusListWalker([self._text]))
        self._install = Button("Install", self._confirm)
        self._buttons = button_row([self._install, Button("Back", back)])
        self._pile = urwid.Pile(
            [self._list, ("pack", urwid.Divider()), ("pack", self._buttons)], focus_item=2
        )
        self.widget: urwid.Widget = _Keys(self._pile, self._list, self._buttons, back)

    def enter(self, draft: Draft) -> None:
        """Ask anew each time: the answers may have changed."""
        self._draft = draft
        self._install.enable(False)
        self._text.set_text("Checking the answers against this machine …")
        self._list.set_focus_valign("top")
        self._tasks.start(lambda: self._check(self._plan()), self._show, self._show_failure)

    def _show(self, checked: dict[str, Any]) -> None:
        failures = [Failure(**failure) for failure in checked["failures"]]
        if failures:
            markup: list[Any] = []
            for failure in failures:
                markup += [*failure_markup(failure), "\n\n"]
            self._text.set_text([*markup, "Go back to change the answers."])
            self._buttons.focus_position = 1
            return
        self._text.set_text([checked["preview"], "\n\n", *_answers(self._draft)])
        self._install.enable(True)
        self._buttons.focus_position = 0

    def _show_failure(self, failure: Failure) -> None:
        self._text.set_text(failure_markup(failure))
        self._buttons.focus_position = 1

    def _confirm(self) -> None:
        disks = [self._machine.disk(name) for name in self._draft.disks]
        names = " ".join(disk.name for disk in disks)
        text = "Everything on these disks will be erased:\n" + "\n".join(
            f"  {disk.described}" for disk in disks
        )
        confirm_by_name(self._stack, "Erase and install", text, names, "Install", self._begin)

    def _begin(self) -> None:
        self._install.enable(False)

        def failed(failure: Failure) -> None:
            self._install.enable(True)
            show_failure(self._stack, failure)

        self._tasks.start(lambda: self._start(self._plan()), lambda _: None, failed)


def _answers(draft: Draft) -> list[Any]:
    network = draft.network
    servers = " ".join(draft.ntp_servers) or "the usual ones"
    key = "with an SSH key" if draft.root_ssh_key else "without an SSH key"
    return [
        f"Host name: {draft.hostname}\n",
        f"Network:   {_network(network)}\n",
        f"Time:      {draft.timezone}, NTP servers: {servers}\n",
        f"Language:  {draft.language}, keyboard {draft.keyboard}\n",
        f"Root:      password set, {key}",
    ]


def _network(network: NetworkDraft) -> str:
    port = network.port or "every port"
    vlan = f", VLAN {network.vlan}" if network.vlan is not None else ""
    if network.address is None:
        return f"{port}{vlan}, automatic (DHCP)"
    gateway = f", gateway {network.gateway}" if network.gateway else ""
    return f"{port}{vlan}, {network.address}{gateway}"


class _Keys(urwid.WidgetWrap[Any]):
    """The buttons have the focus; the other keys scroll the text; Esc goes back."""

    def __init__(
        self,
        pile: urwid.Pile,
        text: urwid.ListBox[Any],
        buttons: urwid.Columns,
        back: Callable[[], None],
    ) -> None:
        self._text = text
        self._buttons = buttons
        self._back = back
        super().__init__(pile)

    def keypress(self, size: Any, key: str) -> str | None:
        if key == "esc":
            self._back()
            return None
        if key in ("tab", "shift tab"):
            self._buttons.focus_position = 1 - self._buttons.focus_position
            return None
        if key in ("up", "down", "page up", "page down", "home", "end"):
            columns, rows = size
            self._text.keypress((columns, max(1, rows - 2)), key)
            return None
        left: str | None = super().keypress(size, key)
        return left
