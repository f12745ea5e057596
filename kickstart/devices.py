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
    renamed = dict(names)
    for interface in plan.document.network.interfaces:
        # A VLAN without a name of its own is called after what is below it.
        if isinstance(interface, VLAN) and interface.name == f"{interface.parent}.{interface.id}":
            parent = renamed.get(interface.parent, interface.parent)
            renamed[interface.name] = f"{parent}.{interface.id}"
    pinned = {}
    for device in plan.network_devices:
        if device.pin:
            name = renamed.get(device.name, device.name)
            pinned[name] = macs[name]
    old = plan.document.network
    network = Network(
        interfaces=tuple(_renamed(one, renamed, pinned) for one in old.interfaces),
        management=renamed.get(old.management, old.management) if old.management else None,
    )
    return plan.model_copy(
        update={
            "document": plan.document.model_copy(update={"network": network}),
            "network_active": tuple(renamed.get(name, name) for name in plan.network_active),
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
            return interface.model_copy(update={"name": name, "parent": parent})
