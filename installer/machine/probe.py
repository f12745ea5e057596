"""Reads the real machine: lsblk for disks, LVM's own report, /sys for firmware and ports.

Collecting (:func:`collect_facts`) is apart from understanding (:func:`understand_facts`), so that
recorded facts of odd machines can be tested anywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foundation.failure import Failure
from foundation.kernel_command_line import KernelCommandLine
from foundation.process import run
from installer.machine.model import (
    Content,
    Disk,
    Firmware,
    FoundArray,
    FoundGroup,
    FoundVolume,
    Machine,
    NetworkPort,
    Node,
)

# The live system must see every disk, whatever /etc/lvm/devices says of the machine that the
# image was built on; and it must not rewrite that file.
LVM_CONFIG = "devices { use_devicesfile=0 } global { event_activation=0 }"

# Where the installer mounts the new system: leftovers of an earlier attempt are not "in use".
TARGET_MOUNT = "/mnt/sysroot"
MEDIUM_MOUNTS = ("/run/initramfs/live", "/run/initramfs/isoscan", "/run/flexvdi/medium")

_NOT_FOR_INSTALLING = re.compile(
    r"(zram|ram|loop|fd|sr|mtdblock|mtd|nbd)\d+|mmcblk\d+(boot|rpmb|gp)\d*|md\d+|dm-\d+"
)
_KINDS = {
    "part": "partition",
    "lvm": "lvm",
    "crypt": "crypt",
    "mpath": "multipath",
    "loop": "loop",
}
_SECURE_BOOT = "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"


@dataclass(frozen=True)
class MachineFacts:
    """What was read, as it was read.

    ``lsblk`` is the list of its JSON; ``links`` maps a kernel name to its names under
    ``/dev/disk``; ``lvm`` is the list of reports of ``lvm fullreport``.
    """

    lsblk: list[dict[str, Any]]
    links: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lvm: list[dict[str, Any]] = field(default_factory=list)
    firmware: Firmware = "bios"
    secure_boot: bool = False
    memory: int = 0
    dmi: dict[str, str] = field(default_factory=dict)
    network_ports: tuple[NetworkPort, ...] = ()
    medium_label: str | None = None


def probe_machine(sys: Path = Path("/sys")) -> Machine:
    """The machine that this runs on; raises Failure when lsblk cannot tell."""
    return understand_facts(collect_facts(sys))


def collect_facts(sys: Path = Path("/sys")) -> MachineFacts:
    """Read everything; needs root for signatures and LVM."""
    run(["udevadm", "settle", "--timeout=30"], accept=(0, 1), timeout=60)
    command_line = KernelCommandLine.of_this_machine()
    efi = sys / "firmware/efi"
    return MachineFacts(
        lsblk=_run_lsblk(),
        links=read_links(Path("/dev/disk")),
        lvm=_run_lvm_report(),
        firmware="uefi" if efi.is_dir() else "bios",
        secure_boot=_read_secure_boot(efi / "efivars" / _SECURE_BOOT),
        memory=_read_memory(Path("/proc/meminfo")),
        dmi={
            name: _read_line(sys / "class/dmi/id" / name)
            for name in ("sys_vendor", "product_name", "product_serial")
        },
        network_ports=read_network_ports(sys / "class/net"),
        medium_label=medium_label(command_line),
    )


def _run_lsblk() -> list[dict[str, Any]]:
    said = run(["lsblk", "--json", "--output-all", "--bytes"]).stdout
    try:
        devices = json.loads(said)["blockdevices"]
    except (ValueError, KeyError) as error:
        raise Failure(
            "The list of disks could not be read from lsblk.",
            "Look at the kernel log (dmesg) for a disk that does not answer.",
            details=said[-2000:],
        ) from error
    return list(devices)


def _run_lvm_report() -> list[dict[str, Any]]:
    said = run(
        [
            "lvm",
            "fullreport",
            "--reportformat=json",
            "--units=b",
            "--nosuffix",
            "--config",
            LVM_CONFIG,
        ],
        accept=(0, 5),
    ).stdout
    try:
        return list(json.loads(said)["report"])
    except (ValueError, KeyError):
        return []  # a damaged group makes LVM's report unreadable; its members still show in lsblk


def read_links(folder: Path) -> dict[str, tuple[str, ...]]:
    """All names under ``/dev/disk/by-*`` by the kernel name they lead to."""
    links: dict[str, list[str]] = {}
    for link in sorted(folder.glob("by-*/*")):
        links.setdefault(link.resolve().name, []).append(str(link))
    return {name: tuple(found) for name, found in links.items()}


def medium_label(command_line: KernelCommandLine) -> str | None:
    """The volume label that the live system was told to boot from."""
    root = command_line.last("root") or ""
    found = re.match(r"live:(?:CD)?LABEL=(.+)", root)
    return found[1] if found else None


def read_network_ports(folder: Path) -> tuple[NetworkPort, ...]:
    """The physical ports (those with a device behind them) under ``/sys/class/net``."""
    ports = []
    found = folder.iterdir() if folder.is_dir() else ()
    for port in sorted(found, key=lambda port: natural_order(port.name)):
        if not (port / "device").exists():
            continue
        carrier = _read_line(port / "carrier")
        speed = _read_line(port / "speed")
        driver = port / "device/driver"
        ports.append(
            NetworkPort(
                name=port.name,
                mac=_read_line(port / "address").lower(),
                driver=driver.resolve().name if driver.exists() else "",
                link={"1": True, "0": False}.get(carrier),
                speed=int(speed) if speed.isdigit() else None,
            )
        )
    return tuple(ports)


def _read_line(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:  # absent, or a port that is down answers EINVAL
        return ""


def _read_memory(path: Path) -> int:
    found = re.search(r"^MemTotal:\s+(\d+) kB", path.read_text(), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _read_secure_boot(variable: Path) -> bool:
    try:
        return variable.read_bytes()[4:5] == b"\x01"
    except OSError:
        return False


def understand_facts(facts: MachineFacts) -> Machine:
    """The machine that the facts describe; pure."""
    return Machine(
        firmware=facts.firmware,
        secure_boot=facts.secure_boot,
        memory=facts.memory,
        vendor=facts.dmi.get("sys_vendor", ""),
        product=facts.dmi.get("product_name", ""),
        serial=facts.dmi.get("product_serial", ""),
        disks=_find_disks(facts),
        groups=_find_groups(facts.lvm),
        arrays=_find_arrays(facts.lsblk),
        network_ports=facts.network_ports,
    )


def _find_disks(facts: MachineFacts) -> tuple[Disk, ...]:
    disks: dict[str, Disk] = {}
    legs: dict[str, list[str]] = {}
    for device in facts.lsblk:
        paths = [child for child in _children(device) if child.get("type") == "mpath"]
        if paths:  # a leg: the map above it is the disk
            for multipath in paths:
                name = str(multipath["name"])
                legs.setdefault(name, []).append(str(device["name"]))
                described = {**device, **{k: v for k, v in multipath.items() if v is not None}}
                disks.setdefault(name, _disk(described, facts))
        elif _is_disk(device):
            disk = _disk(device, facts)
            disks[disk.name] = disk
    return tuple(
        _with_legs(disk, tuple(legs.get(disk.name, ())), facts)
        for disk in sorted(disks.values(), key=lambda disk: natural_order(disk.name))
    )


def _with_legs(disk: Disk, legs: tuple[str, ...], facts: MachineFacts) -> Disk:
    """Names under ``/dev/disk`` that lead to a leg mean the multipath device as well."""
    links = (link for leg in legs for link in facts.links.get(leg, ()))
    return disk.model_copy(
        update={"legs": legs, "links": tuple(dict.fromkeys((*disk.links, *links)))}
    )


def natural_order(name: str) -> str:
    """A key that sorts sda, sdb, … sdz, sdaa, and nvme2n1 before nvme10n1."""
    letters = re.fullmatch(r"(sd|vd|hd|xvd)([a-z]+)", name)
    if letters:
        return f"{letters[1]}{letters[2]:>4}"
    return re.sub(r"\d+", lambda number: number[0].zfill(6), name)


def _is_disk(device: dict[str, Any]) -> bool:
    return (
        device.get("type") == "disk"
        and int(device.get("size") or 0) > 0
        and not _NOT_FOR_INSTALLING.fullmatch(str(device["kname"]))
    )


def _disk(device: dict[str, Any], facts: MachineFacts) -> Disk:
    nodes = [_node(child, facts) for child in _children(device)]
    kname = str(device["kname"])
    content = _content(device)
    mount_points = _mount_points(device)
    disk = Disk(
        name=str(device["name"]),
        path=str(device["path"]),
        size=int(device["size"]),
        sector_size=int(device.get("log-sec") or 512),
        physical_sector_size=int(device.get("phy-sec") or 512),
        model=_text(device, "model"),
        vendor=_vendor(device),
        serial=_text(device, "serial"),
        wwn=_text(device, "wwn"),
        transport=_text(device, "tran"),
        rotational=bool(device.get("rota")),
        removable=bool(device.get("rm")) or device.get("tran") == "usb",
        read_only=bool(device.get("ro")),
        links=facts.links.get(kname, ()),
        table=device.get("pttype"),
        content=content,
        mount_points=mount_points,
        partitions=tuple(node for node in nodes if node.kind == "partition"),
        holders=tuple(node for node in nodes if node.kind != "partition"),
    )
    return disk.model_copy(update={"install_medium": _is_medium(disk, facts.medium_label)})


def _is_medium(disk: Disk, label: str | None) -> bool:
    contents = (disk.content, *(node.content for node in disk.nodes))
    if any(at == folder for at in disk.used_at for folder in MEDIUM_MOUNTS):
        return True
    return label is not None and any(
        content.kind == "iso9660" and content.label == label for content in contents
    )


def _node(device: dict[str, Any], facts: MachineFacts) -> Node:
    kind = str(device.get("type"))
    start = device.get("start")
    return Node(
        name=str(device["name"]),
        path=str(device["path"]),
        kind=_KINDS.get(kind, "raid" if kind.startswith("raid") else "other"),
        size=int(device.get("size") or 0),
        number=_partition_number(device) if kind == "part" else None,
        # lsblk counts the start in units of 512 bytes, whatever the disk's sectors are.
        start=int(start) * 512 if start is not None and kind == "part" else None,
        type_id=device.get("parttype"),
        partition_label=device.get("partlabel"),
        partition_uuid=device.get("partuuid"),
        content=_content(device),
        mount_points=_mount_points(device),
        holders=tuple(_node(child, facts) for child in _children(device)),
    )


def _partition_number(device: dict[str, Any]) -> int:
    number = device.get("partn")  # only newer lsblk tells
    found = re.search(r"(\d+)$", str(device["name"]))
    return int(number) if number else int(found[1]) if found else 0


def _children(device: dict[str, Any]) -> Sequence[dict[str, Any]]:
    return device.get("children") or ()


def _text(device: dict[str, Any], name: str) -> str:
    return str(device.get(name) or "").strip()


def _vendor(device: dict[str, Any]) -> str:
    """The vendor's name; virtio has only a PCI number there, which tells a person nothing."""
    vendor = _text(device, "vendor")
    return "" if vendor.startswith("0x") else vendor


def _content(device: dict[str, Any]) -> Content:
    return Content(kind=device.get("fstype"), label=device.get("label"), uuid=device.get("uuid"))


def _mount_points(device: dict[str, Any]) -> tuple[str, ...]:
    found: Iterable[str | None] = device.get("mountpoints") or (device.get("mountpoint"),)
    return tuple(
        at for at in found if at and not (at == TARGET_MOUNT or at.startswith(TARGET_MOUNT + "/"))
    )


def _find_arrays(devices: Iterable[dict[str, Any]]) -> tuple[FoundArray, ...]:
    members: dict[str, tuple[str, dict[str, None]]] = {}

    def visit(device: dict[str, Any]) -> None:
        if device.get("fstype") == "linux_raid_member" and device.get("uuid"):
            label = str(device.get("label") or "").rpartition(":")[2]
            members.setdefault(str(device["uuid"]), (label, {}))[1][str(device["path"])] = None
        for child in _children(device):
            visit(child)

    for device in devices:
        visit(device)
    return tuple(
        FoundArray(name=name or uuid, uuid=uuid, members=tuple(paths))
        for uuid, (name, paths) in members.items()
    )


def _find_groups(reports: Iterable[dict[str, Any]]) -> tuple[FoundGroup, ...]:
    groups = []
    for report in reports:
        for group in report.get("vg", ()):
            if not group.get("vg_name"):
                continue
            groups.append(
                FoundGroup(
                    name=group["vg_name"],
                    uuid=group.get("vg_uuid", ""),
                    physical_volumes=tuple(pv["pv_name"] for pv in report.get("pv", ())),
                    extent_size=int(group.get("vg_extent_size") or 4 << 20),
                    free=int(group.get("vg_free") or 0),
                    volumes=tuple(
                        FoundVolume(
                            name=volume["lv_name"],
                            size=int(volume.get("lv_size") or 0),
                            kind={"t": "thin-pool", "V": "thin"}.get(
                                str(volume.get("lv_attr") or "-")[0], "plain"
                            ),
                            pool=volume.get("pool_lv") or None,
                        )
                        for volume in report.get("lv", ())
                        if not str(volume["lv_name"]).startswith("[")
                    ),
                )
            )
    return tuple(groups)
