"""The life of the real appliance on real libvirt, with the real flexvdi-config, as one story.

It is deployed, backed up and restored, changes its address, is exported and imported, upgraded to a
newer image while that is killed, survives a power cut of its host, and moves to another host. After
each of these its API answers under a certificate that verifies, an administrator signs in, and the
account that was made at the beginning is there.

Each test goes on where the one before has ended; emulated, each of the six starts takes minutes.
It runs where an image was built (`flexvdi-manager-image build`), by default below build/; a newer
one is built for it.
"""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.integration.deployment.manager_lab import (
    BRIDGE,
    SSH_SERVER,
    ManagerLab,
    missing_programs,
)
from tests.integration.deployment.newer_image import VERSION, build_newer_image

IMAGE = Path(os.environ.get("FLEXVDI_MANAGER_IMAGE", "build/flexvdi-manager-debian-12"))
ADDRESS, OTHER_ADDRESS = "192.0.2.60", "192.0.2.61"
PROGRAMS = ("curl", "rsync")
# Seconds, on a machine that many tests share.
START = 2400
SIGN_IN_TRIALS = 10

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for namespaces of its own"),
    pytest.mark.skipif(
        bool(missing_programs(*PROGRAMS)),
        reason=f"needs {', '.join(missing_programs(*PROGRAMS))}",
    ),
    pytest.mark.skipif(not Path(SSH_SERVER).exists(), reason="needs an SSH server"),
    pytest.mark.skipif(not IMAGE.is_dir(), reason=f"needs a Manager image in {IMAGE}"),
]


class Story:
    """Two hosts, and the Manager, which is on the one called ``lab``."""

    def __init__(self, folder: Path) -> None:
        """Without a Manager yet."""
        (folder / "node1").mkdir()
        (folder / "node2").mkdir()
        self.folder = folder
        self.lab = ManagerLab(folder / "node1", "node1", 1)
        self.other = ManagerLab(folder / "node2", "node2", 2, like=self.lab)
        self.lab.connect(self.other)
        self.address = ADDRESS
        self.backup = ""
        for name, words in (("admin", "a long way to Tipperary"), ("ana", "another long word 77")):
            (folder / name).write_text(f"{words}\n")

    def control(self, *words: str) -> str:
        """What flexvdi-managerctl says."""
        place = f"FLEXVDI_MANAGERCTL={self.folder / 'control'}"
        return self.lab.command("env", place, "flexvdi-managerctl", *words, seconds=400)

    def accounts(self) -> set[str]:
        """The names of the administrators, as the one who is signed in sees them."""
        said = json.loads(self.control("administrator", "list", "--all", "--json"))
        return {row["name"] for row in said["items"]}

    def sign_in(self, name: str) -> None:
        """Emulated, checking a password may take longer than flexvdi-managerctl waits."""
        for trial in range(SIGN_IN_TRIALS):
            try:
                self.control("sign-in", name, "--password-file", str(self.folder / name))
                return
            except AssertionError as error:
                if "does not answer" not in str(error) or trial == SIGN_IN_TRIALS - 1:
                    raise

    def assert_alive(self) -> None:
        """The API answers, its certificate is good, people sign in, and the data are there."""
        status = self.lab.json("manager", "status")
        assert status["state"] == "running" and status["job"] is None, status
        assert {check["state"] for check in status["checks"]} == {"ok"}, status["checks"]
        manager = status["manager"]
        assert manager["address"] == f"{self.address}/24"
        authority = self.folder / "authority.pem"
        place = f"https://{self.address}"
        authority.write_text(self.lab.command("curl", "-fsSk", f"{place}/api/v1/ca"))
        digest = self.lab.command(
            "openssl", "x509", "-in", str(authority), "-noout", "-fingerprint", "-sha256"
        )
        assert digest.partition("=")[2].strip().replace(":", "").lower() == manager["fingerprint"]
        # Verified by whoever knows the authority and the address, and nothing else.
        said = self.lab.command("curl", "-fsS", "--cacert", str(authority), f"{place}/health")
        health = json.loads(said)
        assert health["status"] == "ok" and health["version"] == manager["version"]
        self.control("connect", self.address, "--fingerprint", manager["fingerprint"])
        self.sign_in("ana")
        self.sign_in("admin")
        assert {"admin", "ana"} <= self.accounts()

    def create(self, name: str) -> None:
        """An operator with ana's password."""
        self.control(
            *("administrator", "create", "--name", name, "--role", "operator"),
            *("--password-file", str(self.folder / "ana"), "--no-must-change-password"),
        )

    def end(self) -> None:
        """Both hosts."""
        self.other.end()
        self.lab.end()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    story = Story(tmp_path_factory.mktemp("appliance"))
    yield story
    story.end()


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = json.loads((IMAGE / "manager-image.json").read_text())["base"]
    return build_newer_image(tmp_path_factory.mktemp("newer"), base)


def test_it_is_deployed_and_answers(story: Story) -> None:
    said = story.lab.ok(
        *("manager", "deploy", "--yes", "--no-enrol", "--address", f"{ADDRESS}/24"),
        *("--bridge", BRIDGE, "--folder", str(story.lab.storage)),
        *("--image", str(IMAGE.absolute()), "--password-file", str(story.folder / "admin")),
        *story.lab.accepting("space", "locking"),
        seconds=START,
    )
    assert f"https://{ADDRESS}" in said
    assert "\x1b" not in said
    fingerprint = story.lab.json("manager", "status")["manager"]["fingerprint"]
    story.control("connect", ADDRESS, "--fingerprint", fingerprint)
    story.sign_in("admin")
    story.create("ana")
    story.assert_alive()


def test_a_backup_is_taken_back(story: Story) -> None:
    story.lab.ok("manager", "backup", seconds=600)
    (story.backup,) = story.lab.json("manager", "backups")
    assert (story.lab.place / "backups" / story.backup).stat().st_size > 1000
    story.create("later")
    story.lab.ok("manager", "restore", "--yes", story.backup, seconds=START)
    story.assert_alive()
    assert "later" not in story.accounts()


def test_a_second_guest_on_its_disks_is_kept_out(story: Story, tmp_path: Path) -> None:
    xml = story.lab.virsh("dumpxml", "--inactive", "flexvdi-manager")
    twin = re.sub(r"<uuid>.*?</uuid>", "", xml).replace("<name>flexvdi-manager<", "<name>twin<")
    twin = re.sub(r"<mac address='[^']*'/>", "", twin)
    twin = twin.replace("flexvdi-manager-serial", "twin-console")
    (tmp_path / "twin.xml").write_text(twin)
    story.lab.virsh("define", str(tmp_path / "twin.xml"))
    try:
        assert "lock" in story.lab.virsh("start", "twin").lower()
        assert story.lab.json("manager", "status")["state"] == "running"
    finally:
        story.lab.virsh("undefine", "twin")


def test_its_address_is_changed(story: Story) -> None:
    said = story.lab.ok(
        *("manager", "change-address", "--yes", f"{OTHER_ADDRESS}/24"), seconds=START
    )
    assert "All of them know it." in said, "its hosts, of which it has none"
    story.address = OTHER_ADDRESS
    story.assert_alive()
    silent = story.lab.inside("curl", "-sk", "--max-time", "5", f"https://{ADDRESS}/health")
    assert pexpect.run(" ".join(silent), withexitstatus=True)[1] != 0


def test_as_one_file_it_goes_and_comes_back(story: Story, tmp_path: Path) -> None:
    """Forced off, exported, destroyed, imported and started, which its console shows."""
    lab, archive = story.lab, tmp_path / "manager.tar"
    kept = (lab.place / "backups" / story.backup).read_bytes()
    lab.ok("manager", "force-off", "--yes")
    lab.ok("manager", "export", str(archive), seconds=600)
    lab.ok("manager", "remove", "--erase", "flexvdi-manager")
    assert lab.is_clean()
    lab.ok("manager", "import", str(archive), "--folder", str(lab.storage), seconds=600)
    story.backup = str(story.folder / story.backup)
    Path(story.backup).write_bytes(kept)
    lab.ok("manager", "start")
    argv = lab.inside("flexvdi-config", "manager", "console")
    console = pexpect.spawn(argv[0], argv[1:], timeout=START, encoding="utf-8", dimensions=(24, 80))
    console.expect_exact("leaves this console")
    console.expect_exact('"state": "ready"')
    console.send("\x1d")
    console.expect(pexpect.EOF)
    console.close()
    assert console.exitstatus == 0
    story.assert_alive()


def test_an_upgrade_that_was_killed_goes_on(story: Story, newer: Path) -> None:
    lab = story.lab
    process = lab.config("manager", "upgrade", "--yes", "--image", str(newer))
    assert process.stdout is not None
    assert any(line.startswith("[7/8]") for line in process.stdout)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    job = lab.json("manager", "status")["job"]
    assert job["state"] == "interrupted"
    lab.ok("job", "resume", job["id"], seconds=START)
    assert lab.json("manager", "status")["manager"]["version"] == VERSION
    story.assert_alive()


def test_an_older_backup_is_taken_back_by_the_newer_image(story: Story) -> None:
    story.create("later")
    story.lab.ok("manager", "restore", "--yes", story.backup, seconds=START)
    story.assert_alive()
    assert "later" not in story.accounts()


def test_after_a_power_cut_it_starts_with_its_host(story: Story) -> None:
    story.lab.cut_the_power()
    # The console's log goes on; the address answers once it has come up.
    place = f"https://{story.address}/health"
    patient = ("--retry", "100", "--retry-all-errors", "--retry-delay", "5", "--retry-max-time")
    story.lab.command("curl", "-fsSk", *patient, str(START), place, seconds=START + 60)
    story.assert_alive()


def test_it_moves_to_another_host(story: Story) -> None:
    lab, other = story.lab, story.other
    argv = lab.inside("flexvdi-config", "manager", "move", "--yes", f"root@{other.address}")
    argv += ["--folder", str(other.storage)]
    # On a terminal, where progress is told in bytes.
    moving = pexpect.spawn(argv[0], argv[1:], timeout=START, encoding="utf-8", dimensions=(24, 80))
    moving.expect(r"iB of .*iB, .*/s")
    moving.expect_exact("is done")
    moving.expect(pexpect.EOF)
    moving.close()
    assert moving.exitstatus == 0
    assert lab.is_clean()
    story.lab, story.other = other, lab
    story.assert_alive()
    other.ok("manager", "stop", "--yes", seconds=400)
    assert other.json("manager", "status")["state"] == "shut off"
