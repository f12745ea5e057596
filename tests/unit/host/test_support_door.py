"""Support bundles and diagnoses on a simulated host, and a web server that takes bundles."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event

import pytest

from foundation.failure import Cancelled, Failure
from foundation.secret import Secret
from host.api.support import BundleProgress, Diagnosis
from host.backends.simulated.backend import SimulatedHost
from host.bundle import entries
from host.document.system_files import FileContent
from host.in_force import DOCUMENT_FILE
from tests.unit.host.storage_lab import WHO

HOSPITAL = Path(__file__).parents[3] / "host/backends/simulated/examples/hospital.json"


@pytest.fixture
def host() -> SimulatedHost:
    return SimulatedHost(HOSPITAL)


@dataclass
class WebServer:
    """What it answers, and what it got: method, path, body."""

    address: str = ""
    answer: int = 201
    got: list[tuple[str, str, bytes]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[WebServer]:
    known = WebServer()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.got.append((self.command, self.path, body))
            self.send_response(known.answer)
            if known.answer == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_PUT

        def log_message(self, format: str, *args: object) -> None:
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.address = f"127.0.0.1:{listener.server_address[1]}"
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield known
    listener.shutdown()
    thread.join()
    listener.server_close()


def read(path: Path) -> dict[str, str]:
    return {name.partition("/")[2]: text for name, text in entries(path)}


def test_a_bundle_holds_document_diagnosis_jobs_and_files(
    host: SimulatedHost, tmp_path: Path
) -> None:
    host.simulation.facts["texts"] = {"system/kernel.txt": "Linux 6.12\n"}
    seen: list[BundleProgress] = []
    result = host.support.bundle(str(tmp_path), WHO, seen.append)
    assert Path(result.place).name.startswith("support-node1-") and result.missing == ()
    content = read(Path(result.place))
    assert "node1.hospital.example" in content["host.yaml"]
    assert any(finding["group"] == "Time" for finding in json.loads(content["diagnosis.json"]))
    assert content["system/kernel.txt"] == "Linux 6.12\n"
    assert "configuration/etc/hostname" in content
    assert f"configuration/{DOCUMENT_FILE}" not in content
    assert seen[0].title == "host.yaml" and seen[-1].sent == seen[-1].total == result.size


def test_what_cannot_be_had_is_named_and_the_rest_is_there(
    host: SimulatedHost, tmp_path: Path
) -> None:
    host.faults["inspection"] = "The tool hangs."
    result = host.support.bundle(str(tmp_path / "out.tar.gz"), WHO)
    assert result.place == str(tmp_path / "out.tar.gz")
    assert "network/addresses.json: The tool hangs." in result.missing
    content = read(Path(result.place))
    assert "The tool hangs." in content["missing.txt"] and "host.yaml" in content


def test_a_bundle_is_made_of_a_host_whose_document_is_damaged(
    host: SimulatedHost, tmp_path: Path
) -> None:
    host.machine.files.put(DOCUMENT_FILE, FileContent("identity: {hostname: -}\n", 0o600))
    content = read(Path(host.support.bundle(str(tmp_path), WHO).place))
    findings = json.loads(content["diagnosis.json"])
    assert "host name" in next(f["value"] for f in findings if f["group"] == "Host document")


@pytest.mark.parametrize(("prefix", "method"), [("", "PUT"), ("post+", "POST")])
def test_a_bundle_is_sent_whole_and_its_login_shown_nowhere(
    host: SimulatedHost, server: WebServer, tmp_path: Path, prefix: str, method: str
) -> None:
    target = f"{prefix}http://ana:tulips-in-march@{server.address}/in/"
    result = host.support.bundle(target, WHO)
    ((got_method, path, body),) = server.got
    assert (got_method, len(body)) == (method, result.size)
    assert result.place == f"http://{server.address}{path}" and path.startswith("/in/support-node1")
    copy = tmp_path / "copy.tar.gz"
    copy.write_bytes(body)
    assert "host.yaml" in read(copy)


@pytest.mark.parametrize("answer", [302, 403, 507])
def test_a_server_that_refuses_is_told(host: SimulatedHost, server: WebServer, answer: int) -> None:
    server.answer = answer
    with pytest.raises(Failure, match=f"refuses the bundle: {answer}") as caught:
        host.support.bundle(f"http://ana:tulips-in-march@{server.address}/in/", WHO)
    assert "tulips" not in str(caught.value)


def test_a_server_that_is_away_is_told(host: SimulatedHost, server: WebServer) -> None:
    with pytest.raises(Failure, match="could not be reached") as caught:
        host.support.bundle("http://ana:tulips-in-march@127.0.0.1:1/in/", WHO)
    assert "tulips" not in str(caught.value)


@pytest.mark.parametrize(
    "target", ["", "relative", "ftp://server/", "https://", "usb:sdb1", "post+https:///in"]
)
def test_a_target_that_is_none_is_refused_at_once(host: SimulatedHost, target: str) -> None:
    seen: list[BundleProgress] = []
    with pytest.raises(Failure):
        host.support.bundle(target, WHO, seen.append)
    assert seen == []


def test_no_file_is_overwritten_and_none_left_half(host: SimulatedHost, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    with pytest.raises(Failure, match="exists already"):
        host.support.bundle(str(taken), WHO)
    assert taken.read_text() == "mine"
    with pytest.raises(Failure, match="could not be written"):
        host.support.bundle(str(tmp_path / "no folder" / "out"), WHO)

    cancel = Event()

    def stop_when_sending(progress: BundleProgress) -> None:
        if progress.title.startswith("texts") or progress.title == "network/addresses.json":
            cancel.set()

    with pytest.raises(Cancelled):
        host.support.bundle(str(tmp_path / "out"), WHO, stop_when_sending, cancel)
    assert [entry.name for entry in tmp_path.iterdir()] == ["taken"]


def findings(host: SimulatedHost) -> dict[str, list[Diagnosis]]:
    seen: list[Diagnosis] = []
    found = host.support.diagnose(seen.append)
    assert tuple(seen) == found
    return {group: [f for f in found if f.group == group] for group in {f.group for f in found}}


def test_a_diagnosis_looks_at_everything(host: SimulatedHost) -> None:
    found = findings(host)
    assert {"Host document", "Jobs", "Time", "Log target", "Crash dump", "Root slots"} <= set(found)
    assert [f.name for f in found["Time"] if f.state == "warning"] == ["10.9.9.9"]
    assert [f.state for f in found["Crash dump"]][-1] == "warning"  # it has crashed once


def test_a_question_without_an_answer_is_a_finding(host: SimulatedHost) -> None:
    host.faults["clock.sources"] = "chronyd does not answer."
    host.faults["slots"] = "There is no boot menu."
    found = findings(host)
    assert [(f.state, f.value) for f in found["Time"]] == [("unknown", "chronyd does not answer.")]
    assert found["Root slots"][0].state == "unknown"
    assert found["Jobs"][0].state == "ok"


def test_what_was_changed_by_hand_is_found(host: SimulatedHost) -> None:
    host.apply_at_boot()
    assert findings(host)["Host document"][0].state == "ok"
    host.machine.files.put("etc/hostname", FileContent("byhand\n"))
    finding = findings(host)["Host document"][0]
    assert finding.state == "warning" and "byhand" in finding.value
    assert "flexvdi-config apply" in finding.remedy


def test_maintenance_is_found(host: SimulatedHost) -> None:
    host.enter_maintenance("new memory", WHO)
    assert "new memory" in findings(host)["Maintenance"][0].value


def test_secrets_that_were_planted_are_not_in_a_bundle(host: SimulatedHost, tmp_path: Path) -> None:
    secret = "tulips-in-march"
    host.security.change_password("root", Secret(secret), WHO)
    hashed = host.document().access.root_password_hash
    assert hashed is not None
    host.machine.files.put(
        "etc/iscsi/iscsid.conf", FileContent(f"node.session.auth.password = {secret}\n", 0o600)
    )
    host.machine.files.put("etc/key.pem", FileContent(_key(secret), 0o600))
    host.simulation.facts["texts"] = {
        "journal.txt": f"chpasswd: root:{hashed.reveal()}\nhttp://ana:{secret}@proxy/\n"
    }
    content = read(Path(host.support.bundle(str(tmp_path), WHO).place))
    assert "configuration/etc/iscsi/iscsid.conf" in content
    for name, text in content.items():
        assert secret not in text, name
        assert hashed.reveal() not in text, name
        assert "BEGIN PRIVATE KEY" not in text, name


def _key(text: str) -> str:
    return f"-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n"
