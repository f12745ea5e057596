"""A dry run: the same engine on a machine described in JSON, with steps that only pretend.

Nothing is written outside the engine's own folder, no script is run, nothing is switched off. It
serves people who want to see the screens or what a kickstart would do, and the tests.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from pydantic import ValidationError

from foundation.failure import Cancelled, Failure
from foundation.image_release import BootFiles, ImageRelease
from foundation.kernel_command_line import KernelCommandLine
from foundation.manifest import Artefact, Manifest
from installer.answers.fetch import Fetcher
from installer.answers.find import headers_asked_for
from installer.engine.examination import examine
from installer.engine.machinery import Examination, PowerAction, Record, Say
from installer.engine.sequence import install_steps
from installer.engine.settings import read_settings
from installer.engine.step import InstallContext, Step
from installer.engine.traces import Traces
from installer.machine.model import Machine
from installer.storage.layout import Layout
from kickstart.install_plan import InstallPlan
from kickstart.reading import read_kickstart

log = logging.getLogger("flexvdi.installer")

IMAGE_SIZE = 640 << 20
UNPACKED_SIZE = 2200 << 20


def read_machine(path: Path) -> Machine:
    """A machine from its JSON; raises Failure naming the file."""
    try:
        return Machine.model_validate_json(path.read_text())
    except OSError as error:
        raise Failure(f"{path} could not be read: {error.strerror}.", "Check the path.") from error
    except ValidationError as error:
        raise Failure(
            f"{path} does not describe a machine.",
            "flexvdi-install probe --json prints what such a file looks like.",
            details=str(error),
        ) from error


@dataclass(frozen=True)
class Simulation:
    """Pretends on ``machine``. ``pace`` is the seconds that each step seems to take.

    ``fail_at`` names a step that fails the first time it is walked, to show what happens then.
    """

    machine: Machine
    folder: Path
    command_line: KernelCommandLine
    pace: float = 1.0
    fail_at: str = ""

    def probe(self) -> Machine:
        """The machine as described."""
        return self.machine

    def fetcher(self, machine: Machine, say: Say, cancel: Event) -> Fetcher:
        """Fetches over the network and from files; there are no volumes."""
        settings = read_settings(self.command_line)
        return Fetcher(
            headers=headers_asked_for(self.command_line, machine),
            verify_tls=settings.verify_tls,
            proxy=settings.proxy,
            say=say,
            cancel=cancel,
            devices=self.folder / "dev",
        )

    def read_kickstart(self, path: Path, origin: str, say: Say, cancel: Event) -> InstallPlan:
        """Read without running %pre."""
        return read_kickstart(path, origin=origin, cancel=cancel)

    def unpacked_size(self) -> int:
        """That of an image of a usual size."""
        return UNPACKED_SIZE

    def examine(self, plan: InstallPlan, machine: Machine) -> Examination:
        """As on a real machine: it is pure."""
        return examine(plan, machine, simulated_manifest())

    def prepare(
        self, plan: InstallPlan, machine: Machine, layout: Layout, cancel: Event, record: Record
    ) -> tuple[InstallContext, tuple[Step, ...]]:
        """The real steps' names, titles and weights, with nothing behind them."""
        record.manifest, record.release = simulated_manifest(), simulated_release()
        context = InstallContext(
            plan=plan,
            machine=machine,
            layout=layout,
            medium=self.folder,
            manifest=record.manifest,
            release=record.release,
            kernel_command_line=self.command_line,
            target=self.folder / "target",
            cancel=cancel,
        )
        failed: set[str] = set()
        return context, tuple(
            replace(step, run=self._pretending(step, failed))
            for step in install_steps(record, Traces(self.folder, str))
        )

    def _pretending(self, step: Step, failed: set[str]) -> Callable[[InstallContext], None]:
        def pretend(context: InstallContext) -> None:
            context.say(f"Pretending: {step.title}")
            parts = 20
            for part in range(parts + 1):
                if step.weight > 1:
                    context.progress(UNPACKED_SIZE * part // parts, UNPACKED_SIZE)
                if step.name == self.fail_at and part == parts // 2 and step.name not in failed:
                    failed.add(step.name)
                    raise Failure(
                        f"The step {step.name} fails because it was asked to.",
                        "Retry: the second time it succeeds.",
                    )
                if context.cancel.wait(self.pace / parts):
                    raise Cancelled(f"pretending “{step.title}”")

        return pretend

    def run_error_scripts(self, plan: InstallPlan, say: Say) -> None:
        """Tell which would run."""
        for script in plan.scripts:
            if script.stage == "onerror":
                say(f"Pretending: %onerror from {script.where}")

    def forward_log(self, host: str, port: int) -> None:
        """Pretend."""
        log.info("the log would go to %s:%d", host, port)

    def power(self, action: PowerAction, eject: bool) -> None:
        """Leave the simulation."""
        log.info("the machine would %s now", action)


def simulated_manifest() -> Manifest:
    """The manifest of an image of a usual size."""
    return Manifest(
        product="flexVDI",
        version="0.0",
        base="simulated",
        base_release="0",
        kernel="simulated",
        build_id="simulated",
        source_date_epoch=0,
        image="host.squashfs",
        unpacked_size=UNPACKED_SIZE,
        displays=("spice", "vnc"),
        artefacts={"host.squashfs": Artefact(size=IMAGE_SIZE, sha256="0" * 64)},
        packages={},
    )


def simulated_release() -> ImageRelease:
    """The release of such an image."""
    return ImageRelease(
        product="flexVDI",
        version="0.0",
        base="simulated",
        base_release="0",
        build_id="simulated",
        kernel_version="simulated",
        displays=("spice", "vnc"),
        selinux=False,
        boot=BootFiles(
            kernel="/boot/vmlinuz",
            initrd="/boot/initrd.img",
            grub_directory="grub",
            grub_mkimage="grub-mkimage",
            grub_bios_setup="grub-bios-setup",
            grub_bios_modules="/usr/lib/grub/i386-pc",
            shim="/usr/lib/shim/shimx64.efi.signed",
            mok_manager="/usr/lib/shim/mmx64.efi.signed",
            grub_efi="/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed",
            efi_vendor="simulated",
        ),
        services={},
    )
