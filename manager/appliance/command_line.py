"""``flexvdi-manager-appliance``: what the appliance's units run; nobody needs to type it."""

from __future__ import annotations

import logging
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from foundation.appliance_seed import ApplianceProgress
from foundation.command_line import OneLineParser, run_command
from foundation.failure import Failure
from foundation.image_release import ImageRelease, read_release
from foundation.process import run
from manager.appliance import data_disk, database, identity, manager_start
from manager.appliance.block_devices import devices
from manager.appliance.data_record import check_record, read_record
from manager.appliance.places import Places
from manager.appliance.seed import Instance, files_on, kept_instance, seed_device, take
from manager.appliance.telling import Teller
from manager.appliance.upkeep import MANAGER_UNIT, back_up, expect_address, restore


def main() -> int:
    """Entry point of the command."""
    return run_command(_main, sys.argv[1:])


def parser() -> OneLineParser:
    """The command's arguments."""
    top = OneLineParser(
        prog="flexvdi-manager-appliance", description="Steps of the appliance's start."
    )
    verbs = top.add_subparsers(dest="verb", required=True, metavar="STEP")
    verbs.add_parser("prepare", help="data disk, seed, identity and network")
    verbs.add_parser("database", help="make and configure the database's cluster")
    verbs.add_parser("before-manager", help="make the database, keep a copy before an upgrade")
    verbs.add_parser("after-manager", help="wait until the Manager answers, and say so")
    verbs.add_parser("manager-ended", help="say why the Manager ended")
    for name, what in (
        ("backup", "write the Manager's state into a file below its state folder"),
        ("restore", "put such a file into the place of the state, and start the Manager again"),
    ):
        verbs.add_parser(name, help=what).add_argument("file", type=Path)
    coming = verbs.add_parser("expect-address", help="tell hosts where the Manager will be")
    coming.add_argument("address")
    coming.add_argument("instead_of")
    return top


def _main(arguments: Sequence[str]) -> int:
    given: Namespace = parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    places, release = Places(), read_release()
    if given.verb in _UPKEEP:
        _UPKEEP[given.verb](places, given.file)
    elif given.verb == "expect-address":
        print(expect_address(places, given.address, given.instead_of))
    else:
        _STEPS[given.verb](places, release, Teller(places, release.version))
    return 0


def _prepare(places: Places, release: ImageRelease, teller: Teller) -> None:
    """Everything that must be before network, database and Manager can start."""
    with teller.step("data-disk", "Looking for the data disk"):
        disk = data_disk.wait_for_data_disk()
        if disk.fresh:
            teller.tell(ApplianceProgress(step="data-disk", state="running", words="Formatting it"))
            data_disk.format_disk(disk)
        data_disk.check(disk)
        data_disk.mount(disk, places)
        try:
            record = read_record(places.record)
            check_record(record, release.version)
        except Failure:
            data_disk.unmount(places)
            raise
        data_disk.grow(disk)
        data_disk.lay_out(places)
        data_disk.keep_logs()
    with teller.step("seed", "Reading the seed"):
        device = seed_device(devices())
        texts = files_on(device, places) if device else None
        taken = take(
            texts,
            places,
            data_used=record is not None,
            check=lambda instance: identity.check_instance(instance, places),
        )
    with teller.step("identity", "Setting name, network, time and keys"):
        identity.apply(taken.instance, places, release.places)
        identity.offer_ssh(taken.instance, places, release.services["ssh"])
        places.environment.write_text(manager_start.environment(taken.instance))


def _database(places: Places, release: ImageRelease, teller: Teller) -> None:
    with teller.step("database", "Starting the database"):
        database.make_cluster(places, database.programs(places, release.places))
        database.configure(places, database.memory_of_this_machine())


def _before_manager(places: Places, release: ImageRelease, teller: Teller) -> None:
    programs = database.programs(places, release.places)
    with teller.step("version", "Comparing the data with this version"):
        database.make_database(programs)
        manager_start.keep_before_upgrade(places, release, programs)
        manager_start.hand_over_secrets(places)
    teller.tell(ApplianceProgress(step="manager", state="running", words="Starting the Manager"))


def _after_manager(places: Places, release: ImageRelease, teller: Teller) -> None:
    with teller.step("manager", "Waiting for the Manager's first answer"):
        fingerprint = manager_start.wait_until_ready(manager_start.ask_here)
        manager_start.record_success(places, release)
    instance = kept_instance(places) or Instance()
    words = f"The Manager answers as {instance.host_name}."
    teller.tell(
        ApplianceProgress(step="manager", state="ready", words=words, fingerprint=fingerprint),
        manager_start.addresses_of_this_machine(),
    )


def _manager_ended(_places: Places, _release: ImageRelease, teller: Teller) -> None:
    """Run when it stops (systemd.exec(5), SERVICE_RESULT); only a failure has to be told."""
    if os.environ.get("SERVICE_RESULT", "success") == "success":
        return
    said = run(["journalctl", "--unit", MANAGER_UNIT, "--lines", "20", "--output", "cat"]).stdout
    cause, remedy = manager_start.why_it_ended(said, os.environ["SERVICE_RESULT"])
    teller.tell(ApplianceProgress(step="manager", state="failed", words=cause, remedy=remedy))


_STEPS: dict[str, Callable[[Places, ImageRelease, Teller], None]] = {
    "prepare": _prepare,
    "database": _database,
    "before-manager": _before_manager,
    "after-manager": _after_manager,
    "manager-ended": _manager_ended,
}
_UPKEEP: dict[str, Callable[[Places, Path], None]] = {"backup": back_up, "restore": restore}


if __name__ == "__main__":
    sys.exit(main())
