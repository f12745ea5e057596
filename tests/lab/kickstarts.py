"""Kickstarts for lab machines, made from the product's own templates."""

from __future__ import annotations

import subprocess

from tests.lab.host_shell import key_pair
from tests.lab.places import own_command

ROOT_PASSWORD = "correct horse battery"
"""What the console's log-in is tried with; the kickstarts carry only its hash."""


def render(template: str, **variables: str | int) -> str:
    """The kickstart that ``template`` gives with the lab's root password and SSH key."""
    given = {"ssh_key": key_pair()[1], "finish": "poweroff", **variables}
    command = [own_command("flexvdi-kickstart"), "render", template]
    command += [word for name, value in given.items() for word in ("-v", f"{name}={value}")]
    command += ["--secret-file", "root_password=-"]
    done = subprocess.run(command, input=ROOT_PASSWORD, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"rendering {template} failed: {done.stderr}")
    return done.stdout
