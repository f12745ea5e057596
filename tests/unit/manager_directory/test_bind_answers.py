from __future__ import annotations

import pytest

from manager.directory.bind_answers import PASSWORD_POLICY_CONTROL, reason_of
from manager.directory.refusals import Reason, Refused

WINDOWS = "80090308: LdapErr: DSID-0C09042F, comment: AcceptSecurityContext error, data {}, v4563"


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("525", Reason.UNKNOWN_USER),
        ("52e", Reason.WRONG_PASSWORD),
        ("530", Reason.NOT_NOW),
        ("531", Reason.NOT_HERE),
        ("532", Reason.PASSWORD_EXPIRED),
        ("533", Reason.DISABLED),
        ("701", Reason.ACCOUNT_EXPIRED),
        ("773", Reason.MUST_CHANGE),
        ("775", Reason.LOCKED),
        ("99f", Reason.WRONG_PASSWORD),
    ],
)
def test_active_directory(number: str, reason: Reason) -> None:
    assert reason_of({"result": 49, "message": WINDOWS.format(number)}) is reason


def policy(value: bytes) -> dict[str, object]:
    return {PASSWORD_POLICY_CONTROL: {"value": value}}


@pytest.mark.parametrize(
    ("result", "value", "reason"),
    [
        (49, b"\x30\x03\x81\x01\x00", Reason.PASSWORD_EXPIRED),
        (49, b"\x30\x03\x81\x01\x01", Reason.LOCKED),
        (49, b"\x30\x00", Reason.WRONG_PASSWORD),
        (0, b"\x30\x03\x81\x01\x02", Reason.MUST_CHANGE),
        (0, b"\x30\x00", None),
        # timeBeforeExpiration, then an error; and a warning alone.
        (49, b"\x30\x08\xa0\x03\x80\x01\x05\x81\x01\x01", Reason.LOCKED),
        (0, b"\x30\x05\xa0\x03\x80\x01\x05", None),
        (0, b"", None),
        (0, b"\x30\x7f\x81", None),
    ],
)
def test_password_policy_control(result: int, value: bytes, reason: Reason | None) -> None:
    assert reason_of({"result": result, "controls": policy(value)}) is reason


@pytest.mark.parametrize(
    ("result", "message", "reason"),
    [
        (53, "Account inactivated. Contact system administrator.", Reason.DISABLED),
        (19, "Exceed password retry limit. Please try later.", Reason.LOCKED),
        (49, "password expired!", Reason.PASSWORD_EXPIRED),
        (49, "", Reason.WRONG_PASSWORD),
    ],
)
def test_389_directory_server(result: int, message: str, reason: Reason) -> None:
    assert reason_of({"result": result, "message": message}) is reason


@pytest.mark.parametrize(
    ("result", "reason"), [(0, Reason.MUST_CHANGE), (49, Reason.PASSWORD_EXPIRED)]
)
def test_the_older_control_says_both_by_one_number(result: int, reason: Reason) -> None:
    controls = {"2.16.840.1.113730.3.4.4": {"value": b"0"}}
    assert reason_of({"result": result, "controls": controls}) is reason


def test_an_answer_that_is_not_about_the_account() -> None:
    with pytest.raises(ValueError):
        reason_of({"result": 52, "message": "shutting down"})


def test_what_strangers_could_learn_from_gets_one_text() -> None:
    hidden = (
        Reason.EMPTY_PASSWORD,
        Reason.UNKNOWN_USER,
        Reason.AMBIGUOUS_USER,
        Reason.WRONG_PASSWORD,
        Reason.LOCKED,
    )
    assert len({str(Refused(reason)) for reason in hidden}) == 1
    for reason in set(Reason) - set(hidden):
        failure = Refused(reason)
        assert str(failure) != str(Refused(Reason.WRONG_PASSWORD)) and failure.remedy
