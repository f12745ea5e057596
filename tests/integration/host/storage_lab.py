"""A real iSCSI target (tgt) and the real iscsiadm, on a loopback network of their own.

Discovery is iscsiadm's own work, over its own TCP connections; it asks the kernel only whether
iSCSI over TCP is there, and iscsid only for this host's name. Machines whose kernel has no iSCSI
can so discover real targets: the lab shows iscsiadm a ``/sys`` that has the transport, and answers
for iscsid (its socket is in the abstract namespace, which a network of one's own makes private).

Run as a program inside fresh namespaces it brings everything up, prints ``READY`` and waits; with
words it is what runs in there: ``discover PORTAL [USER SECRET]``.
"""

from __future__ import annotations

import json
import shutil
import socket
import struct
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

_REPOSITORY = Path(__file__).parents[3]
PROGRAMS = ("tgtd", "tgtadm", "iscsiadm", "unshare", "nsenter", "ip")
TARGET = "iqn.2026-01.test.flexvdi:disk"
SECOND_TARGET = "iqn.2026-01.test.flexvdi:other"
PORTALS = ("192.0.2.1:3260", "198.51.100.1:3260")
SYS = {
    "class/iscsi_transport/tcp/handle": "1",
    "class/iscsi_transport/tcp/caps": "0x39",
    "module/iscsi_tcp/initstate": "live",
    "module/libiscsi/initstate": "live",
}
PORTAL_GROUP = "1"  # tgt's only one
SESSION = {
    "class/iscsi_session/session1/targetname": TARGET,
    "class/iscsi_session/session1/ifacename": "flexvdi-eno3",
    "class/iscsi_session/session1/state": "LOGGED_IN",
    "class/iscsi_session/session1/tpgt": PORTAL_GROUP,
    "class/iscsi_connection/connection1:0/persistent_address": PORTALS[0].partition(":")[0],
    "class/iscsi_connection/connection1:0/persistent_port": "3260",
}
"""A session as the kernel shows it, for what is read of one."""


def _bring_up() -> subprocess.Popen[bytes]:
    """Everything; returns the target's daemon."""

    def run(*argv: str) -> None:
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)

    settings = Path("/etc/iscsi/iscsid.conf").read_text()
    run("mount", "--make-rprivate", "/")
    for folder in ("/run", "/etc/iscsi", "/sys"):
        run("mount", "-t", "tmpfs", "none", folder)
    for name, text in SYS.items():
        Path("/sys", name).parent.mkdir(parents=True, exist_ok=True)
        Path("/sys", name).write_text(f"{text}\n")
    for folder in ("iscsi_session", "iscsi_host", "iscsi_connection"):
        Path("/sys/class", folder).mkdir()
    for folder in ("/run/lock/iscsi", "/run/tgtd"):
        Path(folder).mkdir(parents=True)
    Path("/etc/iscsi/iscsid.conf").write_text(settings)
    Path("/etc/iscsi/initiatorname.iscsi").write_text("InitiatorName=iqn.2026-01.test.flexvdi:me\n")
    run("ip", "link", "set", "lo", "up")
    for portal in PORTALS:
        run("ip", "address", "add", portal.partition(":")[0], "dev", "lo")
    threading.Thread(target=_answer_for_iscsid, daemon=True).start()
    with Path("/run/tgtd.log").open("wb") as log:
        argv = ["tgtd", "--foreground", "--iscsi", f"portal={PORTALS[0]}"]
        daemon = subprocess.Popen(argv, stdout=log, stderr=log)
    _wait_for(daemon, *PORTALS[0].split(":"))
    _tgtadm("portal", "new", "--param", f"portal={PORTALS[1]}")
    for number, name in enumerate((TARGET, SECOND_TARGET), 1):
        _tgtadm("target", "new", "--tid", str(number), "--targetname", name)
        _tgtadm("target", "bind", "--tid", str(number), "--initiator-address", "ALL")
    return daemon


def _tgtadm(mode: str, operation: str, *words: str) -> None:
    argv = ["tgtadm", "--lld", "iscsi", "--mode", mode, "--op", operation, *words]
    subprocess.run(argv, check=True)


def _wait_for(daemon: subprocess.Popen[bytes], host: str, port: str) -> None:
    while daemon.poll() is None:
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
        except ConnectionRefusedError:
            continue
        return
    raise RuntimeError(f"tgtd ended: {Path('/run/tgtd.log').read_text()}")


def _answer_for_iscsid() -> None:
    """iscsid's answers to iscsiadm: the command again, no error, and this host's name."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0ISCSIADM_ABSTRACT_NAMESPACE")
        server.listen()
        while True:
            connection, _address = server.accept()
            with connection:
                (command,) = struct.unpack_from("<I", connection.recv(65536))
                name = b"iqn.2026-01.test.flexvdi:me\0"
                connection.sendall(struct.pack("<II", command, 0) + name.ljust(32768, b"\0"))


class StorageLab:
    """The lab, from outside."""

    def __init__(self) -> None:
        """Bring it up."""
        argv = ["unshare", "--mount", "--net", sys.executable, "-m", __name__]
        self._process = subprocess.Popen(
            argv, cwd=_REPOSITORY, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line != "READY\n":
            raise RuntimeError(f"the storage lab did not come up: {line!r}")

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """Run a program in there."""
        inside = ["nsenter", "--target", str(self._process.pid), "--mount", "--net"]
        # Entering the mounts of another process leads to their root.
        inside += ["env", f"--chdir={_REPOSITORY}"]
        return subprocess.run([*inside, *argv], capture_output=True, text=True, timeout=120)

    def target_admin(self, mode: str, operation: str, *words: str) -> None:
        """Change the target."""
        argv = ["tgtadm", "--lld", "iscsi", "--mode", mode, "--op", operation, *words]
        done = self.run(*argv)
        assert done.returncode == 0, done.stderr

    def discover(self, portal: str, *chap: str) -> tuple[Any, str]:
        """What our discovery answers or says, and everything it logged."""
        done = self.run(sys.executable, "-m", __name__, "discover", portal, *chap)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout), done.stderr

    def end(self) -> None:
        """End it; what runs in there goes with its namespaces' first process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


def missing_programs() -> list[str]:
    """What the lab needs and this machine lacks."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def _discover(portal: str, *chap: str) -> None:
    import logging

    from foundation.failure import Failure
    from foundation.secret import Secret
    from host.backends.real.storage.iscsiadm import RealISCSI
    from host.document.storage import Chap

    logging.basicConfig(level=logging.DEBUG)
    known = Chap(username=chap[0], password=Secret(chap[1])) if chap else None
    try:
        found = RealISCSI().discover(portal, known)
    except Failure as failure:
        print(json.dumps(failure.as_dict()))
        return
    print(json.dumps([asdict(target) for target in found]))


def _main() -> None:
    if sys.argv[1:2] == ["discover"]:
        _discover(*sys.argv[2:])
        return
    daemon = _bring_up()
    print("READY", flush=True)
    sys.stdin.read()
    daemon.kill()
    daemon.wait()


if __name__ == "__main__":
    _main()
