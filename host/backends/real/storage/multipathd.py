"""Multipath devices as multipathd(8) tells them (host.machine.multipath.MultipathDaemon)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from foundation.failure import Failure
from foundation.process import run
from host.backends.real.storage.json_answers import (
    Table,
    number_of,
    parse_table,
    tables,
    text_of,
)
from host.storage_values import MultipathDevice, MultipathPath

SYS = Path("/sys")
_TIMEOUT = 20.0
_SECTOR = 512


class RealMultipath:
    """multipathd of this machine."""

    def __init__(self, sys: Path = SYS) -> None:
        """``sys`` tells the sizes, which multipathd does not."""
        self._sys = sys

    def runs(self) -> bool:
        """Whether it answers."""
        try:
            return run(["multipathd", "show", "daemon"], timeout=_TIMEOUT).stdout.startswith("pid")
        except Failure:
            return False

    def devices(self) -> tuple[MultipathDevice, ...]:
        """All maps; none when the daemon does not run."""
        if not self.runs():
            return ()
        answer = run(["multipathd", "show", "maps", "json"], timeout=_TIMEOUT)
        return parse_maps(answer.stdout, self._size)

    def reconfigure(self) -> None:
        """Have it read its configuration again, if it runs."""
        if self.runs():
            run(["multipathd", "reconfigure"], timeout=60)
            run(["udevadm", "settle", "--timeout=20"], timeout=30, accept=(0, 1))

    def _size(self, kernel_name: str) -> int:
        try:
            return int((self._sys / "class/block" / kernel_name / "size").read_text()) * _SECTOR
        except (OSError, ValueError):  # it is just going away
            return 0


def parse_maps(
    text: str, size_of: Callable[[str], int] = lambda _name: 0
) -> tuple[MultipathDevice, ...]:
    """multipathd's JSON of all maps; ``size_of`` tells bytes by kernel name."""
    return tuple(
        MultipathDevice(
            name=text_of(found, "name"),
            wwid=text_of(found, "uuid"),
            path=f"/dev/mapper/{text_of(found, 'name')}",
            size=size_of(text_of(found, "sysfs")),
            product=f"{text_of(found, 'vend')} {text_of(found, 'prod')}".strip(),
            queueing=text_of(found, "queueing"),
            paths=tuple(
                _path(path, number_of(group, "group"))
                for group in tables("multipathd", found, "path_groups")
                for path in tables("multipathd", group, "paths")
            ),
        )
        for found in tables("multipathd", parse_table("multipathd", text), "maps")
    )


def _path(path: Table, group: int) -> MultipathPath:
    return MultipathPath(
        device=text_of(path, "dev"),
        address=text_of(path, "hcil") or text_of(path, "dev_t"),
        state=text_of(path, "dm_st"),
        checker=text_of(path, "chk_st"),
        group=group,
        adapter=_said(text_of(path, "host_adapter")),
        target=_said(text_of(path, "target_wwpn")) or _said(text_of(path, "target_wwnn")),
    )


def _said(text: str) -> str:
    """multipathd writes what it does not know in brackets."""
    return "" if text.startswith("[") else text
