"""Guests of a real libvirtd with a real QEMU, watched and acted on in bulk.

The daemon is an unprivileged user's own (``qemu:///session``), so that it touches nothing of the
machine's. Guests are emulated and have no disk: they stop at their firmware.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.failure import Failure
from host.backends.real.guest_watch import RealGuestWatch
from tests.lab.platform import wait_for
from tests.lab.sockets import socket_listens

libvirt = pytest.importorskip("libvirt")
USER = "nobody"
OFF = 99
GUEST = """<domain type='qemu'><name>{name}</name><uuid>{uuid}</uuid>
<memory unit='MiB'>32</memory><vcpu>1</vcpu><os><type arch='x86_64'>hvm</type></os>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator></devices></domain>"""

pytestmark = pytest.mark.skipif(
    shutil.which("libvirtd", path="/usr/sbin:/usr/bin") is None
    or not Path("/usr/bin/qemu-system-x86_64").exists(),
    reason="libvirtd or QEMU is not installed",
)


@pytest.fixture
def daemon() -> Iterator[str]:
    """The URI of a daemon with a hundred guests, none of which runs."""
    folder = Path(tempfile.mkdtemp(prefix="flexvdi-libvirt-"))
    user = pwd.getpwnam(USER)
    os.chown(folder, user.pw_uid, user.pw_gid)
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder)}
    for name in ("RUNTIME_DIR", "CONFIG_HOME", "CACHE_HOME", "DATA_HOME", "STATE_HOME"):
        environment[f"XDG_{name}"] = str(folder)
    with (folder / "log").open("wb") as out:
        process = subprocess.Popen(
            ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
             "libvirtd"],
            env=environment, cwd=folder, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    try:
        socket = folder / "libvirt/libvirt-sock"
        wait_for(lambda: socket_listens(socket), 120, f"libvirtd listens; see {folder}/log")
        uri = f"qemu:///session?socket={socket}"
        connection = libvirt.open(uri)
        for number in range(OFF + 1):
            connection.defineXML(GUEST.format(name=f"desk-{number:02}", uuid=uuid.uuid4()))
        connection.close()
        yield uri
        connection = libvirt.open(uri)
        for guest in connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE):
            guest.destroy()
        connection.close()
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_hundred_guests_are_watched_and_one_is_started(daemon: str) -> None:
    watch = RealGuestWatch(daemon)
    guests = {guest.name: guest for guest in watch.sample()}
    assert len(guests) == OFF + 1
    assert {guest.state for guest in guests.values()} == {"off"}
    assert watch.hypervisor().startswith("QEMU ")
    uuid_of = guests["desk-07"].uuid
    watch.act(uuid_of, "start")
    watch.act(uuid_of, "start")  # twice is once
    running = {guest.name: guest for guest in watch.sample()}["desk-07"]
    assert running.state == "running"
    assert running.memory == 32 << 20 and running.vcpus == 1
    first = running.counters
    assert first is not None and first.memory > 0

    def has_worked() -> bool:
        now = {guest.name: guest for guest in watch.sample()}["desk-07"].counters
        return now is not None and now.cpu > first.cpu

    wait_for(has_worked, 120, "its processor time grows")
    watch.act(uuid_of, "force-off")
    assert {guest.state for guest in watch.sample()} == {"off"}
    with pytest.raises(Failure, match="There is no guest"):
        watch.act(str(uuid.uuid4()), "start")
