"""Giving the plan's network devices the names that they have on the machine."""

from __future__ import annotations

from collections.abc import Mapping

from host.document.network import VLAN, Bond, Bridge, Ethernet, Interface, Network
from kickstart.install_plan import InstallPlan


def with_devices(
    plan: InstallPlan, names: Mapping[str, str], macs: Mapping[str, str]
) -> InstallPlan:
    """``plan`` with every device of ``plan.network_devices`` called by its real name.

    ``names`` maps a device's name in the plan to the kernel's; ``macs`` maps kernel names to
    permanent MAC addresses, for those devices that are to be pinned. Raises KeyError for a device
    that is in neither, and ValueError when two devices turn out to be one.
    """
    pinned = {
        names.get(device.name, device.name): macs[names.get(device.name, device.name)]
        for device in plan.network_devices
        if device.pin
    }
    network = plan.document.network
    interfaces = tuple(_renamed(one, names, pinned) for one in network.interfaces)
    renamed = Network(
        interfaces=interfaces,
        management=names.get(network.management or "", network.management),
    )
    active = tuple(names.get(name, name) for name in plan.network_active)
    return plan.model_copy(
        update={
            "document": plan.document.model_copy(update={"network": renamed}),
            "network_active": active,
            "network_devices": (),
        }
    )


def _renamed(
    interface: Interface, names: Mapping[str, str], pinned: Mapping[str, str]
) -> Interface:
    name = names.get(interface.name, interface.name)
    match interface:
        case Ethernet():
            return interface.model_copy(
                update={"name": name, "mac": pinned.get(name, interface.mac)}
            )
        case Bond() | Bridge():
            ports = tuple(names.get(port, port) for port in interface.ports)
            return interface.model_copy(update={"name": name, "ports": ports})
        case VLAN():
            parent = names.get(interface.parent, interface.parent)
            own = name
            if name == f"{interface.parent}.{interface.id}":  # the name was made of the parent's
                own = f"{parent}.{interface.id}"
            return interface.model_copy(update={"name": own, "parent": parent})
