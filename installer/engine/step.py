"""What a step of the installation is, and what it is given to work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from foundation.image_release import ImageRelease
from foundation.kernel_command_line import KernelCommandLine
from foundation.manifest import Manifest
from installer.machine.model import Machine
from installer.storage.layout import Layout
from kickstart.install_plan import InstallPlan

ProgressReport = Callable[[int, int], None]
"""Called with (bytes done, bytes in all)."""


@dataclass(frozen=True)
class InstallContext:
    """All that steps need to know; nothing in it changes while they run.

    ``medium`` is the folder that holds the manifest and the image; ``target`` where the new
    system gets mounted; ``medium_address`` is the URL of the medium's other files after a network
    boot; ``cancel`` is set when a person wants to stop. Steps report bytes through
    ``progress`` and tell what they do, in a line each, through ``say``.
    """

    plan: InstallPlan
    machine: Machine
    layout: Layout
    medium: Path
    manifest: Manifest
    release: ImageRelease
    kernel_command_line: KernelCommandLine
    target: Path = Path("/mnt/sysroot")
    medium_address: str = ""
    cancel: Event = field(default_factory=Event)
    progress: ProgressReport = lambda done, total: None
    say: Callable[[str], None] = lambda line: None


@dataclass(frozen=True)
class Step:
    """One named stage of the installation.

    ``run`` is idempotent: run again after a crash or a retry, it ends in the same state.
    ``destructive`` marks the steps from which on the old system may be gone. ``weight`` is the
    step's share of the whole time, for the overall progress.
    """

    name: str
    title: str
    run: Callable[[InstallContext], None]
    destructive: bool = False
    weight: int = 1
