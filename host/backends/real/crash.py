"""kdump on this machine (host.machine.crash.CrashKernel), from sysfs."""

from __future__ import annotations

from pathlib import Path


class RealCrashKernel:
    """``/sys/kernel/kexec_crash_*``."""

    def __init__(self, root: Path = Path("/")) -> None:
        """``root`` differs from ``/`` only in tests."""
        self._root = root

    def reserved(self) -> int:
        """kexec_crash_size."""
        return self._number("kexec_crash_size")

    def loaded(self) -> bool:
        """kexec_crash_loaded."""
        return self._number("kexec_crash_loaded") == 1

    def dumps(self, directory: str) -> tuple[str, ...]:
        """Folders with a dump in them: kdump names them after the time."""
        folder = self._root / directory.lstrip("/")
        try:
            found = [entry.name for entry in folder.iterdir() if entry.is_dir()]
        except OSError:
            return ()
        return tuple(sorted(found, reverse=True))

    def _number(self, name: str) -> int:
        try:
            return int((self._root / "sys/kernel" / name).read_text())
        except (OSError, ValueError):  # a kernel without kexec
            return 0
