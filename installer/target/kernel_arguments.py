"""The kernel line of the installed host: where its root is, what must be started for it, and what
the live system's kernel line carries over. Pure.
"""

from __future__ import annotations

import shlex

from foundation.kernel_command_line import KernelCommandLine
from installer.storage.layout import Layout

# Arguments about hardware and consoles that a person gave to make this machine start at all.
_CARRIED_OVER = frozenset(
    {
        "console",
        "nomodeset",
        "net.ifnames",
        "biosdevname",
        "fips",
        "ipv6.disable",
        "nosmt",
        "mitigations",
        "acpi",
        "noapic",
        "nolapic",
        "pci",
        "pcie_aspm",
        "iommu",
        "intel_iommu",
        "amd_iommu",
        "video",
        "vconsole.keymap",
    }
)
# A root on iSCSI is reached again as it was reached by the live system.
_CARRIED_OVER_FOR_ISCSI = frozenset(
    {
        "ip",
        "vlan",
        "bond",
        "nameserver",
        "netroot",
        "rd.iscsi.firmware",
        "rd.iscsi.initiator",
        "rd.iscsi.target.name",
        "rd.iscsi.target.ip",
        "rd.iscsi.ibft",
        "rd.neednet",
    }
)


def carried_over(command_line: KernelCommandLine, *, iscsi: bool = False) -> list[str]:
    """The arguments of the live system's kernel line that the installed host keeps, in order."""
    wanted = _CARRIED_OVER | (_CARRIED_OVER_FOR_ISCSI if iscsi else frozenset())
    kept = [
        name if value is None else f"{name}={_quoted(value)}"
        for name, value in command_line.arguments
        if name in wanted
    ]
    return list(dict.fromkeys(kept))


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value


def storage_arguments(layout: Layout, array_uuids: dict[str, str]) -> list[str]:
    """What dracut must start to find the root: the group's volume, and every array.

    ``array_uuids`` maps array paths to UUIDs. dracut.cmdline(7): nothing is started that is not
    named. Every array is named, so that one with a missing leg is started early, not waited for.
    """
    arguments = []
    for mount_point in ("/", "/usr"):
        filesystem = layout.filesystem_at(mount_point)
        group = layout.group_of(filesystem.path) if filesystem else None
        if filesystem is not None and group is not None:
            volume = filesystem.path.rpartition("/")[2]
            arguments.append(f"rd.lvm.lv={group.name}/{volume}")
    arguments += [f"rd.md.uuid={array_uuids[array.path]}" for array in layout.arrays]
    on_multipath = any(disk.path.startswith("/dev/mapper/") for disk in layout.disks)
    arguments.append(f"rd.multipath={'default' if on_multipath else '0'}")
    return arguments


def kernel_arguments(
    *,
    root_uuid: str,
    layout: Layout,
    array_uuids: dict[str, str],
    base: tuple[str, ...],
    append: str,
    live: KernelCommandLine,
    selinux: str | None,
    iscsi: bool = False,
) -> str:
    """The whole line. What the author appends comes last, so that it wins.

    ``base`` are the arguments of the image itself; ``selinux`` is the mode asked for, if any.
    """
    words = [f"root=UUID={root_uuid}", "ro", *storage_arguments(layout, array_uuids), *base]
    if layout.arrays and not any(word.startswith("rd.retry=") for word in (*base, append)):
        words.append("rd.retry=20")
    if selinux == "disabled":
        words.append("selinux=0")
    words += carried_over(live, iscsi=iscsi)
    given = set(words)
    words += [word for word in _split(append) if word not in given]
    return " ".join(words)


def _split(append: str) -> list[str]:
    """Words of ``bootloader --append`` with their quotes as the kernel wants them."""
    try:
        words = shlex.split(append)
    except ValueError:
        return append.split()
    return [
        f'{name}="{value}"' if equals and " " in value else word
        for word in words
        for name, equals, value in [word.partition("=")]
    ]
