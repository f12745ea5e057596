"""``flexvdi-install check``: a kickstart against a machine; all refusals, and nothing written."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from threading import Event

from foundation.command_line import EXIT_FAILED, EXIT_OK
from foundation.failure import Failure
from foundation.kernel_command_line import KernelCommandLine
from foundation.manifest import MANIFEST_NAME, Manifest, read_manifest
from installer.engine.examination import examine
from installer.engine.machinery import Examination
from installer.engine.medium import DIRECTORY, find_medium
from installer.engine.simulation import read_machine, simulated_manifest
from installer.machine.probe import probe_machine
from installer.network_devices import find_network_devices
from kickstart.reading import KickstartRefused, read_kickstart


def check(kickstart: Path, machine_path: Path | None, medium: Path | None, *, as_json: bool) -> int:
    """Print what the kickstart would do, or everything that is wrong; 0 or 1.

    ``machine_path`` is a machine in JSON instead of this one, ``medium`` the folder of a medium
    (or of a network-boot set). Raises Failure when machine or medium cannot be read.
    """
    machine = read_machine(machine_path) if machine_path else probe_machine()
    manifest = _manifest(medium, simulated=machine_path is not None)
    try:
        plan = read_kickstart(kickstart)
        if machine_path is None:  # another machine's boot port is not known here
            plan = find_network_devices(plan, machine, KernelCommandLine.of_this_machine())
    except Failure as error:
        refused = error.failures if isinstance(error, KickstartRefused) else (error,)
        examination = Examination(refused)
        notes: tuple[str, ...] = ()
    else:
        examination = examine(plan, machine, manifest)
        notes = tuple(f"{note.where}: {note.text}" for note in plan.notes)
    if as_json:
        print(
            json.dumps(
                {
                    "failures": [failure.as_dict() for failure in examination.failures],
                    "notes": notes,
                    "preview": examination.preview,
                },
                indent=2,
            )
        )
    else:
        for note in notes:
            print(f"Note: {note}")
        for failure in examination.failures:
            print(failure, file=sys.stderr)
        if not examination.failures:
            print(examination.preview)
    return EXIT_FAILED if examination.failures else EXIT_OK


def _manifest(medium: Path | None, *, simulated: bool) -> Manifest:
    if medium is not None:
        inside = medium / DIRECTORY / MANIFEST_NAME
        return read_manifest(inside if inside.is_file() else medium / MANIFEST_NAME)
    try:
        return find_medium(
            KernelCommandLine.of_this_machine(), say=lambda line: None, cancel=Event()
        ).manifest
    except Failure:
        if not simulated:
            raise
        return simulated_manifest()
