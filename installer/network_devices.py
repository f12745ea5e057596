"""Finding the network ports that a plan names by link, boot port or MAC address. Pure."""

from __future__ import annotations

import re

from foundation.failure import Failure
from foundation.kernel_command_line import KernelCommandLine
from installer.machine.model import Machine, NetworkPort
from kickstart.devices import with_devices
from kickstart.install_plan import InstallPlan, NetworkDevice


def find_network_devices(
    plan: InstallPlan, machine: Machine, command_line: KernelCommandLine
) -> InstallPlan:
    """``plan`` with the names that its network devices have on ``machine``.

    ``command_line`` tells the port that the machine booted from (``BOOTIF=01-52-54-…``, as
    PXELINUX and iPXE write it). Raises Failure with the kickstart's line for a port that is not
    there.
    """
    ports = {device.name: _port(device, machine, command_line) for device in plan.network_devices}
    _refuse_twice(plan, {name: port.name for name, port in ports.items()})
    return with_devices(
        plan,
        {name: port.name for name, port in ports.items()},
        {port.name: port.mac for port in ports.values()},
    )


def _refuse_twice(plan: InstallPlan, names: dict[str, str]) -> None:
    described = [names.get(one.name, one.name) for one in plan.document.network.interfaces]
    for device in reversed(plan.network_devices):
        name = names[device.name]
        if described.count(name) > 1:
            raise Failure(
                f"Two network lines mean the same port: {name}.",
                "Name each port once.",
                where=device.where,
            )


def _port(device: NetworkDevice, machine: Machine, command_line: KernelCommandLine) -> NetworkPort:
    ports = machine.network_ports
    match device.by:
        case "name":
            found = [port for port in ports if port.name == device.name]
            wanted = f"named {device.name}"
        case "mac":
            found = [port for port in ports if port.mac.lower() == (device.mac or "").lower()]
            wanted = f"with the MAC address {device.mac}"
        case "bootif":
            mac = _boot_port(command_line)
            if not mac:
                raise Failure(
                    "The kernel line does not say which port the machine booted from.",
                    "Boot with BOOTIF=01-<MAC address>, or name the port.",
                    where=device.where,
                )
            found = [port for port in ports if port.mac.lower() == mac]
            wanted = f"with the MAC address {mac}, from which the machine booted,"
        case "link":
            # With no cable in any port the first one is as good as another.
            found = [port for port in ports if port.link] or list(ports)
            wanted = "at all"
    if not found:
        there = ", ".join(f"{port.name} ({port.mac})" for port in ports) or "none"
        raise Failure(
            f"This machine has no network port {wanted}.",
            f"It has: {there}. Correct the network line.",
            where=device.where,
        )
    return found[0]


def _boot_port(command_line: KernelCommandLine) -> str:
    given = command_line.last("BOOTIF") or ""
    if re.fullmatch(r"[0-9A-Fa-f]{2}([-:][0-9A-Fa-f]{2}){6}", given):
        given = given[3:]  # the first pair is the kind of hardware
    return given.replace("-", ":").lower()
