"""The conductor's ways to the real machine."""

from __future__ import annotations

import logging
from pathlib import Path
from threading import Event

from foundation.image_release import read_release
from foundation.kernel_command_line import KernelCommandLine
from foundation.process import ProcessFailed, run
from installer.answers.fetch import Fetcher
from installer.answers.find import headers_asked_for
from installer.answers.network_online import wait_until_online
from installer.engine.examination import examine
from installer.engine.installer_log import forward_log
from installer.engine.machinery import Examination, PowerAction, Record, Say
from installer.engine.medium import Medium, find_medium, mounted_medium
from installer.engine.plan_secrets import secrets_in
from installer.engine.sequence import install_steps
from installer.engine.settings import read_settings
from installer.engine.step import InstallContext, Step
from installer.engine.traces import Traces
from installer.machine.model import Machine
from installer.machine.probe import probe_machine
from installer.scripts import run_scripts
from installer.storage.layout import Layout
from kickstart.install_plan import InstallPlan
from kickstart.reading import read_kickstart, read_pre_scripts

log = logging.getLogger("flexvdi.installer")

TARGET = Path("/mnt/sysroot")


class RealMachinery:
    """Works on the machine it runs on. ``say`` tells people what takes time."""

    def __init__(self, command_line: KernelCommandLine, traces: Traces, say: Say) -> None:
        """Look at nothing yet."""
        self._command_line = command_line
        self._traces = traces
        self._say = say
        self._medium: Medium | None = None

    @property
    def command_line(self) -> KernelCommandLine:
        """The kernel's."""
        return self._command_line

    def probe(self) -> Machine:
        """Disks, firmware and ports as they are now."""
        return probe_machine()

    def medium(self) -> Medium:
        """Where the image is; looked for once it is needed."""
        if self._medium is None:
            cancel = Event()
            self._medium = find_medium(
                self._command_line,
                say=self._say,
                cancel=cancel,
                wait_for_network=lambda: _wait(self._say, cancel),
            )
        return self._medium

    def fetcher(self, machine: Machine, say: Say, cancel: Event) -> Fetcher:
        """With the headers and the trust that the kernel line asks for."""
        settings = read_settings(self._command_line)
        return Fetcher(
            medium=mounted_medium(),
            headers=headers_asked_for(self._command_line, machine),
            verify_tls=settings.verify_tls,
            proxy=settings.proxy,
            say=say,
            cancel=cancel,
            wait_for_network=lambda: _wait(say, cancel),
        )

    def read_kickstart(self, path: Path, origin: str, say: Say, cancel: Event) -> InstallPlan:
        """Two phases: the %pre scripts may write what the rest includes."""
        scripts = read_pre_scripts(path, origin=origin, cancel=cancel)
        run_scripts(
            scripts,
            "pre",
            target=TARGET,
            log_folder=self._traces.folder,
            say=say,
            cancel=cancel,
        )
        return read_kickstart(
            path, origin=origin, kernel_command_line=Path("/proc/cmdline"), cancel=cancel
        )

    def examine(self, plan: InstallPlan, machine: Machine) -> Examination:
        """Against the medium's image."""
        return examine(plan, machine, self.medium().manifest)

    def unpacked_size(self) -> int:
        """What the image, and what comes with it, need on a disk, in bytes."""
        return self.medium().manifest.needed_size

    def prepare(
        self, plan: InstallPlan, machine: Machine, layout: Layout, cancel: Event, record: Record
    ) -> tuple[InstallContext, tuple[Step, ...]]:
        """The context and the real steps."""
        medium = self.medium()
        record.manifest, record.release = medium.manifest, read_release()
        context = InstallContext(
            plan=plan,
            machine=machine,
            layout=layout,
            medium=medium.folder,
            medium_address=medium.address,
            manifest=medium.manifest,
            release=record.release,
            kernel_command_line=self._command_line,
            target=TARGET,
            cancel=cancel,
        )
        return context, install_steps(record, self._traces)

    def run_error_scripts(self, plan: InstallPlan, say: Say) -> None:
        """%onerror; those for the new system only when it is there."""
        mounted = (TARGET / "usr").is_dir()
        scripts = tuple(s for s in plan.scripts if mounted or not s.in_target)
        run_scripts(
            scripts,
            "onerror",
            target=TARGET,
            log_folder=self._traces.folder,
            say=say,
            secrets=secrets_in(plan),
        )

    def forward_log(self, host: str, port: int) -> None:
        """By syslog over UDP, secrets masked."""
        forward_log(host, port, self._traces.mask)

    def power(self, action: PowerAction, eject: bool) -> None:
        """Through systemd. A medium that cannot be ejected does not keep the machine from it."""
        if eject:
            try:
                run(["eject", "--cdrom"])
            except ProcessFailed as failure:
                log.warning("the medium was not ejected: %s", failure)
        run(["systemctl", action])


def _wait(say: Say, cancel: Event) -> None:
    wait_until_online(say, cancel)
