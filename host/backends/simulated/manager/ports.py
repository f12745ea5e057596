"""What the Manager's guest needs of a simulated machine (host.machine.manager)."""

from __future__ import annotations

from typing import Any

from host.backends.simulated.files import SimulatedFiles
from host.backends.simulated.manager.domains import SimulatedDomains
from host.backends.simulated.manager.images import SimulatedImage, SimulatedImages
from host.backends.simulated.manager.link import (
    SimulatedCapacity,
    SimulatedManagerLink,
    SimulatedNameService,
)
from host.backends.simulated.manager.remote import SimulatedRemoteHost
from host.backends.simulated.simulation import Simulation
from host.deployment.descriptor import DESCRIPTOR_NAME, POINTER_FILE, Kept, ManagerDescriptor
from host.deployment.domain_xml import Hypervisor, domain_xml
from host.document.system_files import FileContent
from host.machine.manager import ManagerPorts
from host.machine.manager.domains import Domain


def simulated_manager_ports(simulation: Simulation, files: SimulatedFiles) -> ManagerPorts:
    """All of them; with a Manager, where the machine's JSON has one.

    ``manager`` there are its ``folder``, its ``descriptor`` and its ``state``, with the names of
    its ``backups``.
    """
    domains, images = SimulatedDomains(simulation), SimulatedImages(simulation)
    ports = ManagerPorts(
        domains=domains,
        images=images,
        capacity=SimulatedCapacity(simulation),
        names=SimulatedNameService(simulation),
        link=SimulatedManagerLink(simulation, domains),
        remote=SimulatedRemoteHost(simulation, images),
    )
    if "manager" in simulation.facts:
        _place(simulation.facts["manager"], ports, domains, files)
    return ports


def _place(
    told: dict[str, Any], ports: ManagerPorts, domains: SimulatedDomains, files: SimulatedFiles
) -> None:
    kept = Kept(folder=told["folder"], descriptor=ManagerDescriptor(**told["descriptor"]))
    descriptor = kept.descriptor
    images = ports.images
    assert isinstance(images, SimulatedImages)
    images.content[kept.path(DESCRIPTOR_NAME)] = descriptor.text().encode()
    for name in (descriptor.system, descriptor.data):
        images.content[kept.path(name)] = SimulatedImage(1 << 30, 8 << 30, name)
    for name in (descriptor.seed, *(f"backups/{each}" for each in told.get("backups", ()))):
        images.content[kept.path(name)] = name.encode()
    files.content[POINTER_FILE] = FileContent(kept.model_dump_json(), 0o600)
    xml = domain_xml(kept, Hypervisor("kvm"))
    domains.place(Domain(descriptor.name, told["state"], "", descriptor.autostart, xml))
