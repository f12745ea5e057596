"""Hardware and load from the kernel's files; guests from libvirt's statistics."""

from __future__ import annotations

from pathlib import Path

import pytest

from foundation.failure import Failure
from host.backends.real.guest_watch import RealGuestWatch, read_sample
from host.backends.real.hardware import RealHardware

CPU = """processor\t: {number}
model name\t: EPYC 9354
physical id\t: {package}
core id\t\t: {core}
"""
STATS = {
    "state.state": 1,
    "cpu.time": 2_500_000_000,
    "balloon.current": 4194304,
    "balloon.usable": 1048576,
    "vcpu.current": 2,
    "net.count": 2,
    "net.0.rx.bytes": 100,
    "net.1.rx.bytes": 11,
    "net.0.tx.bytes": 7,
    "block.count": 1,
    "block.0.rd.bytes": 4096,
    "block.0.wr.bytes": 512,
}


def put(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    places = [(0, 0), (0, 0), (0, 1), (1, 0)]
    blocks = [
        CPU.format(number=number, package=package, core=core)
        for number, (package, core) in enumerate(places)
    ]
    put(tmp_path, "proc/cpuinfo", "\n".join(blocks) + "\n")
    put(tmp_path, "proc/meminfo", "MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 400 kB\n")
    put(tmp_path, "proc/stat", "cpu  100 20 30 9999 50 1 2 3 0 0\ncpu0 1 1 1 1\n")
    put(tmp_path, "proc/uptime", "60.00 1.00\n")
    put(tmp_path, "proc/sys/kernel/random/boot_id", "a-boot\n")
    cards = "  eth0: 10 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0\n vnet0: 5 0 0 0 0 0 0 0 5 0 0 0 0 0 0 0\n"
    put(tmp_path, "proc/net/dev", "Inter-|\n face |\n" + cards)
    put(tmp_path, "sys/class/net/eth0/device", "")
    put(tmp_path, "proc/diskstats", "8 0 sda 1 0 4 0 1 0 6 0\n253 0 dm-0 1 0 9 0 1 0 9 0\n")
    put(tmp_path, "sys/block/sda/device", "")
    put(tmp_path, "etc/machine-id", "0123456789abcdef0123456789abcdef\n")
    put(tmp_path, "sys/class/dmi/id/product_uuid", "8C3B1A2E-0001-4F5D-9E6A-0011223344AB\n")
    return tmp_path


def test_sockets_cores_and_threads_are_told_apart(machine: Path) -> None:
    facts = RealHardware(machine).facts()
    assert (facts.sockets, facts.cores, facts.threads) == (2, 3, 4)
    assert (facts.memory, facts.cpu_model, facts.boot_id) == (1024000, "EPYC 9354", "a-boot")


def test_what_is_used_counts_real_cards_and_disks_only(machine: Path) -> None:
    counters = RealHardware(machine).counters()
    assert counters.memory == 600 * 1024
    assert counters.cpu == pytest.approx((100 + 20 + 30 + 1 + 2 + 3) / 100)
    assert (counters.received, counters.sent) == (10, 20)
    assert (counters.read, counters.written) == (4 * 512, 6 * 512)


def test_the_identity_is_the_mainboards(machine: Path) -> None:
    assert RealHardware(machine).facts().identity == "8c3b1a2e-0001-4f5d-9e6a-0011223344ab"


@pytest.mark.parametrize(
    "nonsense",
    [
        "00000000-0000-0000-0000-000000000000",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "03000200-0400-0500-0006-000700080009",
        "Not Settable",
        "",
    ],
)
def test_a_board_without_one_has_the_installations(machine: Path, nonsense: str) -> None:
    put(machine, "sys/class/dmi/id/product_uuid", nonsense + "\n")
    first = RealHardware(machine).facts().identity
    assert first == RealHardware(machine).facts().identity != nonsense.lower()
    put(machine, "etc/machine-id", "f" * 32 + "\n")
    assert RealHardware(machine).facts().identity != first


def test_a_guest_as_libvirt_tells_of_it() -> None:
    guest = read_sample("u1", "desk-1", STATS, {"u1"}, 9.0)
    assert (guest.state, guest.vcpus, guest.memory, guest.autostart) == (
        "running",
        2,
        1 << 32,
        True,
    )
    assert guest.counters is not None
    assert (guest.counters.cpu, guest.counters.memory) == (2.5, 3 << 30)
    assert (guest.counters.received, guest.counters.sent) == (111, 7)
    assert (guest.counters.read, guest.counters.written) == (4096, 512)
    off = read_sample("u2", "desk-2", {"state.state": 5}, set(), 9.0)
    assert (off.state, off.counters) == ("off", None)
    assert read_sample("u3", "desk-3", {"state.state": 99}, set(), 9.0).state == "unknown"


def test_libvirts_own_test_driver_is_watched_and_acted_on() -> None:
    pytest.importorskip("libvirt")
    watch = RealGuestWatch("test:///default")
    (guest,) = watch.sample()
    assert (guest.name, guest.state) == ("test", "running")
    assert watch.hypervisor().startswith("TEST ")
    with pytest.raises(Failure, match="There is no guest"):
        watch.act("00000000-0000-0000-0000-000000000009", "start")


def test_a_libvirt_that_is_not_there_is_a_failure_with_a_remedy() -> None:
    pytest.importorskip("libvirt")
    watch = RealGuestWatch("qemu+unix:///system?socket=/nowhere")
    with pytest.raises(Failure, match="libvirt does not answer") as failed:
        watch.sample()
    assert failed.value.remedy
    assert watch.hypervisor() == ""
