"""flexVDI Config on an installed host's serial console: log in, look, get a shell, power off."""

from __future__ import annotations

from pathlib import Path

from tests.lab.installation import Installed, booted
from tests.lab.kickstarts import ROOT_PASSWORD


def test_log_in_shell_and_power_off(one_disk: Installed, folder: Path) -> None:
    with booted(one_disk, folder) as host:
        console = host.console
        console.wait_for_screen(r"10\.0\.2\.15", 300)
        console.wait_for_screen("Log in", 120)
        # The screen in front of the machine shows the same, as a picture of the VGA console.
        picture = host.machine.screenshot(folder / "console.png")
        assert picture.stat().st_size > 1000

        console.press("down", "enter")
        console.wait_for_screen("Password", 120)
        console.type("not the password")
        console.press("enter")
        console.wait_for_screen("not right", 120)
        assert ROOT_PASSWORD not in console.transcript

        console.type(ROOT_PASSWORD)
        console.press("enter")
        console.wait_for_screen("Logged in as root", 120)

        console.press("down", "enter")
        console.wait_for(r"root@one", 120)
        assert console.command("id -un", 120).endswith("root")
        place = console.mark()
        console.type("exit\r")
        # What is typed while the screen comes back is thrown away, so its last line is awaited.
        console.wait_for("F12 Power", 120, since=place)
        console.press("down")
        console.wait_for_screen("> Power", 120)
        console.press("enter")
        console.wait_for_screen(r"\[ Power off \]", 120)
        console.press("down", "enter")
        console.wait_for_screen(r"Power off\?", 120)
        console.press("right", "enter")
        console.wait_for_end(600)
        assert ROOT_PASSWORD not in console.transcript
