"""Deployments with the real flexvdi-config, libvirtd, virtlockd and QEMU, killed at every step.

The guests are emulated and as small as can be (see manager_lab); the whole module takes about a
minute. Run it alone where machines are shared: it starts QEMU.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.integration.deployment.manager_lab import ManagerLab, missing_programs
from tests.integration.deployment.stand_in import ADDRESS

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for namespaces of its own"),
    pytest.mark.skipif(bool(missing_programs()), reason=f"needs {', '.join(missing_programs())}"),
]
STEPS = range(1, 10)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManagerLab]:
    lab = ManagerLab(tmp_path_factory.mktemp("manager"))
    yield lab
    lab.end()


@pytest.fixture(autouse=True)
def _clean(lab: ManagerLab) -> Iterator[None]:
    yield
    status = lab.json("manager", "status")
    if status["job"] is not None:
        lab.run("job", "rollback", status["job"]["id"])
    if status["manager"] is not None:
        lab.run("manager", "force-off", "--yes")
        lab.run("manager", "remove", "--erase", "flexvdi-manager")
    assert lab.is_clean()


def test_a_manager_lives_from_deployment_to_its_end(lab: ManagerLab, tmp_path: Path) -> None:
    said = lab.ok(*lab.deploy_words())
    assert "[9/9]" in said and f"https://{ADDRESS}" in said
    status = lab.json("manager", "status")
    assert status["state"] == "running" and status["manager"]["state"] == "ready"
    assert {check["state"] for check in status["checks"]} == {"ok"}, status["checks"]
    assert "flexvdi-manager: {" in lab.ok("manager", "console", "--log")
    assert re.fullmatch(r"(spice|vnc)://127\.0\.0\.1:\d+", status["display"])
    assert re.search(r"Autostart:\s+enable", lab.virsh("dominfo", "flexvdi-manager"))

    refused = lab.run("manager", "export", str(tmp_path))
    assert refused.returncode == 1 and "Stop it first" in refused.stderr
    lab.ok("manager", "force-off", "--yes")
    archive = tmp_path / "manager.tar"
    lab.ok("manager", "export", str(archive))
    assert archive.stat().st_mode & 0o777 == 0o600
    lab.ok("manager", "remove", "--erase", "flexvdi-manager")
    assert lab.is_clean()
    lab.ok("manager", "import", str(archive), "--folder", str(lab.storage))
    lab.ok("manager", "start")
    assert lab.json("manager", "status")["state"] == "running"
    assert lab.json("manager", "found")[0]["running_on"]


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_is_taken_back_or_goes_on(lab: ManagerLab, step: int) -> None:
    """Every other step is gone on with; the others are rolled back to nothing at all."""
    process = lab.config(*lab.deploy_words())
    assert process.stdout is not None
    seen = any(line.startswith(f"[{step}/") for line in process.stdout)
    process.send_signal(signal.SIGKILL)
    _out, error = process.communicate()
    assert seen, error
    job = lab.json("manager", "status")["job"]
    if job is None:  # the last step is too short to be hit: it was done
        assert step == STEPS[-1]
        return
    assert job["state"] == "interrupted"
    if step % 2:
        lab.ok("job", "rollback", job["id"])
        assert lab.is_clean()
    else:
        lab.ok("manager", "retry")
        assert lab.json("manager", "status")["state"] == "running"


def test_a_second_guest_on_the_same_disk_is_kept_out_by_its_lock(
    lab: ManagerLab, tmp_path: Path
) -> None:
    lab.ok(*lab.deploy_words())
    xml = lab.virsh("dumpxml", "--inactive", "flexvdi-manager")
    twin = re.sub(r"<uuid>.*?</uuid>", "", xml).replace("<name>flexvdi-manager<", "<name>twin<")
    twin = re.sub(r"<mac address='[^']*'/>", "", twin).replace(
        "flexvdi-manager-serial", "twin-console"
    )
    (tmp_path / "twin.xml").write_text(twin)
    lab.virsh("define", str(tmp_path / "twin.xml"))
    try:
        assert "lock" in lab.virsh("start", "twin").lower()
        assert lab.json("manager", "status")["state"] == "running"
    finally:
        lab.virsh("undefine", "twin")


def test_no_secret_is_seen_by_others(lab: ManagerLab, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("planted secret 4711\n")
    said = lab.ok(*lab.deploy_words(), "--password-file", str(password))
    seed = (lab.place / "seed.iso").read_bytes()
    kept = b"".join(
        path.read_bytes()
        for path in Path(lab.folder).rglob("*")
        if path.is_file() and path.suffix in (".log", ".json")
    )
    for secret in (b"planted secret", b"$argon2id$"):
        assert secret not in seed and secret not in kept and secret not in said.encode()
    assert (lab.place / "seed.iso").stat().st_mode & 0o077 == 0


def test_its_console_shows_what_comes_while_nobody_types(lab: ManagerLab) -> None:
    lab.ok(*lab.deploy_words())
    argv = lab.inside("flexvdi-config", "manager", "console")
    console = pexpect.spawn(argv[0], argv[1:], timeout=180, encoding="utf-8", dimensions=(24, 80))
    console.expect_exact("leaves this console")
    for _start in range(2):
        lab.virsh("reset", "flexvdi-manager")
        console.expect_exact('"state": "ready"')
    console.send("\x1d")
    console.expect(pexpect.EOF)
    console.close()
    assert console.exitstatus == 0
