"""fstab(5), mdadm.conf(5) and LVM's devices file of the new system: names that last."""

from __future__ import annotations

from foundation.atomic_file import write_atomically
from installer.engine.step import InstallContext
from installer.storage.filesystems import filesystem_uuid
from installer.storage.layout import FilesystemLayout, Layout
from installer.storage.raid import mdadm_configuration
from installer.target.inside import run_inside

_HEADER = "# Written by the flexVDI installer. Filesystems are found by their UUIDs.\n"
_MDADM_PLACES = ("etc/mdadm/mdadm.conf", "etc/mdadm.conf")
_LVM_DEVICES = "etc/lvm/devices"


def fstab_text(layout: Layout, uuids: dict[str, str]) -> str:
    """The whole file; ``uuids`` maps device paths to the UUIDs of their filesystems."""
    lines = [
        _line(filesystem, uuids[filesystem.path])
        for filesystem in layout.filesystems
        if filesystem.mount_point is not None
    ]
    return _HEADER + "".join(f"{line}\n" for line in lines)


def _line(filesystem: FilesystemLayout, uuid: str) -> str:
    at = filesystem.mount_point or ""
    if filesystem.kind == "swap":
        return f"UUID={uuid} none swap {filesystem.mount_options} 0 0"
    # XFS checks itself; the root is checked first (fstab(5), sixth field).
    order = 0 if filesystem.kind == "xfs" else 1 if at == "/" else 2
    return f"UUID={uuid} {_escape(at)} {filesystem.kind} {filesystem.mount_options} 0 {order}"


def _escape(mount_point: str) -> str:
    return mount_point.replace("\\", "\\134").replace(" ", "\\040").replace("\t", "\\011")


def write_fstab(context: InstallContext) -> None:
    """Write fstab, and create the mount points that the image lacks."""
    uuids = {
        filesystem.path: filesystem_uuid(filesystem.path)
        for filesystem in context.layout.filesystems
        if filesystem.mount_point is not None
    }
    write_atomically(context.target / "etc/fstab", fstab_text(context.layout, uuids))


def write_storage_configuration(context: InstallContext) -> None:
    """Tell the new system's mdadm and LVM what is theirs."""
    target = context.target
    if context.layout.arrays:
        place = next(
            (name for name in _MDADM_PLACES if (target / name).parent.is_dir()), _MDADM_PLACES[1]
        )
        write_atomically(target / place, mdadm_configuration(context.layout.arrays))
    if context.layout.groups:
        _import_lvm_devices(context)


def _import_lvm_devices(context: InstallContext) -> None:
    """Where LVM keeps a devices file, list exactly our devices in it.

    So volume groups of guests that lie on shared disks are not activated by the host. Other
    systems have no such file, and then LVM sees every device.
    """
    said = run_inside(
        context.target,
        ["lvmconfig", "--type", "full", "devices/use_devicesfile"],
        accept=(0, 5),
    )
    folder = context.target / _LVM_DEVICES
    for leftover in folder.glob("system.devices*"):
        leftover.unlink()
    if said.stdout.strip() == "use_devicesfile=1":
        for group in context.layout.groups:
            run_inside(context.target, ["vgimportdevices", group.name])
