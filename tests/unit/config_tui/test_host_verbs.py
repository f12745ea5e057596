"""The verbs of security, system, support and maintenance on a simulated host."""

from __future__ import annotations

import io
import json
import sys
import tarfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config_tui.command_line import _main, make_parser
from foundation.command_line import EXIT_CANCELLED, EXIT_FAILED, EXIT_OK, EXIT_USAGE, run_command
from foundation.failure import Failure
from foundation.password_hash import password_matches
from foundation.secret import Secret
from host.audit import Actor
from host.backends.simulated.backend import SimulatedHost
from host.document.certificates import make_self_signed
from host.document.reading import parse_document
from host.document.system_files import FileContent
from host.parts.certificate import CERTIFICATE_FILE
from tests.unit.config_tui.screens import EXAMPLES

WHO = Actor("ana", "test")
PASSWORD = "a long way to Tipperary"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ana@laptop"


@pytest.fixture
def host() -> SimulatedHost:
    return SimulatedHost(EXAMPLES / "hospital.json")


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n")
    return str(path)


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    path = tmp_path / "id_ed25519.pub"
    path.write_text(f"# of the laptop\n{KEY}\n")
    return str(path)


def call(host: SimulatedHost, *words: str) -> int:
    options = make_parser().parse_args(words)
    code: int = options.run(host, options)
    return code


def answer(host: SimulatedHost, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    call(host, *words, "--json")
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("administrators list", "root"),
        ("keys list", "alice  ssh-ed25519  SHA256:"),
        ("certificate show", "Origin: made by this host"),
        ("time", "10.9.9.9  unreachable"),
        ("timezones madrid", "Europe/Madrid"),
        ("keyboards spanish", "Spanish"),
        ("languages", "UTF-8"),
        ("firewall services", "ssh"),
        ("slots", "a  0.1.0 6.12.0-55.el10  runs, next"),
        ("crash-dump", "armed: a crash would leave a dump"),
        ("log-target test logs.example --protocol udp", "look there"),
        ("logs", "8 sectors cannot be read"),
        ("logs --audit", "Job 3"),
        ("support services", "chronyd"),
        ("support sticks", "usb:/dev/sdz1  SUPPORT"),
        ("maintenance show", "In service."),
    ],
)
def test_looking_in_words_and_in_json(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str], words: str, said: str
) -> None:
    assert call(host, *words.split()) == EXIT_OK
    assert said in capsys.readouterr().out
    answer(host, capsys, *words.split())


def test_a_password_comes_from_a_file_and_is_shown_nowhere(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str], password_file: str
) -> None:
    call(host, "password", "set", "root", "--password-file", password_file)
    hashed = host.document().access.root_password_hash
    assert hashed is not None and password_matches(Secret(PASSWORD), hashed)
    shown = capsys.readouterr()
    assert PASSWORD not in shown.out + shown.err


def test_a_password_comes_from_standard_input(
    host: SimulatedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\nmore\n"))
    call(host, "password", "set", "root", "--password-file", "-")
    hashed = host.document().access.root_password_hash
    assert hashed is not None and password_matches(Secret(PASSWORD), hashed)


class Terminal(io.StringIO):
    """Standard input with a person before it."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("again", [PASSWORD, "something else"])
def test_a_typed_password_is_typed_twice(
    host: SimulatedHost, monkeypatch: pytest.MonkeyPatch, again: str
) -> None:
    typed = iter((PASSWORD, again))
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("config_tui.given_texts.getpass", lambda _prompt: next(typed))
    before = host.document()
    if again == PASSWORD:
        call(host, "password", "set", "root")
        assert host.document() != before
    else:
        with pytest.raises(Failure, match="differ"):
            call(host, "password", "set", "root")
        assert host.document() == before


def test_a_weak_password_is_refused_by_its_reasons(host: SimulatedHost, tmp_path: Path) -> None:
    weak = tmp_path / "weak"
    weak.write_text("root1\n")
    with pytest.raises(Failure, match="at least") as caught:
        call(host, "password", "set", "root", "--password-file", str(weak))
    assert "root1" not in str(caught.value)
    assert host.jobs() == ()


def test_an_administrator_from_adding_to_removing(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str], password_file: str, key_file: str
) -> None:
    add = ["administrators", "add", "ana", "--full-name", "Ana Díaz"]
    call(host, *add, "--password-file", password_file, "--key-file", key_file)
    account = host.machine.accounts.find("ana")
    assert account is not None and account.administrator and account.ssh_keys == (KEY,)
    person = answer(host, capsys, "administrators", "list")[-1]
    assert (person["name"], person["has_password"], len(person["keys"])) == ("ana", True, 1)
    keys = answer(host, capsys, "keys", "list", "ana")
    fingerprint = keys["ana"][0]["fingerprint"]
    assert fingerprint.startswith("SHA256:") and keys["ana"][0]["comment"] == "ana@laptop"

    call(host, "keys", "remove", "ana", fingerprint, "--yes")
    assert answer(host, capsys, "keys", "list", "ana") == {"ana": []}
    call(host, "keys", "add", "ana", key_file)
    with pytest.raises(Failure, match="ana has the only password"):
        call(host, "password", "lock", "ana", "--yes")
    call(host, "password", "set", "root", "--password-file", password_file)
    call(host, "password", "lock", "ana", "--yes")
    assert answer(host, capsys, "administrators", "list")[-1]["has_password"] is False
    call(host, "administrators", "remove", "ana", "--yes")
    assert host.machine.accounts.find("ana") is None
    assert "ana" not in [person.name for person in host.security.people()]


@pytest.mark.parametrize(
    "words",
    [
        "password lock root",
        "administrators remove ana",
        "keys remove root SHA256:x",
        "certificate renew",
    ],
)
def test_what_takes_something_away_needs_a_yes(
    host: SimulatedHost, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(Failure, match="needs a yes"):
        call(host, *words.split())
    assert host.jobs() == ()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("password set root", "Nobody can be asked"),
        ("password set nobody --password-file {password}", "There is no administrator nobody"),
        ("password set root --password-file /nowhere", "cannot be read"),
        ("administrators add ana", "Nobody can be asked"),
        ("administrators add root --key-file {key}", "already"),
        ("administrators add Ana --key-file {key}", "String should match"),
        ("administrators remove root --yes", "Root cannot be removed"),
        ("administrators remove ana --yes", "There is no administrator ana"),
        ("keys list ana", "There is no administrator ana"),
        ("keys add root {password}", "not a public SSH key"),
        ("keys add root /dev/null", "holds 0 keys"),
        ("keys remove root SHA256:x --yes", "has no key"),
        ("certificate check --chain-file {key} --key-file /nowhere", "cannot be read"),
        ("certificate check --chain-file - --key-file -", "Only one"),
        ("certificate install --chain-file {key} --key-file {key} --yes", "not in PEM form"),
        ("log-target test logs.example --port 70000", "less than or equal to 65535"),
        ("log-target test away.example", "does not answer"),
        ("support bundle ftp://server/", "cannot be sent"),
        ("support bundle relative/path", "is no path"),
        ("support bundle usb:/dev/sdq1", "not a filesystem on a stick"),
        ("maintenance leave", "not in maintenance"),
        ("maintenance enter ", "needs a reason"),
    ],
)
def test_what_cannot_be_done_is_said(
    host: SimulatedHost,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    said: str,
    password_file: str,
    key_file: str,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    host.faults["away.example"] = "away.example does not answer."
    before = host.document()
    with pytest.raises(Failure) as caught:
        call(host, *(w.format(password=password_file, key=key_file) for w in words.split(" ")))
    assert said in caught.value.cause
    assert host.document() == before and PASSWORD not in str(caught.value)


@pytest.fixture
def pair(host: SimulatedHost, tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for the host, and its key."""
    names = (host.document().identity.hostname,)
    text, key = make_self_signed(names, 365, datetime.now(UTC))
    (tmp_path / "chain.pem").write_text(text)
    (tmp_path / "key.pem").write_text(key.reveal())
    return tmp_path / "chain.pem", tmp_path / "key.pem"


def test_a_certificate_from_checking_to_a_new_one(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str], pair: tuple[Path, Path]
) -> None:
    files = ["--chain-file", str(pair[0]), "--key-file", str(pair[1])]
    assert call(host, "certificate", "check", *files) == EXIT_OK
    call(host, "certificate", "install", *files, "--yes")
    installed = answer(host, capsys, "certificate", "show")
    assert installed["installed"] and installed["problems"] == []
    call(host, "certificate", "renew", "--yes")
    renewed = answer(host, capsys, "certificate", "show")
    assert not renewed["installed"]
    assert renewed["facts"]["fingerprint"] != installed["facts"]["fingerprint"]
    call(host, "certificate", "show")
    shown = capsys.readouterr().out
    assert "Issued by: itself" in shown and renewed["facts"]["fingerprint"] in shown


def test_a_certificate_that_is_over_is_refused(host: SimulatedHost, tmp_path: Path) -> None:
    text, key = make_self_signed(("other.lab",), 30, datetime.now(UTC) - timedelta(days=90))
    (tmp_path / "chain.pem").write_text(text)
    (tmp_path / "key.pem").write_text(key.reveal())
    files = ["--chain-file", str(tmp_path / "chain.pem"), "--key-file", str(tmp_path / "key.pem")]
    assert call(host, "certificate", "check", *files) == EXIT_FAILED
    with pytest.raises(Failure, match="expired"):
        call(host, "certificate", "install", *files, "--yes")


def test_the_log_is_read_in_pages(host: SimulatedHost, capsys: pytest.CaptureFixture[str]) -> None:
    latest = answer(host, capsys, "logs", "--lines", "2")
    assert [entry["source"] for entry in latest["entries"]] == ["chronyd", "kernel"]
    older = answer(host, capsys, "logs", "--lines", "2", "--before", latest["before"])
    assert [entry["source"] for entry in older["entries"]] == ["systemd", "flexvdi-config"]
    assert older["before"] == ""
    grave = answer(host, capsys, "logs", "--priority", "err", "--all-boots")
    assert [entry["source"] for entry in grave["entries"]] == ["kernel"]
    call(host, "logs", "--unit", "nothing.service")
    assert capsys.readouterr().out == "Nothing fits.\n"


def test_a_bundle_is_left_in_a_folder_and_on_a_stick(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    result = answer(host, capsys, "support", "bundle", str(tmp_path))
    place = Path(result["place"])
    assert place.parent == tmp_path and place.stat().st_size == result["size"]
    assert place.stat().st_mode & 0o777 == 0o600
    with tarfile.open(place) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert {"host.yaml", "diagnosis.json", "jobs.json"} <= inside
    call(host, "support", "bundle", "usb:/dev/sdz1")
    shown = capsys.readouterr()
    assert "on /dev/sdz1" in shown.out and "host.yaml ..." in shown.err


def test_diagnosing_fails_where_something_has(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str]
) -> None:
    host.simulation.facts["checks"] = []
    assert call(host, "support", "diagnose") == EXIT_OK
    assert "10.9.9.9" in capsys.readouterr().out
    host.machine.files.put(CERTIFICATE_FILE, FileContent("damaged\n"))
    assert call(host, "support", "diagnose") == EXIT_FAILED
    shown = capsys.readouterr().out
    assert "failed   Certificate" in shown and "certificate renew" in shown


def test_maintenance_is_entered_told_and_left(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str]
) -> None:
    host.machine.guests.set_autostart("ward-3", True)
    entered = answer(host, capsys, "maintenance", "enter", "new memory")
    assert (entered["reason"], entered["guests"]) == ("new memory", ["ward-3"])
    assert host.machine.guests.autostarted() == ()
    call(host, "maintenance", "show")
    shown = capsys.readouterr().out
    assert "new memory" in shown and "ward-3" in shown
    assert answer(host, capsys, "maintenance", "leave") is None
    assert host.machine.guests.autostarted() == ("ward-3",)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("maintenance show", EXIT_OK),
        ("maintenance leave", EXIT_FAILED),
        ("maintenance", EXIT_USAGE),
        ("logs --priority loud", EXIT_USAGE),
        ("logs --lines 0", EXIT_USAGE),
        ("certificate check --chain-file - --key-file -", EXIT_USAGE),
    ],
)
def test_exit_statuses(host: SimulatedHost, words: str, code: int) -> None:
    def main(arguments: Any) -> int:
        try:
            return call(host, *arguments)
        except SystemExit as ended:
            return int(ended.code or 0)

    assert run_command(main, words.split()) == code


def test_a_bundle_that_is_interrupted_ends_as_cancelled(
    host: SimulatedHost, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from threading import Event

    def interrupted(work: Any) -> Any:
        cancel = Event()
        cancel.set()
        return work(cancel)

    monkeypatch.setattr("config_tui.verbs.support.until_interrupted", interrupted)
    words = ["support", "bundle", str(tmp_path)]
    assert run_command(lambda arguments: call(host, *arguments), words) == EXIT_CANCELLED
    assert list(tmp_path.iterdir()) == []


def test_a_requested_certificate_is_installed_with_the_key_that_stayed_here(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

    chain = tmp_path / "signed.pem"
    chain.write_text(make_self_signed(("x",), 90, datetime.now(UTC))[0])
    with pytest.raises(Failure, match="requested no certificate"):
        call(host, "certificate", "check", "--chain-file", str(chain))
    call(host, "certificate", "request")
    said = capsys.readouterr().out
    request = x509.load_pem_x509_csr(said.encode())
    names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    name = host.document().identity.hostname
    assert request.is_signature_valid and name in names.get_values_for_type(x509.DNSName)
    assert answer(host, capsys, "certificate", "request") != ""
    again = x509.load_pem_x509_csr(host.security.certificate_request(WHO).encode())
    assert again.public_key() == request.public_key(), "one key until its certificate is there"

    authority = make_self_signed(("ca.example.com",), 90, datetime.now(UTC))
    signer: Any = load_pem_private_key(authority[1].reveal().encode(), None)
    signed = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(x509.load_pem_x509_certificate(authority[0].encode()).subject)
        .public_key(request.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=200))
        .add_extension(names, False)
        .sign(signer, SHA256())
    )
    chain.write_text(signed.public_bytes(Encoding.PEM).decode())
    assert call(host, "certificate", "install", "--chain-file", str(chain), "--yes") == EXIT_OK
    assert host.security.certificate().installed
    assert "PRIVATE" not in capsys.readouterr().out
    later = x509.load_pem_x509_csr(host.security.certificate_request(WHO).encode())
    assert later.public_key() != request.public_key()


def test_a_log_is_followed_until_somebody_has_seen_enough(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = host.simulation.facts.setdefault("journal", [])

    class Cancel:
        """Lets something be written at the first wait, and has seen enough at the second."""

        waits = 0

        def wait(self, _seconds: float) -> bool:
            self.waits += 1
            if self.waits == 1:
                journal.append({"time": 0.0, "source": "later", "message": "written meanwhile"})
            return self.waits > 1

    monkeypatch.setattr("config_tui.verbs.support.until_interrupted", lambda work: work(Cancel()))
    journal.append({"time": 0.0, "source": "before", "message": "already there"})
    call(host, "logs", "--follow", "--lines", "1")
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2 and "already there" in said[0] and "written meanwhile" in said[1]


def test_a_reason_of_a_reboot_is_recorded(host: SimulatedHost) -> None:
    call(host, "power", "reboot", "--yes", "--reason", "a new fan")
    assert host.calls == ["reboot: a new fan"]


def test_a_silent_chrony_and_a_missing_zone_are_told(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str]
) -> None:
    host.faults["clock.sources"] = "chrony does not answer."
    call(host, "time")
    assert "! chrony does not answer." in capsys.readouterr().out
    status = host.system.time_status()
    for zone in ("", "Nowhere/Atlantis", "../../etc/passwd"):
        assert replace(status, timezone=zone).local_time.tzname() == "UTC"


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_what_is_exported_is_the_whole_document(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str], tmp_path: Path, form: tuple[str, ...]
) -> None:
    capsys.readouterr()
    call(host, "export", *form)
    kept = tmp_path / "kept"
    kept.write_text(capsys.readouterr().out)
    assert parse_document(kept.read_text(), str(kept)) == host.document()


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("confirm --json", "No change waits"),
        ("get nowhere --json", "There is no nowhere"),
        ("power reboot --json", "This needs a yes"),
        ("set identity.hostname=other --json", "This needs a yes"),
        ("set identity.hostnme=other --json --yes", "did you mean `hostname`"),
        ("mounts mount nothing --json", "has no mount nothing"),
    ],
)
def test_what_fails_is_json_on_standard_output_and_words_on_the_other(
    words: str, cause: str, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = ("--simulate", str(EXAMPLES / "hospital.json"))
    assert run_command(_main, [*machine, *words.split()]) == EXIT_FAILED
    said = capsys.readouterr()
    failure = json.loads(said.out)["failure"]
    assert cause in failure["cause"]
    assert cause in said.err
    assert set(failure) <= {"cause", "remedy", "log", "where"}
