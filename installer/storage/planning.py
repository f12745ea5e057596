"""InstallPlan and Machine to Layout: exact and pure, so that it can be shown, tested and refused.

What is refused here is refused before anything is written.
"""

from __future__ import annotations

from foundation.failure import Failure
from installer.machine.model import Disk, Machine, in_words
from installer.storage import sizes
from installer.storage.arithmetic import MIB
from installer.storage.clearing import Cleared, clear_disk, explicitly_cleared
from installer.storage.filesystem_kinds import LEAST_SIZE, filesystem_kind, mount_options
from installer.storage.group_planning import Device, plan_arrays, plan_groups
from installer.storage.layout import FilesystemLayout, Layout, PartitionLayout
from installer.storage.layout_rules import check_layout, refuse_esp_on_array
from installer.storage.placement import place_on_disk
from installer.storage.product_layout import product_storage
from installer.storage.requests import PartitionRequest, plan_requests
from installer.storage.selection import allowed_disks, list_disks, resolve_disk
from kickstart.install_plan import Formatted, InstallPlan, Storage


def plan_layout(plan: InstallPlan, machine: Machine, unpacked_size: int) -> Layout:
    """What the disks will look like. ``unpacked_size`` (bytes) is what the image needs on them.

    Raises Failure, pointing at the line of the kickstart, for whatever cannot be done.
    """
    storage = spelt_out(plan, machine, unpacked_size)
    refuse_esp_on_array(storage.raids)
    requests, boots = plan_requests(storage, plan.bootloader, machine)
    verdicts = _clear_disks(storage, machine, requests)
    disks = tuple(
        place_on_disk(verdict, [r for r in requests if r.disk == name], name in boots, machine)
        for name, verdict in verdicts.items()
    )
    order = {name: index for index, name in enumerate(boots)}
    disks = tuple(sorted(disks, key=lambda disk: order.get(disk.name, len(order))))
    devices = {
        partition.handle: Device(partition.path, partition.size)
        for disk in disks
        for partition in disk.partitions
        if partition.role in ("raid-member", "physical-volume")
    }
    gone = frozenset(path for verdict in verdicts.values() for path in verdict.gone)
    arrays = plan_arrays(storage, devices, machine, gone)
    devices |= {a.handle: Device(a.path, a.size) for a in arrays if a.handle}
    groups = plan_groups(storage, devices, machine, gone)
    partitions: dict[tuple[str, str, str], PartitionLayout] = {
        (disk.name, p.handle, p.role): p for disk in disks for p in disk.partitions
    }
    filesystems = [
        *_partition_filesystems(requests, partitions),
        *(
            _filesystem(raid, array.path, array.size)
            for raid, array in zip(storage.raids, arrays, strict=True)
            if raid.volume_name is None and (raid.mount_point or raid.filesystem)
        ),
    ]
    sizes_of = {volume.path: volume.size for group in groups for volume in group.volumes}
    for volume in storage.volumes:
        path = f"/dev/{volume.group}/{volume.name}"
        if volume.kind != "thin-pool" and (volume.mount_point or volume.filesystem):
            filesystems.append(_filesystem(volume, path, sizes_of[path]))
    layout = Layout(
        disks=disks,
        arrays=arrays,
        groups=groups,
        filesystems=tuple(sorted(filesystems, key=_mount_order)),
        notes=_notes(storage, bool(arrays)),
    )
    check_layout(layout, plan, unpacked_size)
    return layout


def spelt_out(plan: InstallPlan, machine: Machine, unpacked_size: int) -> Storage:
    """The plan's storage with ``autopart`` replaced by the partitions that it means here."""
    storage = plan.storage
    if storage.automatic is None:
        if not (storage.partitions or storage.raids or storage.volumes):
            raise Failure(
                "The answers say nothing about where to install.",
                "Add `autopart`, or partitions with `part`.",
                where=plan.source,
            )
        return _with_recommended_swap(storage, machine)
    disk = _automatic_disk(plan, machine, unpacked_size)
    return product_storage(
        storage,
        (disk,),
        memory=machine.memory,
        unpacked_size=unpacked_size,
        automatic=storage.automatic,
    )


def _with_recommended_swap(storage: Storage, machine: Machine) -> Storage:
    """``--recommended`` swap volumes get the size that suits the machine's memory."""
    swap = sizes.recommended_swap_mib(machine.memory)
    volumes = tuple(
        volume.model_copy(update={"size": swap})
        if volume.recommended and volume.size is None and volume.mount_point == "swap"
        else volume
        for volume in storage.volumes
    )
    return storage.model_copy(update={"volumes": volumes})


def _automatic_disk(plan: InstallPlan, machine: Machine, unpacked_size: int) -> Disk:
    """The disk for ``autopart``: the one to boot from, else the first that is large enough."""
    if plan.bootloader.boot_drive:
        return resolve_disk(plan.bootloader.boot_drive, machine, plan.bootloader.where)
    named = explicitly_cleared(plan.storage.clearing, machine)
    allowed = named or allowed_disks(plan.storage.use, machine)
    needed = least_disk_size(machine.memory, unpacked_size)
    large = [disk for disk in allowed if disk.size >= needed]
    if not large:
        raise Failure(
            f"No disk is large enough: the product's own layout needs {in_words(needed)} "
            f"(two root slots, /boot, swap, /var and room for images): {list_disks(allowed)}.",
            "Use a larger disk, or describe a smaller layout with part, volgroup and logvol.",
            where=plan.storage.automatic.where if plan.storage.automatic else "",
        )
    return large[0]


def least_disk_size(memory: int, unpacked_size: int) -> int:
    """The smallest disk, in bytes, that the product's own layout fits on."""
    root = sizes.root_slot_mib(unpacked_size, 0)
    fixed = sizes.BIOS_BOOT_MIB + sizes.ESP_MIB + sizes.BOOT_MIB + 2 * root
    rest = 2048 + 1024 + 16  # /var, images, and the alignment of disk and volume group
    swap = sizes.recommended_swap_mib(memory, (fixed + rest) * MIB * 10 // 9)
    return (fixed + rest + swap) * MIB


def _clear_disks(
    storage: Storage, machine: Machine, requests: tuple[PartitionRequest, ...]
) -> dict[str, Cleared]:
    """A verdict for each disk that gets something, and for those named to be cleared."""
    wanted = dict.fromkeys(request.disk for request in requests)
    wanted |= dict.fromkeys(d.name for d in explicitly_cleared(storage.clearing, machine))
    reused = frozenset(request.existing for request in requests if request.existing)
    return {
        name: clear_disk(machine.disk(name), storage.clearing, machine, reused) for name in wanted
    }


def _partition_filesystems(
    requests: tuple[PartitionRequest, ...],
    partitions: dict[tuple[str, str, str], PartitionLayout],
) -> list[FilesystemLayout]:
    """Filesystems right on partitions; ESPs beyond the one at ``/boot/efi`` are not mounted."""
    found: list[FilesystemLayout] = []
    esp_mounted = any(r.role == "efi" and r.source and r.source.mount_point for r in requests)
    for request in requests:
        partition = partitions[(request.disk, request.handle, request.role)]
        source = request.source
        if request.role == "efi" and source is None:
            mount_point = None if esp_mounted else "/boot/efi"
            esp_mounted = True
            found.append(
                FilesystemLayout(
                    path=partition.path,
                    kind="vfat",
                    mount_point=mount_point,
                    size=partition.size,
                    mount_options=mount_options("vfat", "/boot/efi", None),
                )
            )
        elif source is not None and _wants_filesystem(request):
            found.append(_filesystem(source, partition.path, partition.size))
    return found


def _wants_filesystem(request: PartitionRequest) -> bool:
    source = request.source
    if source is None or request.role in ("bios-boot", "physical-volume", "raid-member"):
        return False
    return bool(source.mount_point or source.filesystem) or request.role in ("swap", "efi")


def _filesystem(item: Formatted, path: str, size: int) -> FilesystemLayout:
    role = getattr(item, "role", None)
    at = item.mount_point
    if role == "swap" or item.filesystem == "swap":
        at = "swap"
    elif role == "efi" and at is None:
        at = "/boot/efi"
    wanted = item.filesystem or ("efi" if role == "efi" else None)
    kind = filesystem_kind(wanted, at, item.where)
    if size < LEAST_SIZE[kind]:
        raise Failure(
            f"{at or path} is {in_words(size)}, too small for {kind}, "
            f"which needs {in_words(LEAST_SIZE[kind])}.",
            "Make it larger, or choose another filesystem.",
            where=item.where,
        )
    return FilesystemLayout(
        path=path,
        kind=kind,
        mount_point=at,
        size=size,
        label=item.label or "",
        mount_options=mount_options(kind, at, item.mount_options),
        mkfs_options=item.mkfs_options or "",
        format=item.format,
        where=item.where,
    )


def _mount_order(filesystem: FilesystemLayout) -> tuple[int, int, str]:
    """The root first, then by depth; swap and what is not mounted last."""
    at = filesystem.mount_point
    if at is None or not at.startswith("/"):
        return (1, 0, filesystem.path)
    return (0, 0 if at == "/" else at.count("/"), at)


def _notes(storage: Storage, arrays: bool) -> tuple[str, ...]:
    notes = []
    if not any(partition.role == "efi" for partition in storage.partitions):
        notes.append("BIOS boot area and EFI System Partition are added on every boot disk.")
    if arrays:
        notes.append("Mirrors synchronise in the background once the host has started.")
    return tuple(notes)
