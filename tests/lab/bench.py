"""The bench: sizes, build times, boot and install times; printed, and kept as build/bench.json.

Speeds are compared inside one run: installing is set against a plain ``unsquashfs`` of the same
image onto a plain filesystem in the same virtual machine.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from foundation.atomic_file import write_atomically
from foundation.command_line import OneLineParser, run_command
from foundation.process import run
from tests.lab.agent_bench import agent_figures
from tests.lab.console import LineClosed, TextNotSeen
from tests.lab.console_bench import console_figures
from tests.lab.deployment_bench import deployment_figures
from tests.lab.directory_bench import directory_figures
from tests.lab.figures import MIB, Figure
from tests.lab.hosts import mirrored_host
from tests.lab.installation import (
    DISK_GIB,
    INSTALL_SECONDS,
    booted,
    embed,
    watch_installation,
)
from tests.lab.kickstarts import render
from tests.lab.live import rescue_shell
from tests.lab.machine import Machine, create_disk, running
from tests.lab.manager_bench import manager_figures
from tests.lab.phases import Phases
from tests.lab.places import BASE, BUILD, LAB, REPOSITORY, iso_path, own_command
from tests.lab.serving import serving

RAW_COPY = (
    "mkfs.ext4 -q -F /dev/vdb && mkdir -p /tmp/plain && mount /dev/vdb /tmp/plain && "
    "time (unsquashfs -q -n -f -d /tmp/plain /run/initramfs/live/flexvdi/host.squashfs && sync)"
)


def build_figures(base: str, sources: Sequence[str], cold: bool) -> list[Figure]:
    """Sizes, and how long builds take: cold (everything anew) and after a change of our code."""
    iso = iso_path(base)
    figures = []
    if cold:
        with_cache = LAB / "bench-cache"
        shutil.rmtree(with_cache, ignore_errors=True)
        seconds = build(base, sources, with_cache)
        figures.append(Figure("build, nothing cached", seconds, "s"))
        touched = REPOSITORY / "foundation" / "bench_marker.py"
        touched.write_text('"""A change of our code, for the bench."""\n')
        try:
            seconds = build(base, sources, with_cache)
        finally:
            touched.unlink()
        figures.append(Figure("build, after a change of our code", seconds, "s", 30))
        shutil.rmtree(with_cache)
    facts = json.loads(iso.with_name(f"{iso.name}.json").read_text())
    figures.append(Figure("ISO", iso.stat().st_size / MIB, "MiB", 900e6 / MIB))
    figures.append(Figure("host image", facts["image_size"] / MIB, "MiB"))
    return figures


def build(base: str, sources: Sequence[str], cache: Path) -> float:
    """Seconds that a build with this cache takes."""
    output = LAB / "bench" / "built.iso"
    output.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    command = [own_command("flexvdi-iso"), "build", "--base", base, "--output", str(output)]
    command += [*sources, "--cache", str(cache)]
    run(command, timeout=3600, working_directory=str(REPOSITORY))
    return time.monotonic() - started


def boot_figure(iso: Path, folder: Path) -> Figure:
    """From power-on to the installer at work, the menu's waiting time included."""
    phases = Phases()
    medium = embed(iso, render("one-disk", disk="vda"), folder)
    disk = create_disk(folder / "disk.qcow2", DISK_GIB, serial="bench")
    machine = Machine("bench", disks=(disk,), cdrom=medium, extra=("-no-reboot",))
    with running(machine, folder / "booting") as machine_run:
        watch_installation(machine_run.console, phases)
    medium.unlink()
    return Figure("power-on to the installer", phases.seconds["boot the installer"], "s")


def half_mirror_figures(iso: Path, folder: Path) -> list[Figure]:
    """From power-on with one disk of a mirror gone to the status screen, for either disk."""
    mirror = mirrored_host(iso)
    figures = []
    for number in range(len(mirror.machine.disks)):
        place = folder / f"disk{number}"
        alone = mirror.overlays(place)[number]
        started = time.monotonic()
        with booted(mirror, place, disks=(alone,)):
            seconds = time.monotonic() - started
        figures.append(Figure(f"boot with disk {number} of a mirror alone", seconds, "s", 90))
    return figures


def install_figures(iso: Path, folder: Path) -> list[Figure]:
    """First write to ready, beside a plain unsquashfs, in the same machine one after the other."""
    served = folder / "served"
    served.mkdir(parents=True)
    kickstart = render("one-disk", disk="vda").replace("\npoweroff\n", "\n")
    (served / "ks.cfg").write_text(kickstart)
    disks = tuple(
        create_disk(folder / f"{name}.qcow2", DISK_GIB, serial=name) for name in ("whole", "plain")
    )
    machine = Machine("bench-install", disks=disks)
    with serving(served) as server:
        report_to = f"inst.report={server.url}/report"
        with rescue_shell(machine, iso, folder / "installing", report_to) as shell:
            # Read the image once, so that neither of the two finds a colder medium than the other.
            image = "/run/initramfs/live/flexvdi/host.squashfs"
            shell.console.command(f"cat {image} >/dev/null", INSTALL_SECONDS)
            raw = shell.console.command(f"({RAW_COPY}) 2>&1", INSTALL_SECONDS)
            line = f"flexvdi-install run --plain --countdown 0 --kickstart {server.url}/ks.cfg"
            shell.console.command(f"{line} </dev/null", INSTALL_SECONDS)
        report = json.loads(server.posts[-1])
    return compare(seconds_of(raw), report["steps"])


def seconds_of(time_output: str) -> float:
    """The real time of bash's ``time``, as in ``real\t0m28.100s``."""
    minutes, seconds = time_output.split("real")[1].split()[0].rstrip("s").split("m")
    return 60 * float(minutes) + float(seconds)


def compare(raw: float, steps: dict[str, float]) -> list[Figure]:
    """The installation's time from the first write on, against the raw copy's."""
    taken = sum(seconds for name, seconds in steps.items() if name != "verify-image")
    return [
        Figure("plain unsquashfs of the image", raw, "s"),
        Figure("install, first write to ready", taken, "s"),
        Figure("install / plain unsquashfs", taken / raw, "x", 1.3),
    ]


def least_memory(iso: Path, folder: Path) -> Figure:
    """The smallest of some sizes of RAM (MiB) with which an installation ends well."""
    kickstart = render("one-disk", disk="vda")
    least = float("inf")
    for memory in (1536, 1280, 1024):
        place = folder / f"{memory}-mib"
        medium = embed(iso, kickstart, place)
        disk = create_disk(place / "disk.qcow2", DISK_GIB, serial="memory")
        machine = Machine("bench-memory", memory=memory, cdrom=medium, extra=("-no-reboot",))
        try:
            with running(replace(machine, disks=(disk,)), place / "run") as machine_run:
                watch_installation(machine_run.console, Phases())
        except (TextNotSeen, LineClosed, AssertionError):
            break
        finally:
            shutil.rmtree(place)
        least = memory
    return Figure("least RAM that installs", least, "MiB", 1536)


def bench(arguments: Sequence[str]) -> int:
    """Measure, print, keep."""
    parser = OneLineParser(prog="make bench", description=__doc__)
    parser.add_argument("--base", default=BASE)
    for option in ("--mirror", "--source"):
        parser.add_argument(option, action="append", default=[], help="as of `flexvdi-iso build`")
    parser.add_argument("--warm", action="store_true", help="leave the build times out")
    wanted = parser.parse_args(arguments)
    sources = [f"--mirror={place}" for place in wanted.mirror]
    sources += [f"--source={place}" for place in wanted.source]
    iso = iso_path(wanted.base)
    folder = LAB / "bench"
    shutil.rmtree(folder, ignore_errors=True)
    stages: tuple[tuple[str, Callable[[], list[Figure]]], ...] = (
        ("flexVDI Config", console_figures),
        ("signing in by a directory", directory_figures),
        ("Agents", agent_figures),
        ("copying a Manager", deployment_figures),
        ("the Manager under load", manager_figures),
        ("building", lambda: build_figures(wanted.base, sources, not wanted.warm)),
        ("booting", lambda: [boot_figure(iso, folder / "boot")]),
        ("installing", lambda: install_figures(iso, folder / "install")),
        ("half a mirror", lambda: half_mirror_figures(iso, folder / "mirror")),
        ("memory", lambda: [least_memory(iso, folder / "memory")]),
    )
    figures: list[Figure] = []
    for name, measure in stages:
        print(f"Measuring: {name} …", flush=True)
        new = measure()
        figures += new
        print("\n".join(figure.row() for figure in new), flush=True)
    record = {"measured": datetime.now().astimezone().isoformat(timespec="seconds")}
    record |= {figure.name: f"{figure.value:.1f} {figure.unit}" for figure in figures}
    write_atomically(BUILD / "bench.json", json.dumps(record, indent=1) + "\n")
    print(f"\nKept in {BUILD / 'bench.json'}")
    return 0


if __name__ == "__main__":
    sys.exit(run_command(bench, sys.argv[1:]))
