"""A Manager as one file: written out whole, checked when it comes back.

The file is a tar: ``export.json`` first (format, version, a SHA-256 for each file), then the
descriptor and the disks. It can be looked into and taken apart with nothing but tar.
"""

from __future__ import annotations

import json
import time
from typing import Any

from foundation.failure import Failure
from host.deployment.descriptor import DESCRIPTOR_NAME, Kept, in_folder, keep, read_descriptor
from host.deployment.placing import Accelerator, define, facts_of, refuse_other
from host.deployment.running import require_off
from host.deployment.steps import undo_files
from host.deployment.work import StepMaker, Undertaking, Work
from host.jobs import JobRecord, JobStep
from host.machine import Machine

CONTENTS_NAME = "export.json"
_FORMAT = 1


def export(work: Work, target: str) -> str:
    """Write the Manager of this host, which must be off, to ``target``; returns the file's path."""
    kept = require_off(work.machine)
    images, descriptor = work.machine.manager.images, kept.descriptor
    if images.entries(target) or not target.endswith(".tar"):
        stamp = time.strftime("%Y%m%d-%H%M%S")
        target = f"{target.rstrip('/')}/{descriptor.name}-{stamp}.tar"
    facts = {
        "contents": kept.path(CONTENTS_NAME),
        "target": target,
        "there": images.info(target) is not None,
    }
    title = f"Export the Manager to {target}"
    undertaking = Undertaking("export", title, "manager export", facts)
    work.run(undertaking, export_steps(facts, work))
    return target


def export_steps(facts: dict[str, Any], work: Work) -> tuple[JobStep, ...]:
    """Going on begins anew, for the disks may have changed meanwhile."""
    images, target, contents_file = work.machine.manager.images, facts["target"], facts["contents"]

    def check_sums() -> None:
        kept = require_off(work.machine)
        sums = {
            name: images.digest(kept.path(name), work.report, work.cancel) for name in _disks(kept)
        }
        contents = {"format": _FORMAT, "version": kept.descriptor.version, "sha256": sums}
        images.write(contents_file, json.dumps(contents, indent=1).encode())

    def pack() -> None:
        kept = require_off(work.machine)
        files = (CONTENTS_NAME, DESCRIPTOR_NAME, *_disks(kept))
        inside = {name: kept.path(name) for name in files}
        images.pack(target, inside, work.report, work.cancel)
        images.remove(contents_file)

    step = StepMaker("export", work.machine, lambda: facts, undo_export)

    return (
        step("sums", "Take the checksums", check_sums),
        step("pack", f"Write {target}", pack),
    )


def _disks(kept: Kept) -> tuple[str, ...]:
    return kept.descriptor.system, kept.descriptor.data, kept.descriptor.seed


def undo_export(_name: str, found: dict[str, Any], machine: Machine) -> None:
    """Take back a step of an export."""
    images = machine.manager.images
    images.remove(found["contents"])
    if not found["there"]:
        folder, _slash, name = found["target"].rpartition("/")
        images.remove(found["target"])
        images.remove(f"{folder}/.{name}.part")


def import_from(work: Work, source: str, folder: str, accelerator: Accelerator) -> JobRecord:
    """Bring an export back into a folder of its own below ``folder``; it is not started."""
    machine, images = work.machine, work.machine.manager.images
    contents = _contents(images.packed(source, CONTENTS_NAME), source)
    descriptor = read_descriptor(images.packed(source, DESCRIPTOR_NAME), source)
    # It ran where it was exported, and was off then; here it begins anew.
    descriptor = descriptor.changed(running_on="", epoch=descriptor.epoch + 1)
    kept = Kept(folder=f"{folder.rstrip('/')}/{descriptor.name}", descriptor=descriptor)
    refuse_other(machine, kept)
    if images.entries(kept.folder):
        raise Failure(
            f"{kept.folder} already holds files.", "Choose another folder, or adopt what is there."
        )
    facts = {
        "source": source,
        "kept": kept.model_dump(mode="json"),
        "sha256": contents["sha256"],
        "accelerator": accelerator,
    }
    title = f"Import a Manager from {source}"
    undertaking = Undertaking("import", title, "manager import", facts)
    return work.run(undertaking, import_steps(facts, work))


def import_steps(facts: dict[str, Any], work: Work) -> tuple[JobStep, ...]:
    """What is done follows from ``facts`` alone, and from what is there."""
    machine, images = work.machine, work.machine.manager.images
    source, sums = facts["source"], facts["sha256"]
    kept = Kept(**facts["kept"])

    def is_ours() -> bool:
        there = in_folder(machine, kept.folder)
        return there is not None and there.descriptor.id == kept.descriptor.id

    def allocate() -> None:
        images.make_folder(kept.folder)
        images.write(kept.path(DESCRIPTOR_NAME), kept.descriptor.text().encode(), 0o644)

    def check_sums() -> None:
        for name, wanted in sums.items():
            if images.digest(kept.path(name), work.report, work.cancel) != wanted:
                raise Failure(
                    f"{source} is damaged: {name} is not as it was exported.",
                    "Copy the export once more.",
                )

    step = StepMaker("import", machine, lambda: facts_of(kept, machine), undo_files)

    return (
        step("allocate", "Make its folder", allocate, is_done=is_ours),
        step(
            "unpack",
            "Unpack its disks",
            lambda: images.unpack(source, kept.folder, tuple(sums), work.report, work.cancel),
            is_done=lambda: all(images.info(kept.path(name)) is not None for name in sums),
        ),
        step("check", "Check them", check_sums),
        step("define", "Define its guest", lambda: define(machine, kept, facts["accelerator"])),
        step("record", "Keep its descriptor", lambda: keep(machine, kept)),
    )


def _contents(data: bytes, source: str) -> dict[str, Any]:
    try:
        contents: dict[str, Any] = json.loads(data)
        if contents["format"] != _FORMAT:
            raise Failure(
                f"{source} is of a format that this host does not know.", "Upgrade the host first."
            )
        names = contents["sha256"]
        if any("/" in name or name.startswith(".") for name in names):
            raise ValueError("a name leads elsewhere")
    except (ValueError, KeyError, TypeError) as error:
        raise Failure(
            f"{source} is no export of a Manager, or damaged.", "Choose another file."
        ) from error
    return contents
