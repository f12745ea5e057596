"""Kickstarts for lab machines, made from the product's own templates."""

from __future__ import annotations

import subprocess
from pathlib import Path

from foundation.atomic_file import write_atomically
from foundation.password_hash import hash_password
from foundation.secret import Secret
from tests.lab.accelerator import PATIENT_KERNEL
from tests.lab.host_shell import key_pair
from tests.lab.made_once import made_once
from tests.lab.places import LAB, own_command

ROOT_PASSWORD = "correct horse battery"
"""What the console's log-in is tried with; the kickstarts carry only its hash."""


def render(template: str, **variables: str | int) -> str:
    """The kickstart that ``template`` gives with the lab's root password and SSH key."""
    given = {
        "ssh_key": key_pair()[1],
        "finish": "poweroff",
        "kernel_arguments": PATIENT_KERNEL,
        **variables,
    }
    command = [own_command("flexvdi-kickstart"), "render", template]
    command += [word for name, value in given.items() for word in ("-v", f"{name}={value}")]
    command += ["--secret-file", f"root_password={_hash_file()}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"rendering {template} failed: {done.stderr}")
    return done.stdout


def _hash_file() -> Path:
    """The password's hash, made once, so that equal kickstarts stay equal from run to run."""
    return made_once(LAB / "root-password-hash", _make_hash)


def _make_hash(path: Path) -> None:
    write_atomically(path, hash_password(Secret(ROOT_PASSWORD)).reveal(), 0o600)
