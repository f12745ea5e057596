"""Who acts, and from where, as records name them."""

from __future__ import annotations

import os
import pwd

import pytest

from host.audit import session_user, this_actor


def test_commands_are_recorded_under_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    assert this_actor().name == (session_user() or pwd.getpwuid(os.getuid()).pw_name)


def test_a_user_without_an_entry_is_recorded_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.audit.session_user", lambda: None)
    monkeypatch.setattr(os, "getuid", lambda: 987654)
    assert this_actor().name == "uid 987654"


def test_a_remote_person_is_recorded_with_their_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.9 50000 192.0.2.1 22")
    assert str(this_actor("ana")) == "ana (192.0.2.9)"
