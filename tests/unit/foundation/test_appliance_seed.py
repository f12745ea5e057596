"""The contract between deployer and appliance: seed and progress lines, there and back."""

from __future__ import annotations

import pytest

from foundation.appliance_seed import (
    ApplianceProgress,
    ApplianceSeed,
    SeedAdministrator,
    progress_line,
    read_progress,
    read_user_data,
    user_data_text,
)
from foundation.failure import Failure
from foundation.secret import Secret

SEED = ApplianceSeed(
    administrator=SeedAdministrator(password_hash=Secret("$argon2id$v=19$m=1,t=1,p=1$a$b")),
    join_token=Secret("token: with # and 'quotes'"),
    names=("manager.lab", "192.0.2.5"),
    ssh_keys=("ssh-ed25519 AAAA me",),
)


def test_a_seed_is_read_as_it_was_written() -> None:
    assert read_user_data(user_data_text(SEED)) == SEED
    assert read_user_data(user_data_text(ApplianceSeed())) == ApplianceSeed()
    assert "argon2id" not in repr(SEED) and "token:" not in repr(SEED)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#cloud-config\nusers: []\n", "does not begin with"),
        ("#flexvdi-manager\n\tx", "not YAML"),
        ("#flexvdi-manager\nformat: 1\nusers: []\n", "users"),
        ("#flexvdi-manager\nformat: 2\n", "format"),
    ],
)
def test_what_is_no_seed_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(Failure, match=said):
        read_user_data(text)


def test_a_refusal_does_not_show_the_secrets() -> None:
    with pytest.raises(Failure) as refused:
        read_user_data("#flexvdi-manager\nadministrator: {name: A, password_hash: hunter2}\n")
    assert "hunter2" not in f"{refused.value}{refused.value.details}"


def test_progress_is_found_among_the_lines_of_a_console() -> None:
    progress = ApplianceProgress(step="ready", state="ready", fingerprint="ab" * 32)
    assert read_progress(f"[  3.1] {progress_line(progress)}\r") == progress
    for other in ("login:", "flexvdi-manager: {torn", 'flexvdi-manager: {"step": 1}'):
        assert read_progress(other) is None
