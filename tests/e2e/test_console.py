"""flexVDI Config on an installed host's serial console: log in, look, get a shell, power off."""

from __future__ import annotations

from pathlib import Path

from tests.lab.config_keys import ANSWER_SECONDS, ask_to_log_in, open_shell
from tests.lab.installation import Installed, booted
from tests.lab.kickstarts import ROOT_PASSWORD


def test_log_in_shell_and_power_off(one_disk: Installed, folder: Path) -> None:
    with booted(one_disk, folder) as host:
        console = host.console
        console.wait_for_screen(r"10\.0\.2\.15", ANSWER_SECONDS)
        # The screen in front of the machine shows the same, as a picture of the VGA console.
        picture = host.machine.screenshot(folder / "console.png")
        assert picture.stat().st_size > 1000

        ask_to_log_in(console, "not the password")
        console.wait_for_screen("not right", ANSWER_SECONDS)
        assert ROOT_PASSWORD not in console.transcript

        console.type(ROOT_PASSWORD)
        console.press("enter")
        console.wait_for_screen("Logged in as root", ANSWER_SECONDS)

        open_shell(console)
        assert console.command("id -un", ANSWER_SECONDS).endswith("root")
        place = console.mark()
        console.type("exit\r")
        # What is typed while the screen comes back is thrown away, so its last line is awaited.
        console.wait_for("F3 Redraw", ANSWER_SECONDS, since=place)
        console.press("escape")
        console.wait_until_gone("> Shell", ANSWER_SECONDS)
        console.press("end", "up")
        console.wait_for_screen("> Power", ANSWER_SECONDS)
        console.press("enter")
        console.wait_for_screen(r"\[ Power off \]", ANSWER_SECONDS)
        console.press("right", "enter")
        console.wait_for_screen(r"Power off\?", ANSWER_SECONDS)
        console.press("tab", "tab", "enter")  # over Cancel
        console.wait_for_end(600)
        assert ROOT_PASSWORD not in console.transcript
