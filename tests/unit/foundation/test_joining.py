"""The join string: whatever a person makes of it on the way is understood or explained."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.failure import Failure
from foundation.joining import (
    JoinString,
    ManagerAddress,
    check_manager_address,
    read_join_string,
    readable_fingerprint,
)
from foundation.secret import Secret

FINGERPRINT = "0123456789abcdef" * 4
TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWX"


@pytest.mark.parametrize("address", ["10.0.0.5", "manager.example.org", "fd00::5"])
@pytest.mark.parametrize("port", [443, 8443])
def test_what_is_shown_is_what_is_read(address: str, port: int) -> None:
    made = JoinString(ManagerAddress(address, port, FINGERPRINT), Secret(TOKEN))
    assert read_join_string(made.line().reveal()) == made


def test_spaces_breaks_and_case_do_not_matter() -> None:
    line = f" FLEXVDI-JOIN:V1:10.0.0.5:\n {FINGERPRINT.upper()} :{TOKEN.lower()}\n"
    read = read_join_string(line)
    assert read.manager == ManagerAddress("10.0.0.5", 443, FINGERPRINT)
    assert read.token == Secret(TOKEN)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no join string"),
        ("hello", "no join string"),
        ("flexvdi-join:v2:a:b:c", "form that this host does not know"),
        ("flexvdi-join:v1:10.0.0.5", "not complete"),
        (f"flexvdi-join:v1:10.0.0.5:{FINGERPRINT[:-1]}:{TOKEN}", "63 characters"),
        (f"flexvdi-join:v1:10.0.0.5:{FINGERPRINT}:{TOKEN[:9]}", "token"),
        (f"flexvdi-join:v1:10.0.0.5:{FINGERPRINT}:{TOKEN}0", "token"),
        (f"flexvdi-join:v1:10.0.0.555:{FINGERPRINT}:{TOKEN}", "not an address"),
        (f"flexvdi-join:v1:10.0.0.5:99999:{FINGERPRINT}:{TOKEN}", "not an address"),
    ],
)
def test_what_is_wrong_is_said_without_the_token(text: str, words: str) -> None:
    with pytest.raises(Failure, match=words) as failed:
        read_join_string(text)
    assert failed.value.remedy
    assert TOKEN not in str(failed.value.as_dict())


@given(st.text(max_size=200))
def test_any_text_is_answered_by_a_failure(text: str) -> None:
    with pytest.raises(Failure):
        read_join_string("flexvdi-join:" + text)


def test_addresses_with_and_without_a_port() -> None:
    assert check_manager_address("[fd00::5]:8443") == ("fd00::5", 8443)
    assert check_manager_address("fd00::5") == ("fd00::5", 443)
    for wrong in ("", "a b", "-x", "host:0", "host:", "[fd00::5", "https://host"):
        with pytest.raises(Failure):
            check_manager_address(wrong)


def test_no_text_of_a_join_string_shows_its_token() -> None:
    made = JoinString(ManagerAddress("10.0.0.5", 443, FINGERPRINT), Secret(TOKEN))
    assert TOKEN not in f"{made} {made!r} {made.line()}"
    assert readable_fingerprint(FINGERPRINT).startswith("01:23:45")
