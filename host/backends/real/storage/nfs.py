"""NFS servers: what they export, and whether an export can be mounted."""

from __future__ import annotations

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
from host.mount_failures import mount_failure
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
