"""flexvdi-config as a command, on the simulated machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

NODE = Path(__file__).parents[3] / "host/backends/simulated/examples/node.json"


def config(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "config_tui.command_line", "--simulate", str(NODE), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_status_in_words_and_in_json() -> None:
    assert "failed   Disk space: 2% free on /var." in config("status").stdout
    status = json.loads(config("status", "--json").stdout)
    assert status["management_address"] == "10.0.4.13" and status["state"] == "failed"


def test_plan_and_apply_a_document() -> None:
    document = config("export").stdout
    assert "hostname: node3.lab" in document
    assert "Nothing would change." in config("plan", "-f", "-", stdin=document).stdout
    changed = document.replace("node3.lab", "node4.lab")
    assert "Host name: node3.lab -> node4.lab" in config("plan", "-f", "-", stdin=changed).stdout
    refused = config("apply", "-f", "-", stdin=changed)
    assert refused.returncode == 1 and "--yes" in refused.stderr
    done = config("apply", "--yes", "-f", "-", stdin=changed)
    assert done.returncode == 0 and "Job 1 is done." in done.stdout
    assert "The host is as its document says." in config("apply", "--boot").stdout


def test_get_reaches_into_the_document() -> None:
    assert config("get", "network.interfaces.br-mgmt.ipv4.gateway").stdout == "10.0.4.1\n"
    wrong = config("get", "network.bridges")
    assert wrong.returncode == 1 and "There is:" in wrong.stderr


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("frobnicate",), 2),
        (("power",), 2),
        (("power", "explode"), 2),
        (("job",), 2),
        (("apply", "--boot", "-f", "x"), 2),
        (("plan", "-f", "/nowhere.yaml"), 1),
        (("job", "show", "7"), 1),
        (("job", "show", "../../etc/passwd"), 1),
        (("power", "reboot"), 1),
        ((), 1),
    ],
)
def test_wrong_use_is_one_line_and_a_status(arguments: tuple[str, ...], status: int) -> None:
    done = config(*arguments)
    assert done.returncode == status
    assert "Traceback" not in done.stderr and 1 <= len(done.stderr.strip().splitlines()) <= 2


def test_all_problems_of_a_document_are_told_with_their_lines() -> None:
    done = config("plan", "-f", "-", stdin="identity: {hostname: -}\ntime: {timezone: Mars}\n")
    assert done.returncode == 1
    assert "standard input:1: identity.hostname" in done.stderr
    assert "standard input:2: time.timezone" in done.stderr
