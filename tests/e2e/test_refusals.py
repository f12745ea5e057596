"""What the installer refuses, and that it does so before a disk is touched."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.lab.kickstarts import render
from tests.lab.live import rescue_shell
from tests.lab.machine import Disk, Machine, create_disk
from tests.lab.serving import serving

pytestmark = pytest.mark.full

GIB = 1 << 30


def disk_with_data(folder: Path) -> Disk:
    """A disk of 32 GiB that somebody's filesystem fills, so that no room is left beside it."""
    image = folder / "filled.raw"
    with image.open("wb") as stream:
        stream.truncate(32 * GIB)
    partition = ["--new=1:2048:0", "--typecode=1:8300"]
    subprocess.run(["sgdisk", *partition, str(image)], check=True, capture_output=True)
    options = ["-L", "somebodys", "-E", f"offset={2048 * 512}"]
    subprocess.run(["mkfs.ext4", "-q", "-F", *options, str(image), "30G"], check=True)
    return Disk(image, serial="precious", format="raw")


def assert_same(disk: Disk, other: Path) -> None:
    """Every byte, the holes of sparse files passed over."""
    formats = ["-f", disk.format, "-F", disk.format]
    compared = subprocess.run(
        ["qemu-img", "compare", *formats, str(disk.path), str(other)],
        capture_output=True,
        text=True,
    )
    assert compared.returncode == 0, compared.stdout


def without(kickstart: str, *commands: str) -> str:
    kept = (line for line in kickstart.splitlines() if not line.startswith(commands))
    return "\n".join(kept) + "\n"


def kickstarts(folder: Path) -> dict[str, str]:
    """Bad kickstarts by name, each with a piece of what must be said about it."""
    good = render("one-disk", disk="vda")
    texts = {
        "holds-data": (without(good, "clearpart", "zerombr"), "vda"),
        "absent": (render("one-disk", disk="vdx"), "vdx"),
        "too-small": (render("one-disk", disk="vdb"), "vdb"),
        "unknown-command": (good + "launchmissiles\n", f"ks.cfg:{good.count(chr(10)) + 1}"),
        "medium": (render("one-disk", disk="sr0"), "sr0"),
        "one-legged": (good + "raid /srv --level=RAID1 --device=srv raid.01\n", "raid.01"),
        "no-include": (good + "%include /nowhere/more.ks\n", "/nowhere/more.ks"),
    }
    expected = {}
    for name, (text, said) in texts.items():
        (folder / name).mkdir()
        (folder / name / "ks.cfg").write_text(text)
        expected[name] = said
    return expected


def test_refusals_leave_every_disk_as_it_was(iso: Path, folder: Path) -> None:
    served_folder = folder / "served"
    served_folder.mkdir()
    expected = kickstarts(served_folder)
    precious = disk_with_data(folder)
    copy = folder / "copy.raw"
    subprocess.run(["cp", "--sparse=always", str(precious.path), str(copy)], check=True)
    small = create_disk(folder / "small.qcow2", 2, serial="small")
    untouched = small.path.read_bytes()
    machine = Machine("refusals", disks=(precious, small))
    with serving(served_folder) as server, rescue_shell(machine, iso, folder) as run:
        shell = run.console
        shell.command("nm-online -q -t 300", 330)
        places = {f"{server.url}/{name}/ks.cfg": said for name, said in expected.items()}
        # A server that does not have it, and one that does not answer.
        places |= {f"{server.url}/none.ks": "404", "http://10.0.2.2:9/ks.cfg": "10.0.2.2"}
        for place, said in places.items():
            install = f"flexvdi-install run --plain --countdown 0 --kickstart {place}"
            output = shell.command(
                f"{install} </dev/null 2>&1 | cat; test ${{PIPESTATUS[0]}} = 1", 600
            )
            assert said in output, f"{place}:\n{output}"
            assert "Traceback" not in output
        # Wrong words on the command line: one line and status 2.
        output = shell.command("flexvdi-install fly 2>&1 | cat; test ${PIPESTATUS[0]} = 2", 300)
        assert output.count("\n") == 0, output
        shell.command("sync", 300)
    assert_same(precious, copy)
    assert small.path.read_bytes() == untouched
