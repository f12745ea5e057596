"""A machine that goes from the medium to a Manager by itself, and what is asked of it then.

The host is a bridge on QEMU's own network, which takes the Manager's guest in as one more machine:
a port of this machine leads to the host's SSH, another one to the Manager's HTTPS.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from foundation.secret import Secret
from tests.lab.host_shell import HostShell
from tests.lab.host_verbs import PATIENCE
from tests.lab.installation import DISK_GIB
from tests.lab.kickstarts import render
from tests.lab.machine import Machine, create_disk
from tests.lab.platform import wait_for
from tests.lab.sockets import free_port

HOST_NAME = "one-go.flexvdi.test"
HOST, MANAGER = "10.0.2.15", "10.0.2.10"
# As the kernel names the port, by its place on the machine's PCI bus.
_PORT = "enp0s4"
# What QEMU's network has not, or has only where the machine that runs the test has it; and that
# guests are emulated, which depends on that machine as well.
_ACKNOWLEDGED = ("virtualization", "clock", "dns", "gateway", "speed")
UNIT = "flexvdi-manager-deploy.service"
REPORT = "/var/lib/flexvdi/manager-deployment.json"
SECONDS = 4 * 3600.0
"""How long a guest's first start may take that is emulated in an emulated machine."""


def kickstart(password_hash: Secret) -> str:
    """One disk, the port in a bridge, a fixed address, and a Manager; it ends with a reboot."""
    network = (
        f"network --device=br0 --bridgeslaves={_PORT} --bridgeopts=stp=no --bootproto=static"
        f" --ip={HOST} --netmask=255.255.255.0 --gateway=10.0.2.2 --nameserver=10.0.2.3"
        f" --hostname={HOST_NAME} --activate"
    )
    rendered = render("one-disk", disk="vda", hostname=HOST_NAME, finish="reboot")
    lines = [network if line.startswith("network ") else line for line in rendered.splitlines()]
    lines += ["%addon com_flexvdi", "manager:", f"  address: {MANAGER}/24"]
    lines += [f"  password_hash: {password_hash.reveal()}"]
    lines += [f"  acknowledge: [{', '.join(_ACKNOWLEDGED)}]", "%end", ""]
    return "\n".join(lines)


def machine(folder: Path, medium: Path) -> tuple[Machine, HostShell, int]:
    """An empty machine with the medium in it; its shell to be, and the port to its Manager."""
    ssh, https = free_port(), free_port()
    made = Machine(
        "one-go",
        memory=6144,
        disks=(create_disk(folder / "disk.qcow2", DISK_GIB, serial="one-go"),),
        cdrom=medium,
        ports={ssh: 22, https: f"{MANAGER}:443"},
    )
    return made, HostShell(ssh), https


class NotDeployed(AssertionError):
    """The host gave up, or did not come to an end; the message holds what it said."""


def follow_deployment(shell: HostShell, seen: Callable[[str], None]) -> None:
    """Wait until the host says that its Manager is deployed; ``seen`` is told what is new."""
    deadline = time.monotonic() + SECONDS
    last = ""
    while (report := deployment(shell)).get("state") != "done":
        words = report.get("cause") or shell.run(f"journalctl -u {UNIT} -o cat -n 1", PATIENCE)
        if words != last:
            seen(words)
            last = words
        if time.monotonic() > deadline:
            raise NotDeployed(f"{words}\n{journal(shell, UNIT)}")
        # It waits there, not here: while it does, a report that comes is seen at once.
        shell.run(f"timeout 60 sh -c 'until grep -qs done {REPORT}; do sleep 2; done'; true", 600)


def deployment(shell: HostShell) -> dict[str, str]:
    """What the host's own report says; empty before there is one."""
    found: dict[str, str] = json.loads(shell.run(f"cat {REPORT} 2>/dev/null || echo {{}}"))
    return found


def journal(shell: HostShell, unit: str) -> str:
    """The end of a unit's journal."""
    return shell.run(f"journalctl --no-pager -u {unit} -n 60", PATIENCE)


@contextmanager
def signed_in(port: int, authority: str, name: str, password: Secret) -> Iterator[httpx.Client]:
    """A client of the Manager that ``port`` leads to, which its own CA vouches for.

    Signing in is tried again: QEMU's emulation of SVM resets a guest now and then, without a word
    from the guest, and a platform has to outlive that.
    """
    context = ssl.create_default_context(cadata=authority)
    context.check_hostname = False  # it is asked by a port of this machine
    with httpx.Client(
        base_url=f"https://127.0.0.1:{port}", verify=context, timeout=PATIENCE, trust_env=False
    ) as client:
        said = {"name": name, "password": password.reveal()}
        wait_for(lambda: _signs_in(client, said), PATIENCE, "the Manager lets its administrator in")
        yield client


def _signs_in(client: httpx.Client, said: dict[str, str]) -> bool:
    try:
        client.post("/api/v1/session", json=said, timeout=60).raise_for_status()
    except httpx.TransportError:
        return False
    return True


def details_of(client: httpx.Client) -> dict[str, Any]:
    """All that the Manager knows of the one host that it has."""
    (host,) = _get(client, "")["items"]
    return _get(client, f"/{host['id']}")


def _get(client: httpx.Client, path: str) -> dict[str, Any]:
    answered = client.get(f"/api/v1/hosts{path}")
    answered.raise_for_status()
    found: dict[str, Any] = answered.json()
    return found
