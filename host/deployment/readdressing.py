"""Another address for a Manager that is there."""

from __future__ import annotations

import json
from typing import Any

from foundation.failure import Failure
from host.deployment.descriptor import Kept, ManagerDescriptor, in_folder, keep
from host.deployment.guest_agent import APPLIANCE_PROGRAM, GuestAgent
from host.deployment.running import (
    force_off,
    is_active,
    patience,
    required,
    start,
    stop,
    wait_until_answering,
)
from host.deployment.seed import seed_medium, seed_texts
from host.deployment.work import StepMaker, Undertaking, Work
from host.document.deployment import make_request
from host.jobs import JobRecord, JobStep
from host.machine import Machine

_TELLING = 300.0  # seconds that the Manager may take for that


def change_address(
    work: Work, address: str, gateway: str | None, dns: tuple[str, ...]
) -> JobRecord:
    """Tell it another address at its next start, and start it anew if it runs."""
    kept = required(work.machine)
    before = kept.descriptor
    checked = make_request(
        address=address, gateway=gateway, dns=dns, bridge=before.bridge, folder="/"
    )
    after = before.changed(
        address=checked.address,
        gateway=checked.gateway,
        dns=checked.dns,
        instance=before.instance + 1,
    )
    if (after.address, after.gateway, after.dns) == (before.address, before.gateway, before.dns):
        raise Failure("The Manager has this address already.", "Nothing is to be done.")
    facts = {
        "folder": kept.folder,
        "descriptor": before.model_dump(mode="json"),
        "after": after.model_dump(mode="json"),
        "host": work.host,
        "runs": is_active(work.machine, before.name),
    }
    title = f"Change the Manager's address from {before.address} to {after.address}"
    return work.run(
        Undertaking("address", title, "manager change-address", facts), address_steps(facts, work)
    )


def address_steps(facts: dict[str, Any], work: Work) -> tuple[JobStep, ...]:
    """What is done follows from ``facts`` alone, and from what is there."""
    machine, folder, host = work.machine, facts["folder"], str(facts["host"])
    after = ManagerDescriptor(**facts["after"])

    def is_told() -> bool:
        now = in_folder(machine, folder)
        return now is not None and now.descriptor.instance == after.instance

    def tell_it() -> None:
        now = required(machine).descriptor
        running = after.changed(running_on=now.running_on, epoch=now.epoch)
        tell(machine, Kept(folder=folder, descriptor=running))

    step = StepMaker("address", machine, lambda: facts, undo_address)

    announcing = step(
        "announce",
        f"Have its hosts told of {after.ip}",
        lambda: announce(work, after.ip, ManagerDescriptor(**facts["descriptor"]).ip),
        is_done=lambda: is_told() or not is_active(machine, after.name),
    )
    stopping = step(
        "stop",
        "Shut the Manager down",
        lambda: stop(machine, host, patience(work.is_emulated())),
        is_done=lambda: is_told() or not is_active(machine, after.name),
    )
    again = (
        step(
            "start",
            "Start it",
            lambda: start(machine, host),
            is_done=lambda: is_active(machine, after.name),
        ),
        step("wait", f"Wait until it answers at {after.ip}", lambda: wait_until_answering(work)),
    )
    return (
        *((announcing, stopping) if facts["runs"] else ()),
        step("seed", f"Tell it {after.address}", tell_it, is_done=is_told),
        *(again if facts["runs"] else ()),
    )


def announce(work: Work, address: str, instead_of: str) -> None:
    """Have the Manager tell its hosts where it will be; what goes wrong with that stops nothing.

    A host that was not told is found again by hand, and an image may be too old to tell any.
    """
    name = required(work.machine).descriptor.name
    agent = GuestAgent(work.machine.manager.domains, name)
    try:
        said = agent.run((APPLIANCE_PROGRAM, "expect-address", address, instead_of), _TELLING)
        untold = json.loads(said)["untold"]
    except (Failure, ValueError, KeyError) as error:
        why = error.cause if isinstance(error, Failure) else "It did not say whom it told."
        work.say(
            f"Hosts could not be told: {why} Afterwards give `flexvdi-config manager set-address` "
            "on each."
        )
        return
    if untold:
        work.say(
            f"Not told, for they are away: {', '.join(untold)}. Afterwards give "
            "`flexvdi-config manager set-address` there."
        )
    else:
        work.say("All of them know it.")


def undo_address(name: str, found: dict[str, Any], machine: Machine) -> None:
    """Take back a step of a change of address."""
    before = ManagerDescriptor(**found["descriptor"])
    match name.partition("/")[2]:
        case "stop":
            if before.running_on:
                start(machine, found["host"])
        case "seed":
            # A host that went down meanwhile may have started it by itself.
            force_off(machine, found["host"])
            tell(machine, Kept(folder=found["folder"], descriptor=before.changed(running_on="")))
        case "start":
            force_off(machine, found["host"])


def tell(machine: Machine, kept: Kept) -> None:
    """Have the seed and the descriptor say the same; the descriptor last, for it says that."""
    medium = seed_medium(seed_texts(kept.descriptor, None))
    machine.manager.images.write(kept.path(kept.descriptor.seed), medium)
    keep(machine, kept)
