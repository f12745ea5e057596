"""The engine's parts alone: journal, progress, protocol, scripts, log, saving, lasting names."""

from __future__ import annotations

import http.server
import io
import json
import logging
import socket
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Bench, BenchMachinery
from hypothesis import given
from hypothesis import strategies as st
from machines import machine_with_two_disks

from foundation.failure import Failure
from foundation.kernel_command_line import KernelCommandLine
from foundation.password_hash import hash_password, is_password_hash
from foundation.secret import Secret
from installer.engine.closing import with_lasting_names, without_clear_passwords
from installer.engine.events import LogEvent, Status, after, read_event
from installer.engine.hub import Hub
from installer.engine.installer_log import forward_log
from installer.engine.journal import Journal
from installer.engine.measure import Measure
from installer.engine.medium import find_medium
from installer.engine.server import Server
from installer.engine.settings import read_settings
from installer.log_saving import make_bundle, save_logs
from installer.screens.draft import Draft, NetworkDraft, plan_of
from installer.scripts import run_scripts
from kickstart.install_plan import InstallPlan, RootPassword, Script


def test_a_torn_line_of_the_journal_is_left_out(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.write("first")
    with journal.path.open("a") as stream:
        stream.write('{"entry": "to')
    journal.write("second", step="copy")
    assert [entry["entry"] for entry in journal.entries()] == ["first", "second"]
    assert journal.path.stat().st_mode & 0o777 == 0o600


@given(
    weights=st.lists(st.integers(1, 50), min_size=1, max_size=20),
    data=st.data(),
    total=st.integers(1, 10**12),
)
def test_overall_progress_stays_within_the_step(
    weights: list[int], data: st.DataObject, total: int
) -> None:
    index = data.draw(st.integers(0, len(weights) - 1))
    measure = Measure(weights, index, "step")
    reports = sorted(data.draw(st.lists(st.integers(0, 2 * total), min_size=1, max_size=20)))
    for second, done in enumerate(reports):
        progress = measure.at(float(second), done, total)
        assert measure.overall_before <= progress.overall <= measure.overall_after + 1e-9
        assert progress.rate >= 0
        assert progress.seconds_left is None or progress.seconds_left >= 0


def test_rate_and_time_left() -> None:
    measure = Measure([1, 1], 0, "copy")
    measure.at(0.0, 0, 1000)
    progress = measure.at(2.0, 200, 1000)
    assert (progress.rate, progress.seconds_left, progress.overall) == (100.0, 8.0, 0.1)


def test_events_travel_as_json_and_fold_into_a_status() -> None:
    event = LogEvent(text="hello")
    assert read_event(event.model_dump_json()) == event
    status = Status()
    for number in range(300):
        status = after(status, LogEvent(text=str(number)))
    assert status.log[-1] == "299"
    assert len(status.log) == 200


def test_the_hub_masks_a_password_that_is_a_word_of_the_protocol() -> None:
    hub = Hub()
    hub.keep_secret((Secret("failed"),))
    hub.publish(LogEvent(text="it failed"))
    assert hub.status.log == ("it ••••••",)
    assert hub.status.state == "waiting"


def test_nonsense_on_the_socket_gets_an_answer(
    tmp_path: Path, start_bench: Callable[..., Bench]
) -> None:
    bench = start_bench(BenchMachinery(tmp_path, ()))
    assert bench.socket.stat().st_mode & 0o777 == 0o600
    with socket.socket(socket.AF_UNIX) as raw:
        raw.settimeout(30)
        raw.connect(str(bench.socket))
        raw.sendall(b'nonsense\n{"command": "explode", "id": 7}\n')
        replies = []
        with raw.makefile() as lines:
            for line in lines:
                event = json.loads(line)
                if event["event"] == "reply":
                    replies.append(event)
                if len(replies) == 2:
                    break
    assert replies[1]["id"] == 7
    assert "does not understand" in replies[0]["failure"]["cause"]


def test_a_second_engine_on_one_socket_is_refused(tmp_path: Path) -> None:
    first = Server(tmp_path / "s", Hub(), lambda command: None)
    try:
        with pytest.raises(Failure, match="already running"):
            Server(tmp_path / "s", Hub(), lambda command: None)
    finally:
        first.close()


def run_stage(scripts: tuple[Script, ...], folder: Path) -> list[str]:
    said: list[str] = []
    run_scripts(
        scripts, "post", target=folder / "target", log_folder=folder, say=said.append,
        secrets=(Secret("hunter2-long"),),
    )  # fmt: skip
    return said


def test_a_script_runs_with_its_interpreter_and_leaves_its_log(tmp_path: Path) -> None:
    wanted = tmp_path / "logs/own.log"
    script = Script(
        stage="post",
        where="ks.cfg:9",
        text="import os\nprint(os.environ['ANA_INSTALL_PATH'], 'hunter2-long')\n",
        interpreter="/usr/bin/python3 -u",
        log=str(wanted),
    )
    run_stage((script,), tmp_path)
    assert wanted.read_text() == f"{tmp_path}/target ••••••\n"
    assert (tmp_path / "script-post-1.log").read_text() == wanted.read_text()


def test_error_on_fail_stops_and_shows_the_output(tmp_path: Path) -> None:
    script = Script(stage="post", where="ks.cfg:9", text="echo oh no; exit 3\n", stop_on_error=True)
    with pytest.raises(Failure, match="status 3") as failed:
        run_stage((script,), tmp_path)
    assert failed.value.where == "ks.cfg:9"
    assert failed.value.details == "oh no"


def test_without_error_on_fail_it_goes_on(tmp_path: Path) -> None:
    scripts = (
        Script(stage="post", where="ks.cfg:1", text="exit 1\n"),
        Script(stage="pre", where="ks.cfg:5", text=f"touch {tmp_path}/wrong-stage\n"),
        Script(stage="post", where="ks.cfg:9", text=f"touch {tmp_path}/second\n"),
    )
    said = run_stage(scripts, tmp_path)
    assert (tmp_path / "second").exists()
    assert not (tmp_path / "wrong-stage").exists()
    assert any("ks.cfg:1" in line and "--erroronfail" in line for line in said)


def test_the_log_goes_to_a_syslog_server_masked() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(30)
        logger = logging.getLogger("flexvdi")
        before = list(logger.handlers)
        forward_log("127.0.0.1", server.getsockname()[1], lambda text: text.replace("pw", "**"))
        try:
            logging.getLogger("flexvdi.installer").error("the pw is here")
            received = server.recv(65536)
        finally:
            for handler in set(logger.handlers) - set(before):
                logger.removeHandler(handler)
                handler.close()
    assert b"the ** is here" in received


def test_the_bundle_of_logs_withholds_answers_and_masks_the_rest(tmp_path: Path) -> None:
    (tmp_path / "install.log").write_text("the pw was here\n")
    (tmp_path / "plan.json").write_text("pw")
    (tmp_path / "ks.cfg").write_text("pw")
    bundle = make_bundle(tmp_path, "logs", lambda text: text.replace("pw", "**"))
    with tarfile.open(fileobj=io.BytesIO(bundle)) as archive:
        names = archive.getnames()
        kept = archive.extractfile("logs/install.log")
        assert kept is not None and kept.read() == b"the ** was here\n"
    assert "logs/kernel.txt" in names
    assert not {"logs/plan.json", "logs/ks.cfg"} & set(names)


def test_logs_go_to_a_web_server_by_put(tmp_path: Path) -> None:
    received: dict[str, bytes] = {}

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            received[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        save_logs(tmp_path, f"http://127.0.0.1:{server.server_port}/logs/", str)
        server.shutdown()
    ((path, content),) = received.items()
    assert path.startswith("/logs/flexvdi-install-")
    assert content[:2] == b"\x1f\x8b"


def test_logs_to_nowhere_say_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no device or folder"):
        save_logs(tmp_path, "LABEL=NO-SUCH-STICK", str)


def test_the_kickstart_left_behind_names_disks_for_good_and_holds_no_password() -> None:
    machine = machine_with_two_disks()
    hashed = hash_password(Secret("a good long password"))
    draft = Draft(disks=("vda", "vdb"), root_password_hash=hashed)
    plan = with_lasting_names(plan_of(draft, machine, 2 << 30), machine)
    used = {p.disk for p in plan.storage.partitions}
    assert used == {"/dev/disk/by-id/virtio-FAST-1", "/dev/disk/by-id/virtio-FAST-2"}
    clear = InstallPlan(root_password=RootPassword(password=Secret("clear text")))
    root = without_clear_passwords(clear).root_password
    assert root is not None and root.password is not None and root.crypted
    assert is_password_hash(root.password.reveal())


def test_a_vlan_carries_the_address_and_its_port_none() -> None:
    draft = Draft(disks=("vda",), network=NetworkDraft(port="ens4", vlan=7))
    network = plan_of(draft, machine_with_two_disks(), 2 << 30).document.network
    port, tagged = network.interfaces
    assert (port.name, port.ipv4.method) == ("ens4", "disabled")
    assert (tagged.name, tagged.ipv4.method) == ("ens4.7", "auto")
    assert network.management == "ens4.7"


def test_settings_of_the_kernel_line() -> None:
    settings = read_settings(
        KernelCommandLine.parse("inst.countdown=0 inst.onerror=halt inst.noverifyssl")
    )
    assert (settings.countdown, settings.on_error, settings.verify_tls) == (0, "halt", False)
    odd = read_settings(KernelCommandLine.parse("inst.countdown=soon inst.onerror=panic"))
    assert (odd.countdown, odd.on_error) == (10, None)


def test_without_a_medium_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="not mounted"):
        find_medium(
            KernelCommandLine.parse("root=live:CDLABEL=X"), say=print,
            cancel=threading.Event(), mounts=(tmp_path,),
        )  # fmt: skip
