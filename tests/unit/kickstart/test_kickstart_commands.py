"""``flexvdi-kickstart`` and the reader's process, as programs."""

import json
import sys
from pathlib import Path

import pytest

from foundation.password_hash import hash_password, is_password_hash, password_matches
from foundation.process import Completed, run
from foundation.secret import Secret
from kickstart.devices import with_devices
from kickstart.reading import KickstartRefused, read_kickstart, read_pre_scripts

PROGRAM = str(Path(sys.executable).parent / "flexvdi-kickstart")
GOOD = Path(__file__).parent / "good"
BAD = Path(__file__).parent / "bad"


def kickstart(*arguments: str, input_text: str | None = None) -> Completed:
    return run([PROGRAM, *arguments], accept=(0, 1, 2), input_text=input_text)


@pytest.mark.parametrize(
    "arguments",
    [[], ["bake"], ["check"], ["render"], ["check", "a", "b"], ["render", "x", "-v", "novalue"]],
)
def test_wrong_arguments(arguments: list[str]) -> None:
    ended = kickstart(*arguments)
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1


def test_render_and_check(tmp_path: Path) -> None:
    output = tmp_path / "ks.cfg"
    ended = kickstart(
        *("render", "one-disk", "-v", "disk=vda", "--secret-file", "root_password=-"),
        *("--output", str(output)),
        input_text="planted secret\n",
    )
    assert ended.returncode == 0, ended.stderr
    assert output.stat().st_mode & 0o777 == 0o600
    hashed = read_kickstart(output).document.access.root_password_hash
    assert hashed and password_matches(Secret("planted secret"), hashed)
    for options in ([], ["--json"]):
        ended = kickstart("check", str(output), *options)
        assert ended.returncode == 0
        assert "vda" in ended.stdout
        assert hashed.reveal() not in ended.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("render", "no-such-template"),
        ("render", "one-disk"),
        ("render", "one-disk", "-v", "disk=sda", "-v", "colour=red"),
        ("render", "one-disk", "-v", "disk=not a disk"),
        ("fly",),
    ],
)
def test_wrong_arguments_are_one_line_and_status_2(words: tuple[str, ...]) -> None:
    ended = kickstart(*words)
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1 and not ended.stdout


def test_check_tells_every_fault() -> None:
    ended = kickstart("check", str(BAD / "several.ks"))
    assert ended.returncode == 1
    assert [line.partition(": ")[0] for line in ended.stderr.splitlines()] == [
        f"{BAD}/several.ks:{line}" for line in (5, 6, 7, 8)
    ]
    answer = json.loads(kickstart("check", "--json", str(BAD / "several.ks")).stdout)
    assert answer["ok"] is False and len(answer["failures"]) == 4
    assert all({"cause", "where"} <= failure.keys() for failure in answer["failures"])


def test_check_of_no_file(tmp_path: Path) -> None:
    ended = kickstart("check", str(tmp_path / "absent"))
    assert ended.returncode == 1
    assert "does not exist" in ended.stderr and "Traceback" not in ended.stderr


def test_templates_are_listed() -> None:
    assert "second_disk" in kickstart("templates").stdout
    listed = json.loads(kickstart("templates", "--json").stdout)
    assert {template["name"] for template in listed} >= {"one-disk", "mirrored-disks", "full"}


def test_reading_in_a_process() -> None:
    plan = read_kickstart(GOOD / "one-disk.ks", origin="http://server/ks.cfg")
    assert plan.storage.partitions[0].where == "http://server/ks.cfg:13"
    assert read_pre_scripts(GOOD / "one-disk.ks") == ()
    with pytest.raises(KickstartRefused) as refused:
        read_kickstart(BAD / "several.ks")
    assert len(refused.value.failures) == 4
    assert "4 faults" in str(refused.value)


def test_the_boot_port_comes_from_the_kernel_line(tmp_path: Path) -> None:
    answers, line = tmp_path / "ks", tmp_path / "cmdline"
    answers.write_text("autopart\nnetwork --device=bootif --bootproto=dhcp\n")
    line.write_text("quiet BOOTIF=01-52-54-00-AB-CD-EF\n")
    plan = read_kickstart(answers, kernel_command_line=line)
    assert [device.mac for device in plan.network_devices] == ["52:54:00:ab:cd:ef"]
    line.write_text("quiet\n")
    with pytest.raises(KickstartRefused, match="no BOOTIF"):
        read_kickstart(answers, kernel_command_line=line)
    assert [device.by for device in read_kickstart(answers).network_devices] == ["bootif"]


def test_devices_get_their_names(tmp_path: Path) -> None:
    answers = tmp_path / "ks"
    answers.write_text(
        "autopart\nnetwork --device=link --vlanid=5\nnetwork --device=52:54:00:ab:cd:ef\n"
    )
    plan = read_kickstart(answers)
    found = with_devices(
        plan,
        {"link": "ens3", "mac525400abcdef": "ens4"},
        {"ens3": "52:54:00:00:00:01", "ens4": "52:54:00:ab:cd:ef"},
    )
    assert [one.name for one in found.document.network.interfaces] == ["ens3.5", "ens4"]
    assert found.network_active == ("ens3.5",)
    assert found.network_devices == ()


def test_password_hashes() -> None:
    hashed = hash_password(Secret("correct horse"))
    assert is_password_hash(hashed.reveal())
    assert password_matches(Secret("correct horse"), hashed)
    assert not password_matches(Secret("wrong horse"), hashed)
    assert hash_password(Secret("correct horse")) != hashed
    assert not is_password_hash("$1$salt$aaaaaaaaaaaaaaaaaaaaaa")
    assert not is_password_hash("secret")
