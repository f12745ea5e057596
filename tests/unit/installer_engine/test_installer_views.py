"""Screens in process: what fits, what is said without colour, what is checked while typing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import urwid
from machines import machine_with_two_disks

from config_tui.kit import theme
from config_tui.kit.dialog import DialogStack
from config_tui.kit.tasks import Tasks
from foundation.secret import Secret
from installer.engine.events import FailureText, Progress, Status, StepStatus
from installer.screens.entries import (
    parse_address,
    parse_password,
    parse_ssh_key,
    parse_time_servers,
    strength_of,
)
from installer.screens.views import StatusView
from installer.screens.wizard import Page, Wizard


@pytest.fixture(autouse=True)
def plain_look() -> Iterator[None]:
    before = theme.current()
    theme.use(theme.Theme(theme.ASCII, 1))
    yield
    theme.use(before)


def drawn(widget: urwid.Widget, size: tuple[int, int]) -> list[str]:
    canvas = widget.render(size, True)
    return [line.decode().rstrip() for line in canvas.text]


STEPS = (
    StepStatus(name="verify", title="Checking the image", state="done", seconds=12.0),
    StepStatus(name="copy", title="Copying the system", state="running", weight=9),
)
STATUSES = {
    "waiting": Status(state="waiting", headline="Looking for a kickstart", choices=("cancel",)),
    "confirming": Status(
        state="confirming",
        headline="Installing by the kickstart",
        source="file:/ks.cfg",
        preview="Will be erased:\n  /dev/vda",
        countdown=7,
        choices=("continue", "cancel"),
    ),
    "installing": Status(
        state="installing",
        headline="Installing flexVDI",
        steps=STEPS,
        progress=Progress(
            step="copy", done=512 << 20, total=2 << 30, rate=64 << 20, seconds_left=24, overall=0.4
        ),
        log=("Copying the system (2 GiB)",),
        choices=("cancel",),
    ),
    "failed": Status(
        state="failed",
        headline="Installation failed",
        failure=FailureText(cause="The disk is gone.", remedy="Push it in.", log="/run/x.log"),
        choices=("retry", "start-over", "shell", "save-logs", "reboot", "poweroff"),
    ),
    "finished": Status(state="finished", headline="Installation finished", choices=("reboot",)),
}


@pytest.mark.parametrize("state", STATUSES)
@pytest.mark.parametrize("size", [(80, 24), (60, 20), (132, 43)])
def test_every_state_draws_at_every_size(state: str, size: tuple[int, int]) -> None:
    view = StatusView(lambda choice: None)
    view.update(STATUSES[state])
    lines = drawn(view, size)
    assert len(lines) == size[1]
    assert STATUSES[state].headline in "\n".join(lines)


def test_progress_tells_bytes_rate_time_and_step() -> None:
    view = StatusView(lambda choice: None)
    view.update(STATUSES["installing"])
    text = "\n".join(drawn(view, (80, 24)))
    assert " 40 %" in text
    assert "512 MiB of 2.00 GiB, 64.0 MiB/s, 24 s left" in text
    assert "Step 2 of 2: Copying the system" in text
    assert "Checking the image: 12 s" in text


def test_a_failure_is_marked_without_colour() -> None:
    view = StatusView(lambda choice: None)
    view.update(STATUSES["failed"])
    assert drawn(view, (80, 24))[0] == "! Installation failed"


def test_tab_visits_every_choice_and_enter_takes_one() -> None:
    taken: list[str] = []
    view = StatusView(taken.append)
    view.update(STATUSES["failed"])
    size = (40, 24)
    view.render(size, True)
    for _ in STATUSES["failed"].choices:
        view.keypress(size, "enter")
        view.keypress(size, "tab")
    assert taken == list(STATUSES["failed"].choices)


class Lab:
    """A wizard without an engine; what it shows and asks is written down."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.left = 0
        self.tasks = Tasks()
        self.started: list[Any] = []
        self.wizard = Wizard(
            machine_with_two_disks(),
            2 << 30,
            stack=DialogStack(urwid.SolidFill(" ")),
            tasks=self.tasks,
            check=lambda plan: {"failures": [], "preview": "Will be erased:\n  /dev/vda"},
            start=self.started.append,
            on_shown=self.pages.append,
            leave=self.leave,
        )
        self.wizard.show()

    def leave(self) -> None:
        self.left += 1

    def press(self, *keys: str) -> None:
        for key in keys:
            self.wizard.page.widget.keypress((78, 22), key)

    def type(self, text: str) -> None:
        for character in text:
            self.wizard.page.widget.keypress((78, 22), character)

    @property
    def screen(self) -> str:
        return "\n".join(drawn(self.wizard.page.widget, (78, 22)))


def test_the_pages_come_in_order_and_back_leads_through_all_of_them() -> None:
    lab = Lab()
    lab.press("tab", "tab", "enter")
    lab.press(" ", "tab", "enter")
    lab.press(*["tab"] * 6, "enter")
    lab.type("host1")
    lab.press("tab", "tab", "tab", "enter")
    for _ in range(2):
        lab.type("a good long password")
        lab.press("tab")
    lab.press("tab", "enter")
    lab.tasks.settle()
    titles = [
        "Language and keyboard",
        "Disks",
        "Network",
        "Host name and time",
        "Root password",
        "Summary",
    ]
    assert [page.title for page in lab.pages] == titles
    assert "Will be erased" in lab.screen
    lab.press(*["esc"] * 5)
    assert [page.title for page in lab.pages[6:]] == titles[-2::-1]
    assert lab.wizard.draft.disks == ("vda",)
    assert lab.left == 0
    lab.press("esc")
    assert lab.left == 1


def test_no_disk_no_next_and_the_medium_cannot_be_ticked() -> None:
    lab = Lab()
    lab.press("tab", "tab", "enter")
    lab.press("tab", "enter")
    assert lab.wizard.page.title == "Disks"
    lab.press("shift tab", "down", "down", " ")
    assert "No disk is ticked." in lab.screen
    assert "This is the install medium." in lab.screen


def test_the_disk_in_focus_is_described_whole() -> None:
    lab = Lab()
    lab.press("tab", "tab", "enter")
    assert "WWN 0x5000c500a1b2c3d4" in lab.screen
    lab.press("down")
    assert "serial FAST-2" in lab.screen
    assert "Windows" in lab.screen


@pytest.mark.parametrize(
    "text", ["10.0.0.1", "10.0.0.0/24", "10.0.0.255/24", "127.0.0.1/8", "nonsense/24", "::/64"]
)
def test_addresses_that_no_host_can_have(text: str) -> None:
    with pytest.raises(ValueError):
        parse_address(text)


@pytest.mark.parametrize("text", ["10.0.0.1/24", "2001:db8::1/64", "10.0.0.0/31"])
def test_addresses_that_a_host_can_have(text: str) -> None:
    assert str(parse_address(text)) == text


def test_keys_passwords_and_servers() -> None:
    good = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me"
    assert parse_ssh_key(good) == good
    for bad in ("ssh-ed25519", "ssh-rsa " + good.split()[1], "-----BEGIN PRIVATE KEY-----", "a b"):
        with pytest.raises(ValueError):
            parse_ssh_key(bad)
    with pytest.raises(ValueError):
        parse_password(Secret("short"))
    assert strength_of(Secret("aaaaaaaaaaaaaaaa")) == "weak"
    assert strength_of(Secret("correct Horse battery 7 staple")) == "strong"
    assert parse_time_servers("ntp1.example.com, 192.0.2.1") == ("ntp1.example.com", "192.0.2.1")
