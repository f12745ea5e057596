"""The engine on small real steps, spoken to over its real socket."""

from __future__ import annotations

import http.server
import json
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import Bench, BenchMachinery

from foundation.failure import Failure
from installer.engine.commands import ChooseCommand, MachineCommand, StartCommand
from installer.engine.events import ProgressEvent, StepStarted
from installer.engine.journal import Journal
from installer.engine.step import InstallContext, Step
from installer.machine.model import Machine
from installer.screens.draft import Draft, plan_of

SECRET = "correct-horse-battery"
KICKSTART = f"""\
lang en_US.UTF-8
keyboard us
timezone UTC
rootpw --plaintext {SECRET}
network --bootproto=dhcp --device=ens4 --hostname=host1.example.com
clearpart --all --initlabel --drives=vda
autopart
%onerror
echo failed
%end
"""

StartBench = Callable[..., Bench]


def writes(name: str, *, destructive: bool = False, weight: int = 1) -> Step:
    def run(context: InstallContext) -> None:
        context.say(f"writing {name}")
        with (context.medium / "trace").open("a") as trace:
            trace.write(f"{name}\n")
        context.progress(50, 100)
        context.progress(100, 100)

    return Step(name, f"Writing {name}", run, destructive=destructive, weight=weight)


def trace(folder: Path) -> list[str]:
    return (folder / "trace").read_text().split()


@pytest.fixture
def kickstart(tmp_path: Path) -> str:
    path = tmp_path / "answers.cfg"
    path.write_text(KICKSTART + "poweroff\n")
    return f"file:{path}"


def test_steps_run_in_order_once_and_the_machine_goes_down(
    tmp_path: Path, kickstart: str, start_bench: StartBench
) -> None:
    steps = (writes("check"), writes("copy", destructive=True, weight=8), writes("boot"))
    bench = start_bench(BenchMachinery(tmp_path, steps), kickstart)
    watcher = bench.watcher()
    status = watcher.until_state("finished")
    bench.thread.join(30)
    assert trace(tmp_path) == ["check", "copy", "boot"]
    assert bench.machinery.power_actions == ["poweroff"]
    assert [step.state for step in status.steps] == ["done", "done", "done"]
    shares = [e.progress.overall for e in watcher.events if isinstance(e, ProgressEvent)]
    assert shares == sorted(shares)
    entries = [entry["entry"] for entry in Journal(bench.folder / "journal.jsonl").entries()]
    assert entries[0] == "engine-started"
    assert entries.index("installation-started") < entries.index("installation-ended")


def test_retry_begins_at_the_step_that_failed(
    tmp_path: Path, kickstart: str, start_bench: StartBench
) -> None:
    def flaky(context: InstallContext) -> None:
        if not (tmp_path / "cured").exists():
            raise Failure("The cable is loose.", "Push it in.", details="sense key: loose")

    steps = (writes("check"), Step("copy", "Copying", flaky, destructive=True), writes("boot"))
    bench = start_bench(BenchMachinery(tmp_path, steps), kickstart)
    watcher = bench.watcher()
    status = watcher.until_state("failed", "retry")
    assert status.failure is not None
    assert (status.failure.cause, status.failure.remedy) == ("The cable is loose.", "Push it in.")
    assert status.failure.log == str(bench.folder / "install.log")
    assert status.headline.startswith("Installation failed")
    assert "disks were already changed" in status.headline
    assert bench.machinery.error_scripts == ["echo failed\n"]
    (tmp_path / "cured").touch()
    watcher.client.ask(ChooseCommand(choice="retry"))
    watcher.until_state("finished")
    assert trace(tmp_path) == ["check", "boot"]


def test_a_failure_before_the_first_write_says_so(
    tmp_path: Path, kickstart: str, start_bench: StartBench
) -> None:
    def broken(context: InstallContext) -> None:
        raise ZeroDivisionError

    bench = start_bench(BenchMachinery(tmp_path, (Step("check", "Checking", broken),)), kickstart)
    status = bench.watcher().until_state("failed", "retry")
    assert "nothing was written" in status.headline
    assert status.failure is not None and "defect" in status.failure.cause
    assert "ZeroDivisionError" in (bench.folder / "install.log").read_text()


def test_cancelling_stops_the_running_step_and_leaves_a_choice(
    tmp_path: Path, kickstart: str, start_bench: StartBench
) -> None:
    def waits(context: InstallContext) -> None:
        from foundation.failure import Cancelled

        assert context.cancel.wait(30)
        raise Cancelled("waiting")

    bench = start_bench(BenchMachinery(tmp_path, (Step("copy", "Copying", waits),)), kickstart)
    watcher = bench.watcher()
    watcher.until(lambda s: s.progress.step == "copy")
    watcher.client.ask(ChooseCommand(choice="cancel"))
    status = watcher.until_state("failed", "retry")
    assert status.failure is not None and "Cancelled" in status.failure.cause
    assert bench.machinery.error_scripts == []


def test_every_client_sees_the_same_and_the_late_one_gets_the_whole_status(
    tmp_path: Path, kickstart: str, start_bench: StartBench
) -> None:
    steps = (writes("check"), writes("copy"))
    machinery = BenchMachinery(tmp_path, steps, arguments="inst.countdown=300")
    bench = start_bench(machinery, kickstart)
    first = bench.watcher()
    first.until_state("confirming", "continue")
    second = bench.watcher()
    second.until_state("confirming", "continue")
    assert second.status.preview == first.status.preview != ""
    second.client.ask(ChooseCommand(choice="continue"))
    first.until_state("finished")
    second.until_state("finished")
    assert first.status.steps == second.status.steps
    assert [e.name for e in first.events if isinstance(e, StepStarted)] == ["check", "copy"]
    third = bench.watcher()
    assert third.until_state("finished").steps == first.status.steps


def test_objecting_to_the_countdown_writes_nothing(
    tmp_path: Path, kickstart: str, start_bench: StartBench
) -> None:
    machinery = BenchMachinery(tmp_path, (writes("copy"),), arguments="inst.countdown=300")
    bench = start_bench(machinery, kickstart)
    watcher = bench.watcher()
    watcher.until_state("confirming", "cancel")
    watcher.client.ask(ChooseCommand(choice="cancel"))
    watcher.until_state("failed", "retry")
    assert not (tmp_path / "trace").exists()


def test_a_choice_that_is_not_on_offer_is_refused(
    tmp_path: Path, kickstart: str, start_bench: StartBench
) -> None:
    machinery = BenchMachinery(tmp_path, (writes("copy"),), arguments="inst.countdown=300")
    bench = start_bench(machinery, kickstart)
    watcher = bench.watcher()
    watcher.until_state("confirming", "cancel")
    with pytest.raises(Failure, match="not possible"):
        watcher.client.ask(ChooseCommand(choice="reboot"))


def test_refusals_keep_the_disks_and_name_everything(
    tmp_path: Path, kickstart: str, start_bench: StartBench
) -> None:
    refusals = (Failure("Too small.", where="a:1"), Failure("Not there.", where="a:2"))
    bench = start_bench(BenchMachinery(tmp_path, (writes("copy"),), failures=refusals), kickstart)
    status = bench.watcher().until_state("failed", "retry")
    assert status.failure is not None
    assert status.failure.where == "a:1"
    assert "a:2: Not there." in status.failure.details
    assert not (tmp_path / "trace").exists()


def test_without_answers_a_person_is_asked_and_their_plan_is_carried_out(
    tmp_path: Path, start_bench: StartBench
) -> None:
    bench = start_bench(BenchMachinery(tmp_path, (writes("copy"),)))
    watcher = bench.watcher()
    watcher.until_state("answering", "reboot")
    reply = watcher.client.ask(MachineCommand())
    machine = Machine.model_validate(reply["machine"])
    plan = plan_of(Draft(disks=("vda",)), machine, reply["unpacked_size"])
    watcher.client.ask(StartCommand(plan=plan))
    status = watcher.until_state("finished", "reboot")
    assert not status.unattended
    assert trace(tmp_path) == ["copy"]
    assert bench.machinery.power_actions == []
    watcher.client.ask(ChooseCommand(choice="reboot"))
    bench.thread.join(30)
    assert bench.machinery.power_actions == ["reboot"]


@pytest.mark.parametrize("policy", ["reboot", "halt"])
def test_an_unattended_failure_does_what_the_kernel_line_says(
    tmp_path: Path, kickstart: str, start_bench: StartBench, policy: str
) -> None:
    refusals = (Failure("Too small."),)
    arguments = f"inst.countdown=0 inst.onerror={policy}"
    machinery = BenchMachinery(tmp_path, (), arguments=arguments, failures=refusals)
    bench = start_bench(machinery, kickstart)
    bench.thread.join(30)
    assert bench.machinery.power_actions == [policy]


def test_no_secret_leaves_the_engine(
    tmp_path: Path, kickstart: str, start_bench: StartBench
) -> None:
    revealed: set[str] = set()

    def blabs(context: InstallContext) -> None:
        assert context.plan.root_password and context.plan.root_password.password
        secret = context.plan.root_password.password.reveal()
        revealed.add(secret)
        context.say(f"the password is {secret}")
        logging.getLogger("flexvdi.installer").warning("logged: %s", secret)
        raise Failure(f"{secret} is wrong.", secret, details=secret)

    bench = start_bench(BenchMachinery(tmp_path, (Step("copy", "Copying", blabs),)), kickstart)
    watcher = bench.watcher()
    watcher.until_state("failed", "retry")
    told = "".join(event.model_dump_json() for event in watcher.events)
    assert "the password is" in told
    (secret,) = revealed
    assert secret not in told
    for path in bench.folder.rglob("*"):
        if path.name not in ("plan.json", "ks.cfg"):
            assert secret not in path.read_text(), path
            assert SECRET not in path.read_text(), path
    assert (bench.folder / "plan.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_engine_that_died_goes_on_by_itself(
    tmp_path: Path, kickstart: str, start_bench: StartBench
) -> None:
    def dies_once(context: InstallContext) -> None:
        with (tmp_path / "trace").open("a") as written:
            written.write("copy\n")
        if trace(tmp_path).count("copy") == 1:
            raise SystemExit  # the thread ends as if the process had been killed

    steps = (writes("check"), Step("copy", "Copying", dies_once), writes("boot"))
    bench = start_bench(BenchMachinery(tmp_path, steps), kickstart)
    bench.thread.join(30)
    assert trace(tmp_path) == ["check", "copy"]
    again = start_bench(BenchMachinery(tmp_path, steps))
    again.watcher().until_state("finished")
    assert trace(tmp_path) == ["check", "copy", "check", "copy", "boot"]


def test_an_engine_that_keeps_dying_asks_a_person(tmp_path: Path, start_bench: StartBench) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    journal = Journal(folder / "journal.jsonl")
    journal.write("installation-started", source="ks", unattended=True)
    for _ in range(3):
        journal.write("engine-started")
        journal.write("step-started", step="copy")
    machine = BenchMachinery(tmp_path, ()).machine
    plan = plan_of(Draft(disks=("vda",)), machine, 2 << 30)
    (folder / "plan.json").write_text(plan.model_dump_json())
    bench = start_bench(BenchMachinery(tmp_path, (writes("copy"),)))
    status = bench.watcher().until_state("failed", "retry")
    assert status.failure is not None and "3 times" in status.failure.cause
    assert not (tmp_path / "trace").exists()


@pytest.fixture
def reports() -> Iterator[tuple[str, list[dict[str, object]]]]:
    received: list[dict[str, object]] = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            received.append(json.loads(self.rfile.read(length)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/report", received
        server.shutdown()


def test_the_report_is_posted_on_success_and_on_failure(
    tmp_path: Path,
    kickstart: str,
    start_bench: StartBench,
    reports: tuple[str, list[dict[str, object]]],
) -> None:
    url, received = reports

    def fails(context: InstallContext) -> None:
        if not received:
            raise Failure("Once.", "Again.")

    arguments = f"inst.countdown=0 inst.report={url}"
    machinery = BenchMachinery(
        tmp_path, (writes("check"), Step("copy", "Copying", fails)), arguments=arguments
    )
    bench = start_bench(machinery, kickstart)
    watcher = bench.watcher()
    watcher.until_state("failed", "retry")
    watcher.client.ask(ChooseCommand(choice="retry"))
    watcher.until_state("finished")
    failed, finished = received
    assert failed["result"] == "failed"
    assert failed["failed_step"] == "copy"
    assert failed["failure"]["cause"] == "Once."  # type: ignore[index]
    assert finished["result"] == "finished"
    assert set(finished["steps"]) == {"check", "copy"}  # type: ignore[call-overload]
    assert finished["hostname"] == "host1.example.com"
    assert finished["machine"]["serial"] == "SN-1"  # type: ignore[index]
    assert SECRET not in json.dumps(received)
