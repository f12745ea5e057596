"""Mounts of this machine through systemd (host.machine.mounts.Mounts)."""

from __future__ import annotations

from pathlib import Path

from foundation.failure import Failure
from foundation.process import ProcessFailed, run
from foundation.process_errors import explain
from host.backends.real.bus import SYSTEMD, Bus
from host.backends.real.storage import findmnt, nfs
from host.document.storage import NFSMount
from host.machine.mounts import Mounted, Usage
from host.mount_failures import mount_failure
from host.storage_values import MountTest, NFSExport

_START_TIMEOUT = 700.0  # seconds; a unit's own limit, at most 600, ends it before
_STOP_TIMEOUT = 60.0


class RealMounts:
    """systemd's mount units, and the kernel's table."""

    def table(self) -> tuple[Mounted, ...]:
        """From findmnt."""
        return findmnt.read_table()

    def usage(self, path: str) -> Usage | None:
        """From a process that can be left behind."""
        return findmnt.read_usage(path)

    def reload(self) -> None:
        """systemctl daemon-reload."""
        with Bus() as bus:
            bus.call(SYSTEMD, "Reload")

    def start(self, unit: str) -> None:
        """Start, wait, and say why it failed."""
        try:
            run(["systemctl", "reset-failed", unit], accept=(0, 1), timeout=30)
            run(["systemctl", "start", unit], timeout=_START_TIMEOUT)
        except ProcessFailed as error:
            raise mount_failure(self._source_of(unit), self.failure_of(unit), error) from error

    def stop(self, unit: str) -> None:
        """Stop and wait; systemd leaves a mount that is in use."""
        try:
            run(["systemctl", "stop", unit], accept=(0, 5), timeout=_STOP_TIMEOUT)
        except ProcessFailed as error:
            raise Failure(
                f"{self._source_of(unit)} could not be unmounted: it is in use or away.",
                "Stop the guests and programs that use it (`fuser -vm` names them).",
                details=error.details,
            ) from error

    def enable(self, unit: str) -> None:
        """As its [Install] section says."""
        with Bus() as bus:
            bus.call(SYSTEMD, "EnableUnitFiles", "asbb", [unit], False, True)

    def disable(self, unit: str) -> None:
        """Remove its links; systemd refuses a unit that it has no file of, which has none."""
        try:
            with Bus() as bus:
                bus.call(SYSTEMD, "DisableUnitFiles", "asb", [unit], False)
        except Failure as failure:
            if "does not exist" not in failure.cause:
                raise

    def is_enabled(self, unit: str) -> bool:
        """Ask systemctl, which answers for a unit file that is gone as well."""
        answer = run(["systemctl", "is-enabled", unit], accept=tuple(range(6)), timeout=30)
        return answer.stdout.strip() == "enabled"

    def failure_of(self, unit: str) -> str:
        """The last lines of its journal, if it failed."""
        state = run(["systemctl", "is-failed", unit], accept=tuple(range(6)), timeout=30)
        if state.stdout.strip() != "failed":
            return ""
        argv = ["journalctl", "--boot", "--unit", unit, "--lines=6", "--output=cat", "--no-pager"]
        return run(argv, accept=(0, 1), timeout=30).stdout.strip() or "failed"

    def make_directory(self, path: str) -> None:
        """As libvirt makes its folders: entered by all, listed by root."""
        try:
            Path(path).mkdir(mode=0o711, parents=True, exist_ok=True)
        except OSError as error:
            cause, remedy = explain("mkdir", 1, error.strerror or str(error))
            raise Failure(f"{path} could not be made. {cause}", remedy) from error

    def exists(self, path: str) -> bool:
        """A name of a device or file."""
        return Path(path).exists()

    def exports(self, server: str) -> tuple[NFSExport, ...]:
        """From showmount."""
        return nfs.read_exports(server)

    def try_mount(self, mount: NFSMount) -> MountTest:
        """With mount(8), aside."""
        return nfs.try_mount(mount)

    def _source_of(self, unit: str) -> str:
        answer = run(["systemctl", "show", "--property=What", "--value", unit], timeout=30)
        return answer.stdout.strip() or unit
