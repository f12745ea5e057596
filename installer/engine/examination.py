"""A plan against a machine: everything that is wrong with it, or what it comes to. Pure."""

from __future__ import annotations

from foundation.failure import Failure
from foundation.manifest import Manifest
from installer.checks import check_plan
from installer.engine.machinery import Examination
from installer.machine.model import Machine
from installer.storage.planning import plan_layout
from installer.storage.preview import preview
from kickstart.install_plan import InstallPlan


def examine(plan: InstallPlan, machine: Machine, manifest: Manifest) -> Examination:
    """Check ``plan`` against ``machine`` and the image that ``manifest`` describes."""
    failures = tuple(check_plan(plan, machine, manifest))
    if failures:
        return Examination(failures)
    try:
        layout = plan_layout(plan, machine, manifest.needed_size)
    except Failure as failure:
        return Examination((failure,))
    return Examination((), layout, preview(layout))
