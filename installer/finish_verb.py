"""``flexvdi-install finish``: makes a host of a system that stock Anaconda copied to the disks.

It runs inside the new system, from a ``%post`` of a kickstart that ``flexvdi-kickstart render
--for anaconda`` made, and does what Anaconda does not know: the host document and all that it
stands for, the slots of the boot menu, an EFI System Partition on each disk of a mirror. The work
is done by the very steps of our own installer.
"""

from __future__ import annotations

import sys
from pathlib import Path

from foundation.command_line import EXIT_OK
from foundation.image_release import ImageRelease, read_release
from foundation.kernel_command_line import KernelCommandLine
from foundation.manifest import Manifest
from foundation.process import run
from host.document.system_files import files_of
from host.document.writing import write_document
from installer.adoption import adopt
from installer.engine.step import InstallContext
from installer.machine.model import Machine
from installer.machine.probe import probe_machine
from installer.network_devices import find_network_devices
from installer.storage.layout import DiskLayout
from installer.target.accounts import create_accounts
from installer.target.bootloader import esp_of, install_bootloader
from installer.target.fstab import write_fstab
from installer.target.identity import (
    DOCUMENT_PATH,
    installed_document,
    make_ssh_host_keys,
    permanent_macs,
    write_files,
    write_machine_id,
)
from installer.target.labels import label_files
from installer.target.services import set_up_services
from kickstart.reading import read_kickstart

_HERE = Path("/")


def finish(kickstart: Path) -> int:
    """Finish the system that this runs in, as ``kickstart`` says; may be run again."""
    release = read_release(_HERE)
    machine = probe_machine()
    command_line = KernelCommandLine.of_this_machine()
    plan = find_network_devices(read_kickstart(kickstart), machine, command_line)
    layout = adopt(machine, _array_levels(machine))
    context = InstallContext(
        plan=plan,
        machine=machine,
        layout=layout,
        medium=_HERE,
        manifest=_manifest_of(release),
        release=release,
        kernel_command_line=command_line,
        target=_HERE,
        say=lambda line: print(line, flush=True),
    )
    for disk in layout.boot_disks:
        _prepare_esp(disk)
    _tell_missing_boot_disks(context)
    write_fstab(context)
    write_machine_id(_HERE)
    make_ssh_host_keys(_HERE)
    write_files(_HERE, files_of(plan.document, release.places, permanent_macs(context)))
    (_HERE / DOCUMENT_PATH).parent.mkdir(parents=True, exist_ok=True)
    write_document(installed_document(context), _HERE / DOCUMENT_PATH)
    set_up_services(context, release)
    create_accounts(context)
    install_bootloader(context)
    label_files(context)
    print("This system is a flexVDI host now.")
    return EXIT_OK


def _array_levels(machine: Machine) -> dict[str, str]:
    paths = {
        holder.path
        for disk in machine.disks
        for node in disk.nodes
        for holder in node.holders
        if holder.kind == "raid"
    }
    levels = {}
    for path in sorted(paths):
        told = run(["mdadm", "--detail", "--export", path]).stdout
        words = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
        levels[path] = words.get("MD_LEVEL", "raid1")
    return levels


def _prepare_esp(disk: DiskLayout) -> None:
    """Anaconda formats only the ESP that it mounts."""
    path = esp_of(disk)
    if run(["blkid", "-p", "-s", "TYPE", "-o", "value", path], accept=(0, 2)).stdout.strip():
        return
    run(["mkfs.vfat", "-n", "EFI", path])


def _tell_missing_boot_disks(context: InstallContext) -> None:
    """A disk of a mirror that cannot boot alone is told: it only shows when the other one dies."""
    boots = {disk.name for disk in context.layout.boot_disks}
    for disk in context.layout.disks:
        mirrored = any(partition.role == "raid-member" for partition in disk.partitions)
        if mirrored and disk.name not in boots:
            print(
                f"Warning: {disk.path} has no EFI System Partition and BIOS boot partition of its "
                "own; the host will not start from it alone.",
                file=sys.stderr,
            )


def _manifest_of(release: ImageRelease) -> Manifest:
    """What the steps may ask about the image, which Anaconda has unpacked already."""
    return Manifest(
        product=release.product,
        version=release.version,
        base=release.base,
        base_release=release.base_release,
        kernel=release.kernel_version,
        build_id=release.build_id,
        source_date_epoch=0,
        image="",
        unpacked_size=0,
        displays=release.displays,
        kernel_arguments=release.kernel_arguments,
        artefacts={},
        packages={},
    )
