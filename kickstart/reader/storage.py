"""``ignoredisk``, ``clearpart``, ``zerombr``, ``part``, ``raid``, ``volgroup``, ``logvol``, …

Only what one line says is looked at here; whether the lines fit together is the business of
:mod:`kickstart.storage_checks`.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ValidationError
from pykickstart.constants import (
    AUTOPART_TYPE_BTRFS,
    AUTOPART_TYPE_LVM_THINP,
    AUTOPART_TYPE_PLAIN,
    CLEARPART_TYPE_ALL,
    CLEARPART_TYPE_LINUX,
    CLEARPART_TYPE_LIST,
)

from kickstart.install_plan import (
    AutomaticLayout,
    Bootloader,
    Clearing,
    DiskUse,
    LogicalVolume,
    Note,
    Partition,
    RaidArray,
    Storage,
    VolumeGroup,
)
from kickstart.reader.complaints import Complaints
from kickstart.reader.parser import Command, Parsed

_CLEARING: dict[int, Literal["all", "linux", "list"]] = {
    CLEARPART_TYPE_ALL: "all",
    CLEARPART_TYPE_LINUX: "linux",
    CLEARPART_TYPE_LIST: "list",
}
FURTHER_ESP = "/boot/efi2"
"""Where a kickstart for stock Anaconda has the other disk's ESP, which it makes only when told."""

_RAID_LEVELS = ("0", "1", "4", "5", "6", "10")
_DEFAULT_EXTENT_KIB = 4096


def read_storage(parsed: Parsed, complaints: Complaints) -> Storage:
    """The disks part of the plan, line by line."""
    automatic = parsed.last("autopart")
    required = parsed.last("reqpart")
    return Storage(
        use=_disk_use(parsed),
        clearing=_clearing(parsed, complaints),
        automatic=_automatic(automatic, complaints) if automatic else None,
        required=required is not None,
        required_with_boot=bool(required and required.options.addBoot),
        partitions=_each(_partition, parsed, complaints, "part", "partition"),
        raids=_each(_raid, parsed, complaints, "raid"),
        groups=_each(_group, parsed, complaints, "volgroup"),
        volumes=_each(_volume, parsed, complaints, "logvol"),
    )


def _each(make: Any, parsed: Parsed, complaints: Complaints, *names: str) -> tuple[Any, ...]:
    made = []
    for command in parsed.all(*names):
        try:
            made.append(make(command, parsed, complaints))
        except ValidationError as error:
            fault = error.errors()[0]
            option = str(fault["loc"][0]).replace("_", " ") if fault["loc"] else command.name
            complaints.add(command.where, f"{option}: {fault['msg']}.")
    return tuple(item for item in made if item is not None)


def _disk_use(parsed: Parsed) -> DiskUse:
    command = parsed.last("ignoredisk")
    if command is None:
        return DiskUse()
    return DiskUse(
        where=command.where,
        only=tuple(map(_device, command.options.onlyuse)),
        ignored=tuple(map(_device, command.options.ignoredisk)),
    )


def _clearing(parsed: Parsed, complaints: Complaints) -> Clearing | None:
    command, zero = parsed.last("clearpart"), parsed.last("zerombr")
    if command is None:
        return Clearing(where=zero.where, zerombr=True) if zero else None
    options = command.options
    if options.disklabel not in ("", "gpt"):
        complaints.add(
            command.where,
            f"clearpart --disklabel={options.disklabel} is not supported: disks get a GPT.",
            "Write --disklabel=gpt or leave it out.",
        )
    return Clearing(
        where=command.where,
        scope=_CLEARING.get(options.type, "none"),
        disks=tuple(map(_device, options.drives)),
        partitions=tuple(map(_device, options.devices)),
        initialize_labels=options.initAll,
        zerombr=zero is not None,
    )


def _automatic(command: Command, complaints: Complaints) -> AutomaticLayout:
    options = command.options
    if options.type == AUTOPART_TYPE_BTRFS:
        complaints.add(command.where, "btrfs is not supported.", "Use lvm, thinp or plain.")
    scheme: Literal["plain", "lvm", "thinp"] = "lvm"
    if options.type == AUTOPART_TYPE_PLAIN:
        scheme = "plain"
    elif options.type == AUTOPART_TYPE_LVM_THINP:
        scheme = "thinp"
    return AutomaticLayout(
        where=command.where,
        scheme=scheme,
        filesystem=options.fstype or None,
        home=False,
        swap=not options.noswap,
        boot=not options.noboot,
    )


def _formatted(command: Command) -> dict[str, Any]:
    """What partitions, arrays and volumes have in common."""
    options = command.options
    mount_point: str | None = options.mountpoint
    if mount_point == "none" or (mount_point and not mount_point.startswith(("/", "swap"))):
        mount_point = None
    return {
        "where": command.where,
        "mount_point": "swap" if mount_point and mount_point.startswith("swap") else mount_point,
        "filesystem": options.fstype or None,
        "label": options.label or None,
        "mount_options": options.fsopts or None,
        "mkfs_options": options.mkfsopts or None,
        "format": options.format,
    }


def _partition(command: Command, parsed: Parsed, complaints: Complaints) -> Partition | None:
    options = command.options
    if not _sizes_are_positive(command, complaints):
        return None
    if options.primOnly:
        _note(parsed, command, "--asprimary makes no difference on a GPT.")
    name, filesystem = options.mountpoint, options.fstype
    if name == FURTHER_ESP and filesystem == "efi":
        _note(parsed, command, "every disk of a mirror gets an EFI System Partition anyway.")
        return None
    role: Literal[
        "filesystem", "physical-volume", "raid-member", "efi", "bios-boot", "swap", "prep"
    ]
    if name.startswith("pv.") or filesystem == "lvmpv":
        role = "physical-volume"
    elif name.startswith("raid.") or filesystem == "mdmember":
        role = "raid-member"
    elif name == "biosboot" or filesystem == "biosboot":
        role, name = "bios-boot", "biosboot"  # Anaconda takes `None --fstype=biosboot` as well
    elif name == "prepboot" or filesystem in ("prepboot", "PPC PReP Boot"):
        role = "prep"
    elif name == "/boot/efi" or filesystem == "efi":
        role = "efi"
    elif name.startswith("swap") or filesystem == "swap":
        role = "swap"
    elif name.startswith("/"):
        role = "filesystem"
    else:
        complaints.add(
            command.where,
            f"“{name}” is not a mount point.",
            "Write an absolute path, swap, biosboot, pv.NAME or raid.NAME.",
        )
        return None
    values = _formatted(command)
    if role in ("physical-volume", "raid-member", "bios-boot", "prep"):
        values["filesystem"] = None
    elif role == "efi":
        if filesystem not in ("efi", "vfat", ""):
            complaints.add(
                command.where,
                f"The EFI System Partition cannot be {filesystem}.",
                "Write --fstype=efi.",
            )
        values |= {"filesystem": "efi", "mount_point": "/boot/efi"}
    elif role == "swap":
        values |= {"filesystem": "swap", "mount_point": "swap"}
    return Partition(
        **values,
        name=name,
        role=role,
        disk=_device(options.disk) if options.disk else None,
        existing=_device(options.onPart) if options.onPart else None,
        size=options.size or (1 if options.grow and not options.onPart else None),
        grow=options.grow,
        max_size=options.maxSizeMB or None,
        recommended=options.recommended,
    )


def _raid(command: Command, parsed: Parsed, complaints: Complaints) -> RaidArray | None:
    options = command.options
    if options.preexist:
        complaints.add(
            command.where,
            "Existing RAID arrays are not reused.",
            "Describe the array anew with its members and clear the disks that carry it.",
        )
        return None
    level = options.level.upper().removeprefix("RAID")
    if level not in _RAID_LEVELS:
        complaints.add(
            command.where,
            f"RAID level {options.level} is not supported.",
            f"Use one of {', '.join(_RAID_LEVELS)}.",
        )
        return None
    point = options.mountpoint
    if not point.startswith(("/", "swap", "pv.")) and point != "none":
        complaints.add(
            command.where,
            f"“{point}” is not a mount point.",
            "Write an absolute path, swap or pv.NAME.",
        )
        return None
    if options.spares < 0:
        complaints.add(command.where, "--spares is negative.", "Give a number from 0 up.")
        return None
    return RaidArray(
        **_formatted(command),
        device=options.device.removeprefix("/dev/md/").removeprefix("/dev/"),
        level=level,
        members=tuple(options.members),
        spares=options.spares,
        volume_name=options.mountpoint if options.mountpoint.startswith("pv.") else None,
        chunk_size_kib=options.chunk_size,
    )


def _group(command: Command, parsed: Parsed, complaints: Complaints) -> VolumeGroup:
    options = command.options
    return VolumeGroup(
        where=command.where,
        name=options.vgname,
        members=tuple(options.physvols),
        extent_kib=options.pesize or _DEFAULT_EXTENT_KIB,
        reserved=options.reserved_space or 0,
        reserved_percent=options.reserved_percent or 0,
        existing=options.preexist or not options.format,
    )


def _volume(command: Command, parsed: Parsed, complaints: Complaints) -> LogicalVolume | None:
    options = command.options
    if not _sizes_are_positive(command, complaints):
        return None
    if not 0 <= options.percent <= 100:
        complaints.add(
            command.where, f"--percent={options.percent} is not a share.", "Give 1 to 100."
        )
        return None
    kind: Literal["plain", "thin-pool", "thin"] = "plain"
    if options.thin_pool:
        kind = "thin-pool"
    elif options.thin_volume:
        kind = "thin"
    values = _formatted(command)
    if kind == "thin-pool":
        values |= {"mount_point": None, "filesystem": None}
    elif values["mount_point"] == "swap":
        values["filesystem"] = "swap"
    elif values["mount_point"] is None and options.mountpoint != "none":
        complaints.add(
            command.where,
            f"“{options.mountpoint}” is not a mount point.",
            "Write an absolute path, swap or none.",
        )
        return None
    return LogicalVolume(
        **values,
        name=options.name,
        group=options.vgname,
        kind=kind,
        pool=options.pool_name or None,
        size=options.size or (1 if options.grow and not options.percent else None),
        percent=options.percent or None,
        grow=options.grow,
        max_size=options.maxSizeMB or None,
        recommended=options.recommended,
        metadata_size=options.metadata_size,
        chunk_size_kib=options.chunk_size,
        existing=options.preexist or not options.format,
    )


def _sizes_are_positive(command: Command, complaints: Complaints) -> bool:
    options = command.options
    sizes = (
        ("size", options.size),
        ("maxsize", options.maxSizeMB),
        ("metadatasize", getattr(options, "metadata_size", None)),
        ("chunksize", getattr(options, "chunk_size", None)),
    )
    wrong = [(name, size) for name, size in sizes if size is not None and size < 0]
    for name, size in wrong:
        complaints.add(command.where, f"--{name}={size} is negative.", "Give a size in MiB.")
    if options.size == 0 and not options.grow:
        complaints.add(command.where, "--size=0 is no size.", "Give a size in MiB, from 1 up.")
        return False
    return not wrong


def read_bootloader(parsed: Parsed, complaints: Complaints) -> Bootloader:
    """``bootloader``."""
    command = parsed.last("bootloader")
    if command is None:
        return Bootloader()
    options = command.options
    if options.location not in ("mbr", "boot", "none"):
        complaints.add(
            command.where,
            f"bootloader --location={options.location} is not supported.",
            "Leave --location out: GRUB is written to every boot disk.",
        )
    if options.password and not options.isCrypted:
        complaints.add(
            command.where,
            "The bootloader's password is in clear.",
            "Write --iscrypted --password= with the output of grub-mkpasswd-pbkdf2.",
        )
    if options.password and options.isCrypted and not options.password.startswith("grub.pbkdf2."):
        complaints.add(
            command.where,
            "The bootloader's password is not a hash that GRUB reads.",
            "Write the output of grub-mkpasswd-pbkdf2 (grub.pbkdf2.sha512.…).",
        )
    if options.timeout is not None and options.timeout < 0:
        complaints.add(command.where, "--timeout is negative.", "Give seconds, from 0 up.")
    if "\n" in (options.appendLine or ""):
        complaints.add(command.where, "--append spans lines.", "Write one line.")
    return Bootloader(
        where=command.where,
        append=options.appendLine or "",
        boot_drive=_device(options.bootDrive) if options.bootDrive else None,
        drives=tuple(map(_device, options.driveorder)),
        timeout=options.timeout,
        password_hash=options.password or None,
        location="none" if options.disabled or options.location == "none" else "default",
        leave_boot_order=options.leavebootorder,
    )


def _device(name: str) -> str:
    """A disk as its author named it, without ``/dev/`` before kernel names."""
    plain = name.removeprefix("/dev/")
    return plain if "/" not in plain else name


def _note(parsed: Parsed, command: Command, text: str) -> None:
    parsed.notes.append(Note(where=command.where, text=text))
