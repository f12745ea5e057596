"""The order of an installation, in one place.

``installer.storage`` compares the image with its manifest before anything is written, prepares the
disks and mounts them; ``%pre-install`` sees the new, empty filesystems; the system is
copied, configured and made bootable (``installer.target``); ``%post`` sees it finished; report,
kickstart and log are left on it; last its disks are marked as installed, and it is unmounted.
"""

from __future__ import annotations

from functools import partial

from installer.engine.closing import leave_records
from installer.engine.machinery import Record
from installer.engine.plan_secrets import secrets_in
from installer.engine.step import InstallContext, Step
from installer.engine.traces import Traces
from installer.scripts import run_scripts
from installer.storage.steps import STORAGE_STEPS
from installer.target.steps import TARGET_STEPS

CLOSING = ("mark", "unmount")
"""The steps of ``installer.target`` that come after all that makes the new system what it is."""


def install_steps(record: Record, traces: Traces) -> tuple[Step, ...]:
    """All steps, in order. ``traces`` says where the engine keeps its log and journal."""
    before = tuple(step for step in TARGET_STEPS if step.name not in CLOSING)
    last = tuple(step for step in TARGET_STEPS if step.name in CLOSING)
    return (
        *STORAGE_STEPS,
        Step(
            "pre-install-scripts",
            "Running the %pre-install scripts",
            partial(_run_stage, "pre-install", traces),
            destructive=True,
        ),
        *before,
        Step(
            "post-scripts",
            "Running the %post scripts",
            partial(_run_stage, "post", traces),
            destructive=True,
            weight=2,
        ),
        Step(
            "records",
            "Leaving report, kickstart and log on the host",
            partial(leave_records, record, traces),
            destructive=True,
        ),
        *last,
    )


def _run_stage(stage: str, traces: Traces, context: InstallContext) -> None:
    run_scripts(
        context.plan.scripts,
        stage,
        target=context.target,
        log_folder=traces.folder,
        say=context.say,
        cancel=context.cancel,
        secrets=secrets_in(context.plan),
    )
