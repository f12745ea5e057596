"""The product's own layout, in the words of a kickstart: what ``autopart`` and the screens mean.

BIOS boot and ESP, ``/boot``, a volume group with root slot A and room for slot B, swap,
persistent ``/var``, and the rest for images of guests. ``autopart`` uses one disk, the first that
may be used and is large enough: unlike Anaconda it never spreads a volume group over several
disks, because then the loss of any one of them would be the loss of the host. Two disks are
used as a mirror, when asked.
"""

from __future__ import annotations

from installer.machine.model import Disk
from installer.storage import sizes
from kickstart.install_plan import (
    AutomaticLayout,
    LogicalVolume,
    Partition,
    RaidArray,
    Storage,
    VolumeGroup,
)

GROUP_NAME = "flexvdi"
ROOT_SLOT_A = "root_a"
ROOT_SLOT_B = "root_b"
IMAGES_MOUNT_POINT = "/var/lib/flexvdi/images"
_VAR_MIB = 2048
_MOST_VAR_MIB = 32 * 1024
_IMAGES_MIB = 1024
_HOME_MIB = 1024
_MOST_HOME_MIB = 10 * 1024


def product_storage(
    storage: Storage,
    disks: tuple[Disk, ...],
    *,
    memory: int,
    unpacked_size: int,
    automatic: AutomaticLayout | None = None,
) -> Storage:
    """``storage`` with the product's own layout spelt out on ``disks`` (two or more: mirrored).

    The names of the disks are written as they are found today; ``use`` and ``clearing`` stay as
    they are. ``memory`` and ``unpacked_size`` are bytes.
    """
    wanted = automatic or AutomaticLayout()
    smallest = min(disk.size for disk in disks)
    root = sizes.root_slot_mib(unpacked_size, smallest)
    swap = sizes.recommended_swap_mib(memory, smallest) if wanted.swap else 0
    partitions = [*_boot_partitions(disks[0], wanted), *_members("boot", disks, wanted)]
    raids = []
    if len(disks) > 1 and wanted.boot:
        raids.append(
            RaidArray(
                device="boot",
                level="1",
                members=tuple(f"raid.boot{i}" for i, _ in enumerate(disks, 1)),
                mount_point="/boot",
                filesystem="ext4",
                where=wanted.where,
            )
        )
    if wanted.scheme == "plain" and len(disks) == 1:
        partitions += _plain_partitions(disks[0], wanted, root, swap)
        return storage.model_copy(
            update={"automatic": None, "partitions": tuple(partitions), "raids": ()}
        )
    partitions += _members("pv", disks, wanted)
    if len(disks) > 1:
        raids.append(
            RaidArray(
                device="pv",
                level="1",
                members=tuple(f"raid.pv{i}" for i, _ in enumerate(disks, 1)),
                volume_name="pv.01",
                where=wanted.where,
            )
        )
    thin = wanted.scheme == "thinp"
    volumes = _thin_volumes(wanted, root, swap) if thin else _volumes(wanted, root, swap)
    return storage.model_copy(
        update={
            "automatic": None,
            "partitions": tuple(partitions),
            "raids": tuple(raids),
            "groups": (
                VolumeGroup(name=GROUP_NAME, members=("pv.01",), reserved=root, where=wanted.where),
            ),
            "volumes": tuple(volumes),
        }
    )


def _boot_partitions(disk: Disk, wanted: AutomaticLayout) -> list[Partition]:
    return [
        Partition(
            name="biosboot",
            role="bios-boot",
            disk=disk.name,
            size=sizes.BIOS_BOOT_MIB,
            where=wanted.where,
        ),
        Partition(
            name="/boot/efi",
            role="efi",
            mount_point="/boot/efi",
            filesystem="efi",
            disk=disk.name,
            size=sizes.ESP_MIB,
            where=wanted.where,
        ),
    ]


def _members(what: str, disks: tuple[Disk, ...], wanted: AutomaticLayout) -> list[Partition]:
    """``/boot`` or the physical volume: a partition on one disk, RAID members on several."""
    boot = what == "boot"
    if boot and not wanted.boot:
        return []
    size = sizes.BOOT_MIB if boot else 1024
    if len(disks) > 1:
        return [
            Partition(
                name=f"raid.{what}{i}",
                role="raid-member",
                disk=disk.name,
                size=size,
                grow=not boot,
                where=wanted.where,
            )
            for i, disk in enumerate(disks, 1)
        ]
    if boot:
        return [
            Partition(
                name="/boot",
                role="filesystem",
                mount_point="/boot",
                filesystem="ext4",
                disk=disks[0].name,
                size=size,
                where=wanted.where,
            )
        ]
    return [
        Partition(
            name="pv.01",
            role="physical-volume",
            disk=disks[0].name,
            size=size,
            grow=True,
            where=wanted.where,
        )
    ]


def _growing(wanted: AutomaticLayout) -> list[tuple[str, str, int, int | None]]:
    """Name, mount point, least and most size of what shares the rest of the space."""
    found: list[tuple[str, str, int, int | None]] = [("var", "/var", _VAR_MIB, _MOST_VAR_MIB)]
    if wanted.home:
        found.append(("home", "/home", _HOME_MIB, _MOST_HOME_MIB))
    return [*found, ("images", IMAGES_MOUNT_POINT, _IMAGES_MIB, None)]


def _volumes(wanted: AutomaticLayout, root: int, swap: int) -> list[LogicalVolume]:
    volumes = [
        LogicalVolume(
            name=ROOT_SLOT_A,
            group=GROUP_NAME,
            size=root,
            mount_point="/",
            filesystem=wanted.filesystem,
            where=wanted.where,
        )
    ]
    volumes += _swap_volume(wanted, swap)
    for name, mount_point, least, most in _growing(wanted):
        volumes.append(
            LogicalVolume(
                name=name,
                group=GROUP_NAME,
                size=least,
                grow=True,
                max_size=most,
                mount_point=mount_point,
                filesystem=wanted.filesystem,
                where=wanted.where,
            )
        )
    return volumes


def _swap_volume(wanted: AutomaticLayout, swap: int) -> list[LogicalVolume]:
    if not swap:
        return []
    return [
        LogicalVolume(
            name="swap",
            group=GROUP_NAME,
            size=swap,
            mount_point="swap",
            filesystem="swap",
            where=wanted.where,
        )
    ]


def _thin_volumes(wanted: AutomaticLayout, root: int, swap: int) -> list[LogicalVolume]:
    """As :func:`_volumes`, with all but swap in one thin pool."""
    pool = LogicalVolume(
        name="pool00",
        group=GROUP_NAME,
        kind="thin-pool",
        size=root + sum(least for _, _, least, _ in _growing(wanted)),
        grow=True,
        where=wanted.where,
    )
    thin = [
        volume.model_copy(update={"kind": "thin", "pool": pool.name})
        for volume in _volumes(wanted, root, 0)
    ]
    return [*_swap_volume(wanted, swap), pool, *thin]


def _plain_partitions(disk: Disk, wanted: AutomaticLayout, root: int, swap: int) -> list[Partition]:
    """Slot A, an empty partition of the same size for slot B, swap, and the rest."""
    partitions = [
        Partition(
            name="/",
            role="filesystem",
            mount_point="/",
            filesystem=wanted.filesystem,
            disk=disk.name,
            size=root,
            where=wanted.where,
        ),
        Partition(
            name=ROOT_SLOT_B,
            role="filesystem",
            format=False,
            disk=disk.name,
            size=root,
            where=wanted.where,
        ),
    ]
    if swap:
        partitions.append(
            Partition(
                name="swap",
                role="swap",
                mount_point="swap",
                filesystem="swap",
                disk=disk.name,
                size=swap,
                where=wanted.where,
            )
        )
    for name, mount_point, least, most in _growing(wanted):
        partitions.append(
            Partition(
                name=name,
                role="filesystem",
                mount_point=mount_point,
                filesystem=wanted.filesystem,
                disk=disk.name,
                size=least,
                grow=True,
                max_size=most,
                where=wanted.where,
            )
        )
    return partitions
