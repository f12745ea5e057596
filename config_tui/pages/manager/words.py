"""What the pages of the Manager say alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config_tui.checks import check_line
from config_tui.kit.panel import labelled
from config_tui.kit.text import N_, _

if TYPE_CHECKING:
    from host.api.manager import ManagerStatus

STATES = {
    "running": N_("running"),
    "paused": N_("paused"),
    "shutting down": N_("shutting down"),
    "shut off": N_("off"),
    "crashed": N_("crashed"),
    "unknown": N_("not known"),
}
_CHECKS = {
    "Guest": N_("Guest"),
    "Disks": N_("Disks"),
    "API": N_("API"),
    "Start": N_("Start"),
}
PREFLIGHT = {
    "virtualization": N_("Virtualization"),
    "guest": N_("Guest"),
    "manager": N_("Manager"),
    "processors": N_("Processors"),
    "memory": N_("Memory"),
    "clock": N_("Clock"),
    "versions": N_("Versions"),
    "bridge": N_("Bridge"),
    "subnet": N_("Subnet"),
    "address": N_("Address"),
    "gateway": N_("Gateway"),
    "name": N_("Name"),
    "dns": N_("DNS servers"),
    "image": N_("Image"),
    "folder": N_("Folder"),
    "space": N_("Space"),
    "speed": N_("Storage speed"),
    "locking": N_("Storage locks"),
}


def status_lines(status: ManagerStatus) -> list[Any]:
    """The Manager of this host, what is how and why, and a deployment that is not at its end."""
    lines: list[Any] = []
    manager = status.manager
    if manager is None:
        lines.append(_("This host has no Manager."))
    else:
        address = manager["address"].partition("/")[0]
        lines += [
            labelled(_("State"), _(STATES.get(status.state, N_("not known")))),
            labelled(_("Address"), f"https://{address}"),
            labelled(_("Version"), manager["version"]),
            labelled(_("Folder"), status.folder),
        ]
        if status.display:
            lines.append(labelled(_("Screen"), status.display))
    if status.checks:
        lines.append("")
    for check in status.checks:
        name = _(_CHECKS.get(check.name, check.name))
        lines.append(check_line(check.state, name, check.reason, check.remedy))
    if status.job is not None:
        words = _("Job {job}, {title}, is {state}.").format(
            job=status.job.id, title=status.job.title, state=status.job.state
        )
        lines += ["", ("warning", f"! {words}")]
        lines += [text for name, text in status.job.failure.items() if name in ("cause", "remedy")]
    return lines
