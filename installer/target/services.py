"""Units, firewall and SELinux of the new system, before its first boot."""

from __future__ import annotations

import re
from pathlib import Path

from foundation.atomic_file import write_atomically
from foundation.image_release import ImageRelease
from foundation.process import ProcessFailed, run
from host.document.model import Firewall
from host.document.system_files import FIREWALL_ZONE_FILE, zone_text
from installer.engine.step import InstallContext

_SELINUX_CONFIGURATION = "etc/selinux/config"


def unit_name(name: str, release: ImageRelease) -> str:
    """The base's unit for a service as an author calls it (``sshd``, ``chronyd.service`` …)."""
    known = release.services.get(name) or release.services.get(name.removesuffix(".service"))
    return known or (name if "." in name else f"{name}.service")


def set_up_services(context: InstallContext, release: ImageRelease) -> None:
    """Enable and disable units; set the firewall and SELinux as the document and answers say.

    A unit that the image does not have is told, not refused, as Anaconda does.
    """
    document = context.plan.document
    services = context.plan.services
    wanted = {unit_name(name, release): True for name in services.enabled}
    wanted |= {unit_name(name, release): False for name in services.disabled}
    wanted.setdefault(unit_name("ssh", release), document.access.ssh)
    wanted.setdefault(unit_name("firewall", release), document.firewall.enabled)
    for unit, enabled in wanted.items():
        verb = "enable" if enabled else "disable"
        state = run(
            ["systemctl", f"--root={context.target}", "is-enabled", unit],
            accept=tuple(range(256)),
        ).stdout.strip()
        if state == f"{verb}d":
            continue
        try:
            run(["systemctl", f"--root={context.target}", verb, unit])
        except ProcessFailed as failure:
            context.say(f"Warning: {unit} could not be {verb}d: {failure.cause}")
    if document.firewall.enabled:
        _open_firewall(context, document.firewall)
    if context.plan.selinux is not None:
        set_selinux_mode(context.target, context.plan.selinux.mode)


def _open_firewall(context: InstallContext, firewall: Firewall) -> None:
    """Let through what the document names: firewalld's default zone, firewalld.zone(5)."""
    known = context.target / "usr/lib/firewalld/services"
    if not known.is_dir():
        context.say("Warning: this image has no firewalld; the firewall is not configured.")
        return
    services = []
    for service in firewall.services:
        if (known / f"{service}.xml").exists():
            services.append(service)
        else:
            context.say(f"Warning: the firewall does not know the service {service}.")
    path = context.target / FIREWALL_ZONE_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, zone_text(tuple(services), firewall.ports))


def set_selinux_mode(target: Path, mode: str) -> None:
    """Set the mode in SELinux's configuration; a base without SELinux has no such file."""
    path = target / _SELINUX_CONFIGURATION
    if not path.exists():
        return
    text, found = re.subn(r"^SELINUX=.*$", f"SELINUX={mode}", path.read_text(), flags=re.MULTILINE)
    write_atomically(path, text if found else f"{text}SELINUX={mode}\n")
