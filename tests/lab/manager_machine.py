"""A Manager on a machine of its own, on a switch: set up by its seed, switched off and on again."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from foundation.appliance_seed import ApplianceSeed, SeedAdministrator
from foundation.secret import Secret
from manager.access.passwords import hash_password
from tests.lab.appliance import appliance, make_seed, started
from tests.lab.appliance import wait_for as wait_for_step
from tests.lab.host_shell import HostShell, key_pair
from tests.lab.host_verbs import PATIENCE
from tests.lab.managerctl import ManagerCtl
from tests.lab.platform import wait_for
from tests.lab.sockets import free_port

ADMINISTRATOR = "admin"
_NETWORK = """\
version: 2
ethernets:
  outside: {{match: {{macaddress: "52:54:00:00:00:01"}}, dhcp4: true}}
  platform: {{match: {{macaddress: "{mac}"}}, addresses: ["{address}"]}}
"""


class ManagerMachine:
    """The machine. ``ctl`` are its administrator's verbs, ``shell`` is root's on it."""

    def __init__(
        self, folder: Path, cable: tuple[str, ...], mac: str, address: str, password: Secret
    ) -> None:
        """It is off. ``cable`` and ``mac`` are of its port on the switch, with ``address``.

        The address has its prefix length, as in 10.77.0.10/24.
        """
        self.address, self.password = address.partition("/")[0], password
        self._folder, self._starts, self._power = folder, 0, ExitStack()
        seed = ApplianceSeed(
            administrator=SeedAdministrator(
                name=ADMINISTRATOR, password_hash=Secret(hash_password(password))
            ),
            names=(self.address,),
            ssh_keys=(key_pair()[1],),
        )
        medium = make_seed(
            folder / "seed.iso", "lab", seed, _NETWORK.format(mac=mac, address=address)
        )
        self._port, ssh = free_port(), free_port()
        made = appliance(folder, self._port, seed=medium)
        machine = replace(
            made.machine,
            ports={self._port: 443, ssh: 22},
            extra=(*made.machine.extra, *cable),
        )
        self._appliance = replace(made, machine=machine)
        self.ctl, self.shell = ManagerCtl(folder / "managerctl"), HostShell(ssh)
        self.fingerprint = ""

    def switch_on(self) -> None:
        """Until its API answers; its administrator is signed in then."""
        self._starts += 1
        records = self._folder / f"start-{self._starts}"
        self.machine = self._power.enter_context(started(self._appliance, records))
        ready = wait_for_step(self.machine, "manager", "ready")
        assert self.fingerprint in ("", ready.fingerprint)
        if not self.fingerprint:
            self.fingerprint = ready.fingerprint
            self.ctl.sign_in(self._port, ready.fingerprint, ADMINISTRATOR, self.password)

    def cut_power(self) -> None:
        """Pull the plug."""
        self._power.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cut_power()

    def join_string(self, note: str) -> Secret:
        """A new one, for one host; it lives as long as an installation may take."""
        verb = ("join-token", "create", "--note", note, "--minutes", "240")
        return Secret(self.ctl.ask(*verb, "--address", self.address)["join_string"])

    def host(self, name: str) -> dict[str, Any]:
        """All that the Manager knows of a host."""
        found: dict[str, Any] = self.ctl.ask("host", "show", self.ctl.hosts()[name]["id"])
        return found

    def wait_for_state(self, name: str, state: str, seconds: float = PATIENCE) -> None:
        """Until the Manager says so of a host."""
        wait_for(
            lambda: self.ctl.hosts().get(name, {}).get("state") == state,
            seconds,
            f"{name} is {state}: {self.ctl.hosts().get(name)}",
        )
