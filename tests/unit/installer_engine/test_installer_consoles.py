"""The consoles on a pseudo-terminal against a simulated engine: real processes, real keys."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pyte
import pytest
from machines import machine_with_two_disks

PROGRAM = (sys.executable, "-P", "-m", "installer.command_line")
PATIENCE = 180


class Console:
    """`flexvdi-install console` on a terminal of its own, with the screen it draws."""

    def __init__(self, socket: Path, terminal: str = "vt220", size: tuple[int, int] = (24, 80)):
        rows, columns = size
        self.screen = pyte.Screen(columns or 80, rows or 24)
        self._stream = pyte.ByteStream(self.screen)
        self.child = pexpect.spawn(
            PROGRAM[0],
            [*PROGRAM[1:], "console", "--socket", str(socket)],
            env={**os.environ, "TERM": terminal, "LANG": "C.UTF-8"},
            dimensions=size,
            timeout=PATIENCE,
        )

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait_for(self, text: str) -> None:
        while text not in self.text:
            try:
                self._stream.feed(self.child.read_nonblocking(65536, PATIENCE))
            except (pexpect.TIMEOUT, pexpect.EOF):
                pytest.fail(f"“{text}” did not appear on:\n{self.text}")

    def press(self, keys: str) -> None:
        self.child.send(keys)

    def kill(self) -> None:
        self.child.kill(signal.SIGKILL)
        self.child.wait()


class Lab:
    """An engine process on a simulated machine, and consoles to look at it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.socket = folder / "socket"
        self.machine = folder / "machine.json"
        self.machine.write_text(machine_with_two_disks().model_dump_json())
        self.consoles: list[Console] = []
        self.engine: subprocess.Popen[bytes] | None = None

    def start_engine(self, *arguments: str) -> None:
        self.engine = subprocess.Popen(
            [*PROGRAM, "engine", "--simulate", str(self.machine), "--socket", str(self.socket),
             "--folder", str(self.folder / "run"), *arguments]
        )  # fmt: skip

    def kill_engine(self) -> None:
        assert self.engine is not None
        self.engine.kill()
        self.engine.wait()

    def console(self, terminal: str = "vt220", size: tuple[int, int] = (24, 80)) -> Console:
        self.consoles.append(Console(self.socket, terminal, size))
        return self.consoles[-1]

    def stop(self) -> None:
        for console in self.consoles:
            with contextlib.suppress(OSError):
                console.child.close(force=True)
        if self.engine is not None:
            self.engine.kill()
            self.engine.wait()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    found = Lab(tmp_path)
    yield found
    found.stop()


KICKSTART = """\
rootpw --lock
network --bootproto=dhcp --device=ens4 --hostname=host1
clearpart --all --initlabel --drives=vda
autopart
"""


def answer_to_summary(console: Console) -> None:
    """From the first question to the summary, on one disk with DHCP."""
    console.wait_for("Language and keyboard")
    console.press("\t\t\r")
    console.wait_for("Tick the disk")
    console.press(" \t\r")
    console.wait_for("Interface")
    console.press("\t" * 6 + "\r")
    console.wait_for("Host name and time")
    console.press("host1.example.com\t\t\t\r")
    console.wait_for("Root password")
    console.press("a good long password 7\ta good long password 7\t\t\r")
    console.wait_for("[ Install ]")


@pytest.mark.parametrize("terminal", ["vt220", "xterm-256color", "linux"])
def test_the_questions_from_start_to_finish(lab: Lab, terminal: str) -> None:
    lab.start_engine("--pace", "0.02")
    console = lab.console(terminal)
    answer_to_summary(console)
    console.wait_for("Will be erased")
    console.press("\r")
    console.wait_for("To go on, type vda")
    console.press("vdb\t\t\r")
    console.wait_for("That is not the name")
    console.press("\t\x7f\x7f\x7fvda\t\t\r")
    console.wait_for("Installation finished")
    kept = (lab.folder / "run/install.log").read_text()
    assert "a good long password 7" not in kept


def test_all_consoles_show_what_one_of_them_began(lab: Lab) -> None:
    lab.start_engine("--pace", "0.3")
    first, second = lab.console(), lab.console("linux")
    second.wait_for("Language and keyboard")
    answer_to_summary(first)
    first.press("\r")
    first.wait_for("To go on, type vda")
    first.press("vda\t\t\r")
    first.wait_for("Installing flexVDI")
    second.wait_for("Installing flexVDI")
    second.wait_for("Installation finished")


def test_back_keeps_what_was_typed(lab: Lab) -> None:
    lab.start_engine()
    console = lab.console()
    answer_to_summary(console)
    console.press("\x1b")
    console.wait_for("*" * len("a good long password 7"))
    console.press("\x1b")
    console.wait_for("host1.example.com")
    console.press("\x1b")
    console.wait_for("Interface")
    console.press("\x1b")
    console.wait_for("[x] vda")


def test_errors_stand_under_their_fields(lab: Lab) -> None:
    lab.start_engine()
    console = lab.console()
    console.wait_for("Language and keyboard")
    console.press("\t\t\r")
    console.wait_for("Tick the disk")
    console.press(" \t\r")
    console.wait_for("Interface")
    console.press("\t4095\t\x1b[C\t192.0.2.10\t192.0.3.1\t\t")
    console.wait_for("! Write a number from 1 to 4094.")
    console.wait_for("! Write the address with its prefix")
    console.press("\x1b[Z" * 3 + "/24\t")
    console.press("\x1b[Z" * 3 + "\x7f" * 4 + "\t" * 4)
    console.wait_for("outside the subnet")


def test_a_console_may_be_killed_and_come_back(lab: Lab) -> None:
    kickstart = lab.folder / "ks.cfg"
    kickstart.write_text(KICKSTART)
    lab.start_engine(
        "--pace", "0.2", "--kickstart", f"file:{kickstart}",
        "--kernel-arguments", "inst.countdown=0",
    )  # fmt: skip
    console = lab.console()
    console.wait_for("Installing flexVDI")
    console.kill()
    lab.console().wait_for("Installation finished")


def test_the_engine_may_be_killed_and_goes_on(lab: Lab) -> None:
    kickstart = lab.folder / "ks.cfg"
    kickstart.write_text(KICKSTART)
    arguments = (
        "--pace", "0.4", "--kickstart", f"file:{kickstart}",
        "--kernel-arguments", "inst.countdown=0",
    )  # fmt: skip
    lab.start_engine(*arguments)
    console = lab.console()
    console.wait_for("Step 3 of")
    lab.kill_engine()
    console.wait_for("Waiting for the installer's engine")
    lab.start_engine(*arguments)
    console.wait_for("Installation finished")
    assert "interrupted and starts again" in (lab.folder / "run/install.log").read_text()


def test_a_failure_shows_cause_remedy_and_choices_and_retry_goes_on(lab: Lab) -> None:
    kickstart = lab.folder / "ks.cfg"
    kickstart.write_text(KICKSTART)
    lab.start_engine(
        "--pace", "0.02", "--fail-at", "copy", "--kickstart", f"file:{kickstart}",
        "--kernel-arguments", "inst.countdown=0",
    )  # fmt: skip
    console = lab.console()
    console.wait_for("Installation failed")
    console.wait_for("[ Retry ]")
    assert "fails because it was asked to" in console.text
    assert "Save logs" in console.text
    console.press("\t" * 6)
    console.press("\r")
    console.wait_for("Installation finished")


def test_a_kickstart_that_cannot_be_had_offers_the_questions(lab: Lab) -> None:
    lab.start_engine("--kickstart", f"file:{lab.folder}/none.cfg")
    console = lab.console()
    console.wait_for("could not be read")
    console.wait_for("Answer the questions here")
    console.press("\t\t\r")
    console.wait_for("Language and keyboard")


def test_a_terminal_of_size_nothing_draws(lab: Lab) -> None:
    lab.start_engine()
    lab.console(size=(0, 0)).wait_for("Language and keyboard")


def test_a_dumb_terminal_is_told_how_to_go_on(lab: Lab) -> None:
    lab.start_engine()
    console = lab.console("dumb")
    console.wait_for("cannot show the questions")
    console.wait_for("inst.ks=URL")


def test_plain_lines_show_steps_and_tenths(lab: Lab) -> None:
    kickstart = lab.folder / "ks.cfg"
    kickstart.write_text(KICKSTART + "poweroff\n")
    ran = subprocess.run(
        [*PROGRAM, "run", "--plain", "--kickstart", str(kickstart), "--simulate",
         str(lab.machine), "--folder", str(lab.folder / "run"), "--countdown", "0",
         "--pace", "0.02"],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Copying the system" in ran.stdout
    assert "100 %" in ran.stdout
    assert "Installation finished" in ran.stdout
    assert ran.stderr == ""


def test_plain_lines_end_with_one_after_a_failure(lab: Lab) -> None:
    kickstart = lab.folder / "ks.cfg"
    kickstart.write_text(KICKSTART.replace("vda", "nosuchdisk"))
    ran = subprocess.run(
        [*PROGRAM, "run", "--plain", "--kickstart", str(kickstart), "--simulate",
         str(lab.machine), "--folder", str(lab.folder / "run"), "--countdown", "0"],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "Installation failed" in ran.stdout
    assert "nosuchdisk" in ran.stdout
    assert f"{kickstart}:3" in ran.stdout


@pytest.mark.parametrize(
    "arguments",
    [(), ("nonsense",), ("run",), ("run", "--kickstart", "x", "--countdown", "soon"), ("check",)],
)
def test_wrong_arguments_are_one_line_and_two(arguments: tuple[str, ...]) -> None:
    ran = subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert len(ran.stderr.splitlines()) == 1


def test_check_names_every_refusal(lab: Lab) -> None:
    kickstart = lab.folder / "ks.cfg"
    kickstart.write_text(KICKSTART.replace("vda", "nosuchdisk"))
    ran = subprocess.run(
        [*PROGRAM, "check", str(kickstart), "--machine", str(lab.machine)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"{kickstart}:3: ")
