"""Makes MD arrays with mdadm. Their names hold on any host; everything lasting uses their UUIDs."""

from __future__ import annotations

from pathlib import Path

from foundation.failure import Failure
from foundation.process import ProcessFailed, run
from installer.storage.devices import kernel_name, settle, wait_for_device
from installer.storage.layout import ArrayLayout
from installer.storage.teardown import erase_devices

_ZERO_SECONDS = 120.0
"""How long zeroing a member may take before synchronising is the better way."""


def create_array(array: ArrayLayout) -> None:
    """Create ``array`` anew on its members, whatever an earlier run left on them.

    Members that could be zeroed in a moment are alike already. Others are synchronised, which is
    put off until the next start, so that it does not compete with the copying; the array
    remembers that it has to. Raises Failure as mdadm reports it.
    """
    devices = [*array.members, *array.spares]
    for device in devices:
        wait_for_device(device)
    erase_devices(devices)
    command = [
        "mdadm",
        "--create",
        array.path,
        "--run",
        "--force",
        f"--level={array.level}",
        f"--metadata={array.metadata}",
        f"--name={array.name}",
        "--homehost=any",
        f"--raid-devices={len(array.members)}",
    ]
    if array.spares:
        command.append(f"--spare-devices={len(array.spares)}")
    if array.level != "0":
        command.append("--bitmap=internal")
    if array.chunk_size and array.level != "1":
        command.append(f"--chunk={array.chunk_size // 1024}")
    if array.level != "0" and all(_zeroed(device) for device in devices):
        command.append("--assume-clean")
    run([*command, *devices])
    wait_for_device(array.path)
    _put_off_synchronising(array)
    # Data that lay on the members shows through a new array.
    run(["wipefs", "--all", "--force", array.path])
    settle()


def _zeroed(device: str) -> bool:
    """Have the disk itself zero ``device``, if it is one that does so without writing it all.

    Zeros are consistent at every level. Disks that cannot discard would take hours.
    """
    partition = (Path("/sys/class/block") / kernel_name(device)).resolve()
    queue = next((p for p in (partition / "queue", partition.parent / "queue") if p.is_dir()), None)
    limits = ("discard_max_bytes", "write_zeroes_max_bytes")
    if queue is None or not all(int((queue / limit).read_text()) for limit in limits):
        return False
    try:
        run(["blkdiscard", "--force", "--zeroout", device], timeout=_ZERO_SECONDS)
    except ProcessFailed:
        return False  # then the members are synchronised
    return True


def _put_off_synchronising(array: ArrayLayout) -> None:
    action = Path("/sys/class/block") / kernel_name(array.path) / "md/sync_action"
    if action.exists():  # arrays without redundancy have none
        action.write_text("frozen\n")


def array_uuid(path: str) -> str:
    """The UUID of a running array, in mdadm's form ``01234567:89abcdef:…``."""
    for line in run(["mdadm", "--detail", "--export", path]).stdout.splitlines():
        name, _, value = line.partition("=")
        if name == "MD_UUID":
            return value
    raise Failure(f"{path} is no running array.", "Look at /proc/mdstat.")


def stop_array(array: ArrayLayout) -> None:
    """Stop a running array; does nothing when it is not there."""
    if Path(array.path).exists():
        run(["mdadm", "--stop", array.path])


def mdadm_configuration(arrays: tuple[ArrayLayout, ...]) -> str:
    """mdadm.conf(5) for the new system: any array by its own metadata, ours by name and UUID."""
    lines = ["HOMEHOST <ignore>", "MAILADDR root"]
    lines += [
        f"ARRAY {array.path} metadata={array.metadata} UUID={array_uuid(array.path)}"
        for array in arrays
    ]
    return "\n".join(lines) + "\n"
