"""A real NFS server in user space (NFS-Ganesha), and the port mapper it registers with."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.sockets import free_port, port_listens

_PORT_MAPPER = 111
_SETTINGS = """
NFS_CORE_PARAM {{ NFS_Port = {port}; MNT_Port = {mount_port}; Bind_addr = 127.0.0.1;
  NFS_Protocols = 3,4; Enable_NLM = false; Enable_RQUOTA = false; }}
NFSV4 {{ Graceless = true; RecoveryRoot = "{folder}/recovery"; }}
EXPORT {{ Export_Id = 1; Path = "{folder}/images"; Pseudo = "{export}"; Access_Type = RW;
  Squash = No_Root_Squash; SecType = sys; Transports = TCP; FSAL {{ Name = VFS; }} }}
"""


def missing_for_nfs() -> str:
    """Why no NFS server can run here; empty when one can."""
    programs = ("ganesha.nfsd", "rpcbind", "showmount")
    lacking = [name for name in programs if shutil.which(name) is None]
    if os.geteuid() != 0:
        return "needs root"
    return f"needs {', '.join(lacking)}" if lacking else ""


@contextmanager
def nfs_server(folder: Path, port: int, export: str = "/images") -> Iterator[Path]:
    """Serve the folder that is given, on 127.0.0.1, as ``export`` to NFS 4.

    What clients have mounted stays mounted there when the server goes away.
    """
    for name in ("images", "recovery"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    mount_port = free_port()
    settings, log = folder / "ganesha.conf", folder / "log"
    settings.write_text(
        _SETTINGS.format(port=port, mount_port=mount_port, folder=folder, export=export)
    )
    argv = ["ganesha.nfsd", "-F", "-L", str(log), "-f", str(settings), "-p", str(folder / "pid")]
    process = subprocess.Popen(argv)
    try:
        while not port_listens(mount_port):
            if process.poll() is not None:
                raise RuntimeError(f"the NFS server ended: {log.read_text()}")
        yield folder / "images"
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def port_mapper() -> Iterator[None]:
    """Have a port mapper: the one that runs, or one of our own."""
    if port_listens(_PORT_MAPPER):
        yield
        return
    mapper = subprocess.Popen(["rpcbind", "-w", "-f"])
    try:
        while not port_listens(_PORT_MAPPER):
            if mapper.poll() is not None:
                raise RuntimeError("the port mapper ended at once")
        yield
    finally:
        mapper.terminate()
        mapper.wait(30)
