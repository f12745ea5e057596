"""Secrets that were given to a host are in none of its journals, records, answers and screens."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config_tui.command_line import make_parser
from foundation.failure import Failure
from foundation.password_hash import hash_password
from foundation.secret import Secret
from host.backends.simulated.backend import SimulatedHost
from host.backends.simulated.simulation import Fault
from host.document.certificates import make_self_signed
from tests.unit.config_tui.screens import Driver
from tests.unit.host.storage_lab import SECRET, TARGET, WHO, with_storage

PASSWORD = "tulips in march"
CHAP = SECRET
CHAP_BACK = "tulips-in-may"


@pytest.fixture
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """Stands for journald; returns what it was sent since it was asked last."""
    path = tmp_path / "journal.socket"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(str(path))
        journal.setblocking(False)
        monkeypatch.setattr("foundation.journal.SOCKET", path)

        def sent() -> list[str]:
            texts = []
            while True:
                try:
                    texts.append(journal.recv(1 << 20).decode(errors="replace"))
                except BlockingIOError:
                    return texts

        yield sent


class Planted:
    """A host that was given secrets of every kind, and the secrets."""

    def __init__(self, host: SimulatedHost) -> None:
        self.host = host
        hashed = hash_password(Secret(PASSWORD))
        chain, key = make_self_signed((host.document().identity.hostname,), 365, datetime.now(UTC))
        self.secrets = [PASSWORD, CHAP, CHAP_BACK, hashed.reveal(), *key.reveal().split("\n")[1:-2]]
        chap = (
            f"{{username: host3, password: {CHAP}, target_username: disks,"
            f" target_password: {CHAP_BACK}}}"
        )
        wanted = with_storage(
            host, f"iscsi: {{targets: [{{name: {TARGET}, portals: [10.0.5.1], chap: {chap}}}]}}"
        )
        access = wanted.access.model_copy(update={"root_password_hash": hashed})
        certificate = wanted.certificate.model_copy(update={"chain": chain, "key": key})
        self.wanted = wanted.replacing(access=access, certificate=certificate)

    def assert_not_in(self, text: str) -> None:
        for secret in self.secrets:
            assert secret not in text


@pytest.fixture
def planted() -> Planted:
    return Planted(Driver().host)


def journals(host: SimulatedHost) -> str:
    return "".join(path.read_text() for path in host._jobs.directory.glob("*.jsonl"))


def test_the_records_are_written_and_hold_no_secret(
    planted: Planted, records: Callable[[], list[str]]
) -> None:
    planted.host.apply(planted.wanted, WHO)
    planted.host.security.change_password("root", Secret(f"{PASSWORD} again"), WHO)
    sent = records()
    assert len(sent) == 2 and "FLEXVDI_VERB=password set root" in sent[1]
    assert "FLEXVDI_DIFF" in sent[0] and TARGET in sent[0]
    planted.assert_not_in("".join(sent))
    planted.assert_not_in(journals(planted.host))
    assert not list(planted.host._jobs.directory.glob("*.kept"))


@pytest.mark.parametrize("call", range(1, 6))
def test_a_job_that_fails_tells_no_secret(
    planted: Planted, records: Callable[[], list[str]], call: int
) -> None:
    planted.host.faults["*"] = Fault("The service hangs.", at=call, times=1)
    with pytest.raises(Failure) as caught:
        planted.host.apply(planted.wanted, WHO)
    failure = caught.value
    planted.assert_not_in(f"{failure} {failure.details} {failure.as_dict()}")
    planted.assert_not_in("".join(records()) + journals(planted.host))


def test_what_an_unfinished_job_keeps_is_for_root_alone(planted: Planted) -> None:
    """It must be able to put secrets back after a crash, and so holds them for that long."""
    planted.host.faults["*"] = Fault("Everything hangs.", at=3)
    with pytest.raises(Failure):
        planted.host.apply(planted.wanted, WHO)
    folder = planted.host._jobs.directory
    kept = list(folder.glob("*.kept"))
    assert kept and all(path.stat().st_mode & 0o777 == 0o600 for path in kept)


@pytest.mark.parametrize(
    "words",
    [
        "status --json",
        "get",
        "get --json",
        "plan",
        "administrators list --json",
        "keys list",
        "certificate show --json",
        "iscsi show --json",
        "job list --json",
        "job show 1 --json",
        "support diagnose --json",
    ],
)
def test_no_verb_that_shows_something_shows_a_secret(
    planted: Planted, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    planted.host.apply(planted.wanted, WHO)
    options = make_parser().parse_args(words.split())
    options.run(planted.host, options)
    shown = capsys.readouterr()
    assert shown.out
    planted.assert_not_in(shown.out + shown.err)


def test_the_plan_shows_no_secret(planted: Planted) -> None:
    plan = planted.host.plan(planted.wanted)
    texts = [f"{change.summary}\n{change.details}" for change in plan.changes]
    assert len(texts) >= 3
    planted.assert_not_in("\n".join((*texts, *plan.risks, *plan.notes, repr(plan))))


def test_no_screen_shows_a_secret(planted: Planted) -> None:
    screen = Driver(size=(132, 43))
    planted = Planted(screen.host)
    screen.look().log_in()
    screen.application.stage(planted.wanted)
    screen.settle()
    for page in screen.pages:
        planted.assert_not_in(screen.go(page.name).text())
    planted.host.apply(planted.wanted, WHO)
    for page in screen.pages:
        planted.assert_not_in(screen.go(page.name).text())


def test_no_secret_is_an_argument() -> None:
    """Options that take a secret take the name of a file; the parser has no other."""
    from foundation.verb_tree import tree_of

    for node in tree_of(make_parser()).walk():
        for option in node.options:
            secret = any(word in option.names[-1] for word in ("password", "secret", "key"))
            if secret and option.value:
                assert option.takes_file, (node.path, option.names)
