"""All ports of a simulated machine, which begins as its document says."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import yaml

from host.backends.real.files import RealFiles
from host.backends.simulated.accounts import SimulatedAccounts
from host.backends.simulated.clock import SimulatedClock
from host.backends.simulated.crash import SimulatedCrashKernel
from host.backends.simulated.enrolment import SimulatedEnrolmentLink
from host.backends.simulated.files import SimulatedFiles
from host.backends.simulated.firewall import SimulatedFirewall
from host.backends.simulated.guests import SimulatedGuests
from host.backends.simulated.hostname import SimulatedHostname
from host.backends.simulated.inspection import SimulatedInspection
from host.backends.simulated.journal import SimulatedJournal
from host.backends.simulated.links import SimulatedLinks
from host.backends.simulated.locales import SimulatedLocales
from host.backends.simulated.log_target import SimulatedLogSender
from host.backends.simulated.manager.ports import simulated_manager_ports
from host.backends.simulated.media import SimulatedRemovableMedia
from host.backends.simulated.network import SimulatedNetwork
from host.backends.simulated.operation import SimulatedGuestWatch, SimulatedHardware
from host.backends.simulated.services import SimulatedServices
from host.backends.simulated.simulation import Simulation
from host.backends.simulated.slots import SimulatedRootSlots
from host.backends.simulated.storage.machine import simulated_storage
from host.document.reading import parse_document
from host.document.system_files import FileContent
from host.in_force import DOCUMENT_FILE
from host.machine import Machine
from host.plan import make_plan


def simulated_machine(simulation: Simulation) -> Machine:
    """The machine in ``simulation``: its document, if it has one, is applied already."""
    files = SimulatedFiles(simulation)
    services, network = SimulatedServices(simulation), SimulatedNetwork(simulation, files)
    machine = Machine(
        places={},
        files=files,
        services=services,
        hostname=SimulatedHostname(simulation, simulation.facts["hostname"]),
        clock=SimulatedClock(simulation),
        network=network,
        storage=simulated_storage(simulation, files),
        accounts=SimulatedAccounts(simulation),
        crash=SimulatedCrashKernel(simulation),
        enrolment=SimulatedEnrolmentLink(simulation),
        firewall=SimulatedFirewall(simulation, files, services),
        guest_watch=SimulatedGuestWatch(simulation),
        guests=SimulatedGuests(simulation),
        hardware=SimulatedHardware(simulation),
        inspection=SimulatedInspection(simulation, files),
        journal=SimulatedJournal(simulation),
        links=SimulatedLinks(simulation),
        locales=SimulatedLocales(),
        log_sender=SimulatedLogSender(simulation),
        manager=simulated_manager_ports(simulation, files),
        media=SimulatedRemovableMedia(simulation),
        slots=SimulatedRootSlots(simulation),
    )
    if "root" in simulation.facts:
        # Files that are really there: what two processes know of one simulated machine.
        machine = dataclasses.replace(machine, files=RealFiles(Path(simulation.facts["root"])))
    if "document" in simulation.facts:
        faults, simulation.faults = simulation.faults, {}
        _begin_as_documented(machine, simulation)
        simulation.faults = faults
        simulation.changes_made.clear()
    return machine


def _begin_as_documented(machine: Machine, simulation: Simulation) -> None:
    text = yaml.safe_dump(simulation.facts["document"], sort_keys=False)
    document = parse_document(text, "the simulated machine")
    machine.files.put(DOCUMENT_FILE, FileContent(text, 0o600))
    for step in make_plan(document, machine, document).steps:
        step.do()
