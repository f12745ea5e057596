"""What the form of a deployment starts from: what this host has, and what the image asks for."""

from __future__ import annotations

from ipaddress import ip_interface

from foundation.failure import Failure
from host.api.manager import Suggestions
from host.deployment.appliance import find_appliance
from host.in_force import document_in_force
from host.machine import Machine

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
    addresses = [
        ip_interface(address.address)
        for link in links
        if bridges and link.name == bridges[0]
        for address in link.addresses
    ]
    subnets = [str(one.network) for one in addresses if one.version == 4]
    routes = machine.links.default_routes()
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
        gateway=next((route.gateway for route in routes), ""),
        dns=machine.links.name_servers(),
        subnet=next(iter(subnets), ""),
        image=image,
        version=version,
        vcpus=vcpus,
        memory=memory,
        data_disk=data_disk,
        problem=problem,
    )


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
