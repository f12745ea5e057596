"""What this machine tells of itself for support (host.machine.inspection.Inspection)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from foundation.process import run

_PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "hardware/dmidecode.txt": ("dmidecode",),
    "hardware/lspci.txt": ("lspci", "-nnk"),
    "hardware/lsusb.txt": ("lsusb",),
    "hardware/lscpu.json": ("lscpu", "--json"),
    "hardware/sensors.txt": ("sensors",),
    "storage/lsblk.json": ("lsblk", "--json", "--output-all"),
    "storage/findmnt.json": ("findmnt", "--json"),
    "storage/df.txt": ("df", "-h", "--local"),
    "storage/lvm.json": ("lvm", "fullreport", "--reportformat", "json"),
    "storage/multipath.json": ("multipathd", "show", "maps", "json"),
    "storage/iscsi.txt": ("iscsiadm", "-m", "session", "-P", "1"),
    "network/addresses.json": ("ip", "-json", "-details", "address"),
    "network/routes.json": ("ip", "-json", "route", "show", "table", "all"),
    "network/bridges.json": ("bridge", "-json", "link"),
    "network/connections.txt": ("nmcli", "-f", "NAME,UUID,TYPE,DEVICE,STATE", "connection"),
    "network/devices.txt": ("nmcli", "device"),
    "network/firewall.txt": ("firewall-cmd", "--list-all-zones"),
    "system/units.txt": ("systemctl", "list-units", "--all", "--no-pager", "--plain"),
    "system/failed.txt": ("systemctl", "--failed", "--no-pager", "--plain"),
    "system/processes.txt": ("ps", "-eo", "pid,ppid,user,stat,etime,rss,comm"),
    "system/chrony.txt": ("chronyc", "-n", "sources", "-v"),
    "guests/domains.txt": ("virsh", "--readonly", "list", "--all"),
    "guests/pools.txt": ("virsh", "--readonly", "pool-list", "--all"),
    "logs/this-boot.txt": ("journalctl", "--boot", "--output=short-iso", "--no-pager"),
    "logs/boot-before.txt": ("journalctl", "--boot=-1", "--output=short-iso", "--no-pager"),
    "logs/kernel.txt": ("journalctl", "--dmesg", "--output=short-iso", "--no-pager"),
}
_FILES: Mapping[str, str] = {
    "system/meminfo.txt": "/proc/meminfo",
    "system/command-line.txt": "/proc/cmdline",
    "system/uptime.txt": "/proc/uptime",
    "system/release.json": "/usr/lib/flexvdi/release.json",
    "storage/mdstat.txt": "/proc/mdstat",
    "network/bonds.txt": "/proc/net/bonding",
}
_CONFIGURATION = (
    "etc/fstab",
    "etc/hosts",
    "etc/chrony/sources.d/*",
    "etc/ssh/sshd_config.d/*",
    "etc/NetworkManager/conf.d/*",
    "etc/NetworkManager/system-connections/*",
    "etc/multipath.conf",
    "etc/multipath/conf.d/*",
    "etc/iscsi/iscsid.conf",
    "etc/systemd/system/*.mount",
    "etc/firewalld/zones/*",
    "etc/libvirt/qemu/*.xml",
    "etc/libvirt/storage/*.xml",
    "etc/flexvdi/log-target.conf",
    "boot/*/arguments.cfg",
)
_LONGEST_RUN = 120.0  # seconds


class RealInspection:
    """Programs and files of this machine."""

    def texts(self) -> Mapping[str, Callable[[], str]]:
        """Each is made when it is asked for."""
        programs = {name: partial(_said, argv) for name, argv in _PROGRAMS.items()}
        return programs | {name: partial(_read, Path(path)) for name, path in _FILES.items()}

    def configuration(self) -> tuple[str, ...]:
        """The files that are there."""
        root = Path("/")
        found = (path for pattern in _CONFIGURATION for path in root.glob(pattern))
        return tuple(sorted(str(path.relative_to(root)) for path in found if path.is_file()))


def _said(argv: tuple[str, ...]) -> str:
    return run(argv, timeout=_LONGEST_RUN, accept=tuple(range(126))).stdout


def _read(path: Path) -> str:
    if path.is_dir():
        return "\n".join(f"# {each.name}\n{_read(each)}" for each in sorted(path.iterdir()))
    return path.read_text(errors="replace") if path.exists() else ""
