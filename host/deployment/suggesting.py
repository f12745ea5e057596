"""What the form of a deployment starts from: what this host has, and what the image asks for."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address, ip_interface

from foundation.failure import Failure
from host.api.manager import Suggestions
from host.deployment.appliance import find_appliance
from host.in_force import document_in_force
from host.machine import Machine
from host.machine.links import Link

# A filesystem of its own in the layouts of our installer and templates, with most of the room.
IMAGES_FOLDER = "/var/lib/flexvdi/images"
DEFAULT_FOLDER = "/var/lib/libvirt/images"


def suggest(machine: Machine) -> Suggestions:
    """Look once; what cannot be had is left empty."""
    links = machine.links.links()
    bridges = tuple(link.name for link in links if link.kind == "bridge" and not link.is_guests)
    management = document_in_force(machine.files).network.management
    if management in bridges:
        bridges = (management, *(name for name in bridges if name != management))
    best = next(iter(bridges), "")
    problem = image = version = ""
    vcpus = memory = data_disk = 0
    try:
        found = find_appliance(machine)
        image, version = found.manifest, found.version
        vcpus, memory, data_disk = found.vcpus, found.memory, found.data_disk_gib
    except Failure as failure:
        problem = str(failure)
    return Suggestions(
        bridges=bridges,
        folders=tuple((path, _free(machine, path)) for path in folders(machine)),
        gateways=_gateways(machine, best),
        dns=tuple(filter(_answers_others, machine.links.name_servers())),
        subnets=_subnets(links, best),
        image=image,
        version=version,
        vcpus=vcpus,
        memory=memory,
        data_disk=data_disk,
        problem=problem,
    )


def _gateways(machine: Machine, bridge: str) -> tuple[str, ...]:
    """Link-local ones mean something on their own link alone."""
    return tuple(
        route.gateway
        for route in machine.links.default_routes()
        if route.interface == bridge or not ip_address(route.gateway).is_link_local
    )


def _subnets(links: Iterable[Link], bridge: str) -> tuple[str, ...]:
    addresses = (
        ip_interface(address.address)
        for link in links
        if link.name == bridge
        for address in link.addresses
    )
    global_ones = (one for one in addresses if not one.is_link_local)
    by_family = sorted(global_ones, key=lambda one: one.version)
    return tuple(dict.fromkeys(str(one.network) for one in by_family))


def _answers_others(name_server: str) -> bool:
    """Not one of this host itself or of its own link, and none that a person mistyped."""
    try:
        address = ip_address(name_server)
    except ValueError:
        return False
    return not address.is_link_local and not address.is_loopback


def folders(machine: Machine) -> tuple[str, ...]:
    """Where images of guests belong on this host, the best place first."""
    mounts = document_in_force(machine.files).storage.all_mounts()
    named = [mount.path for mount in mounts if mount.purpose == "image-storage"]
    kept = [there.path for there in machine.storage.mounts.table() if there.path == IMAGES_FOLDER]
    return tuple(dict.fromkeys((*named, *kept, DEFAULT_FOLDER)))


def places_to_look(machine: Machine) -> tuple[str, ...]:
    """Wherever a Manager may lie: on whatever this host mounts, whatever it is for."""
    mounts = document_in_force(machine.files).storage.all_mounts()
    return tuple(dict.fromkeys((*folders(machine), *(mount.path for mount in mounts))))


def _free(machine: Machine, path: str) -> int:
    usage = machine.storage.mounts.usage(path)
    return usage.free if usage is not None else 0
