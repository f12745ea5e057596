"""NFS servers: what they export, and whether an export can be mounted."""

from __future__ import annotations

import re
import socket
import tempfile
import time
from pathlib import Path

from foundation.failure import Failure
from foundation.process import ProcessFailed, run
from host.backends.real.storage.findmnt import read_usage
from host.document.storage import NFSMount
from host.document.storage_files import mount_options
from host.document.storage_names import check_server, parse_nfs_source
from host.storage_values import MountTest, NFSExport

NFS_PORT = 2049
_CONNECT_TIMEOUT = 5.0
_TRY_FOLDER = Path("/run/flexvdi")


def read_exports(server: str) -> tuple[NFSExport, ...]:
    """What showmount(8) is told; raises Failure for a server that is silent or does not tell."""
    server = check_server(server)
    try:
        answer = run(["showmount", "--no-headers", "--exports", server], timeout=15)
    except ProcessFailed as error:
        require_server(server)
        raise Failure(
            f"{server} serves NFS, but does not list its exports.",
            "Servers of NFS 4 alone do not. Ask who runs it for the path, and try that.",
            details=error.details,
        ) from error
    return parse_exports(answer.stdout)


def parse_exports(text: str) -> tuple[NFSExport, ...]:
    """showmount's lines: a path, then its clients with commas between them."""
    exports = []
    for line in text.splitlines():
        path, _space, clients = line.strip().rpartition(" ")
        if not path and clients.startswith("/"):
            path, clients = clients, ""
        if not path.startswith("/"):
            continue
        names = tuple(name for name in clients.split(",") if name not in ("", "*", "(everyone)"))
        exports.append(NFSExport(path.strip(), names))
    return tuple(exports)


def require_server(server: str, port: int = NFS_PORT) -> None:
    """Return if an NFS server listens; raise Failure with the reason if not."""
    try:
        socket.create_connection((server, port), timeout=_CONNECT_TIMEOUT).close()
    except socket.gaierror as error:
        raise Failure(
            f"The name {server} could not be resolved.", "Check the name and the DNS servers."
        ) from error
    except ConnectionRefusedError as error:
        raise Failure(
            f"{server} is there, but serves no NFS (TCP {port}).",
            "Start the NFS service there, or open its firewall.",
        ) from error
    except OSError as error:
        raise Failure(
            f"The NFS server {server} does not answer.",
            f"Check its address, the way to it, and any firewall (TCP {port}).",
        ) from error


def try_mount(mount: NFSMount) -> MountTest:
    """Mount aside, write unless it is read-only, look for room, and unmount."""
    server, _path = parse_nfs_source(mount.source)
    port = next((o.removeprefix("port=") for o in mount.options if o.startswith("port=")), "")
    require_server(server, int(port) if port.isdigit() else NFS_PORT)
    _TRY_FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="try-", dir=_TRY_FOLDER))
    started = time.monotonic()
    # While trying, an answer that does not come is an answer.
    options = ["soft" if word == "hard" else word for word in mount_options(mount, network=True)]
    try:
        argv = ["mount", "--types", "nfs", "--options", ",".join(options), mount.source]
        run([*argv, str(folder)], timeout=mount.timeout)
    except ProcessFailed as error:
        folder.rmdir()
        raise mount_failure(mount.source, error.completed.stderr, error) from error
    try:
        return _look_at(folder, mount, started)
    finally:
        run(["umount", "--force", "--lazy", str(folder)], timeout=30)
        folder.rmdir()


def _look_at(folder: Path, mount: NFSMount, started: float) -> MountTest:
    usage = read_usage(str(folder))
    writable = False
    if not mount.read_only:
        trial = folder / f".flexvdi-{folder.name}"
        try:
            run(["touch", str(trial)], timeout=15)
            run(["rm", "--force", str(trial)], timeout=15)
            writable = True
        except ProcessFailed as error:
            if mount.purpose == "image-storage":
                raise Failure(
                    f"{mount.source} can be mounted, but this host may not write to it.",
                    "Export it with rw and no_root_squash for this host, or mount it read-only.",
                    details=error.details,
                ) from error
    seconds = time.monotonic() - started
    return MountTest(writable, usage.size if usage else 0, usage.free if usage else 0, seconds)


_MEANINGS: tuple[tuple[str, str, str], ...] = (
    (
        r"special device .* does not exist|dev-.*\.device|timed out waiting for device",
        "The disk of {source} is not there.",
        "Check cables or iSCSI sessions, then `flexvdi-config disks rescan`.",
    ),
    (
        r"access denied by server|Permission denied|not permitted",
        "The server does not let this host mount {source}.",
        "Add this host's address to the export on the server.",
    ),
    (
        r"No such file or directory|does not exist|Stale file handle",
        "The server no longer exports {source}.",
        "Compare the path with `flexvdi-config nfs exports SERVER`.",
    ),
    (
        r"No such device|unknown filesystem type 'nfs",
        "This kernel has no NFS client.",
        "Load it with `modprobe nfs`.",
    ),
    (
        r"Protocol not supported|version or transport protocol",
        "The server does not speak this version of NFS.",
        "Choose another version for {source}, 3 or 4.0 for old servers.",
    ),
    (
        r"timed out|did not finish within|No route to host|Connection refused|unreachable",
        "The server of {source} does not answer.",
        "Check that it runs, the network to it, and any firewall (TCP 2049).",
    ),
    (
        r"resolve|Name or service not known",
        "The name of the server of {source} could not be resolved.",
        "Check the name and the DNS servers.",
    ),
    (
        r"wrong fs type|unknown filesystem type|bad superblock|can't read superblock",
        "What is on {source} is not the filesystem that the document says, or it is damaged.",
        "See `flexvdi-config disks show`; check it with xfs_repair -n or fsck -n.",
    ),
    (
        r"busy|already mounted",
        "{source}, or the folder it goes to, is in use.",
        "See `findmnt` and `fuser -vm` for who uses it.",
    ),
    (
        r"Dependency failed|dependency",
        "Something that {source} needs did not start.",
        "See `systemctl --failed`; a disk or the network may be missing.",
    ),
)


def mount_failure(source: str, said: str, error: Failure | None = None) -> Failure:
    """What the words of mount(8) or systemd mean."""
    details = error.details if error is not None else said
    for pattern, cause, remedy in _MEANINGS:
        if re.search(pattern, said or details, re.IGNORECASE):
            return Failure(
                cause.format(source=source), remedy.format(source=source), details=details or said
            )
    lines = [line for line in said.splitlines() if line.strip()]
    words = lines[-1].strip().rstrip(".") if lines else "mount gave no reason"
    return Failure(
        f"{source} could not be mounted: {words}.", "See `journalctl -b -t mount`.", details=details
    )
