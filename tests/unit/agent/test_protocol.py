"""The messages in golden files are read as they were, and written as they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.protocol import to_agent, to_manager
from agent.protocol.commands import read_arguments
from agent.protocol.frames import (
    MOST_TO_AGENT,
    UnreadableFrame,
    encode,
    read_from_agent,
    read_from_manager,
)
from agent.protocol.version import PROTOCOL, ProtocolVersion, agree
from foundation.failure import Failure

GOLDEN = Path(__file__).parent / "golden"
READERS = {"to_manager": read_from_agent, "to_agent": read_from_manager}


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*/*.json")), ids=lambda path: path.stem)
def test_messages_of_this_version_stay_as_they_are(path: Path) -> None:
    wire = json.loads(path.read_text())
    message = READERS[path.parent.name](json.dumps(wire))
    assert message is not None
    assert json.loads(encode(message)) == wire


def test_every_kind_has_a_golden_file() -> None:
    for module in (to_manager, to_agent):
        folder = GOLDEN / module.__name__.rpartition(".")[2]
        kinds = {
            value.model_fields["kind"].default
            for value in vars(module).values()
            if hasattr(value, "model_fields") and "kind" in value.model_fields
        }
        assert kinds == {path.stem for path in folder.glob("*.json")}


def test_a_newer_side_may_say_more() -> None:
    assert read_from_manager('{"kind":"from-the-future","x":1}') is None
    more = read_from_agent('{"kind":"heartbeat","at":1.5,"mood":"good"}')
    assert more == to_manager.Heartbeat(at=1.5)


@pytest.mark.parametrize("frame", ["", "[]", "{}", '{"kind":"heartbeat"}', "\x00", "{" * 9])
def test_what_is_no_message_of_an_agent_is_refused(frame: str) -> None:
    with pytest.raises(UnreadableFrame):
        read_from_agent(frame)


@pytest.mark.parametrize(
    "frame", ["", "7", '{"kind":"welcome"}', '{"kind":"command","id":"../x","epoch":1,"verb":"x"}']
)
def test_what_is_no_message_of_a_manager_is_refused(frame: str) -> None:
    with pytest.raises(UnreadableFrame):
        read_from_manager(frame)


def test_a_frame_that_is_too_large_is_not_parsed() -> None:
    with pytest.raises(UnreadableFrame, match="larger than"):
        read_from_manager(" " * (MOST_TO_AGENT + 1))


@pytest.mark.parametrize(
    ("agent", "expected"), [("1.0", "1.0"), ("1.7", "1.2"), ("1.1", "1.1"), ("1.2", "1.2")]
)
def test_sides_agree_on_the_lower_minor_version(agent: str, expected: str) -> None:
    assert str(agree(agent, ProtocolVersion(1, 2))) == expected


@pytest.mark.parametrize(
    ("agent", "remedy"),
    [("1.9", "Upgrade the host."), ("3.0", "Upgrade the Manager.")],
)
def test_another_major_version_is_refused_with_both_versions(agent: str, remedy: str) -> None:
    with pytest.raises(Failure) as failed:
        agree(agent, ProtocolVersion(2, 4))
    assert agent in failed.value.cause and "2.4" in failed.value.cause
    assert failed.value.remedy == remedy


@pytest.mark.parametrize("agent", ["", "one", "1", "1.x", "99999.0"])
def test_no_version_is_refused_in_words(agent: str) -> None:
    with pytest.raises(Failure, match="no version"):
        agree(agent, PROTOCOL)


def test_arguments_are_checked_against_their_verb() -> None:
    with pytest.raises(Failure) as failed:
        read_arguments("maintenance.enter", {})
    assert failed.value.where == "reason"
    with pytest.raises(Failure):
        read_arguments("bridge.create", {"name": "a name that is too long"})
    with pytest.raises(Failure, match="knows no command"):
        read_arguments("from-the-future", {})
