"""Units, firewall and SELinux of the new system, before its first boot."""

from __future__ import annotations

import re
from pathlib import Path

from foundation.atomic_file import write_atomically
from foundation.image_release import ImageRelease
from foundation.process import ProcessFailed, run
from host.document.model import Firewall
from installer.engine.step import InstallContext
from installer.target.inside import run_inside

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
        try:
            run(["systemctl", f"--root={context.target}", verb, unit])
        except ProcessFailed as failure:
            context.say(f"Warning: {unit} could not be {verb}d: {failure.cause}")
    if document.firewall.enabled:
        _open_firewall(context, document.firewall)
    if context.plan.selinux is not None:
        set_selinux_mode(context.target, context.plan.selinux.mode)


def _open_firewall(context: InstallContext, firewall: Firewall) -> None:
    """Let through what the document names, in firewalld's permanent configuration."""
    if not (context.target / "usr/bin/firewall-offline-cmd").exists():
        context.say("Warning: this image has no firewalld; the firewall is not configured.")
        return
    wanted = [f"--add-service={service}" for service in firewall.services]
    wanted += [f"--add-port={port}" for port in firewall.ports]
    if wanted and not _firewall_takes(context, wanted):
        for option in wanted:  # one of them is wrong: the others still hold
            if not _firewall_takes(context, [option]):
                context.say(f"Warning: the firewall does not take {option}.")


def _firewall_takes(context: InstallContext, options: list[str]) -> bool:
    # 11 and 12: already enabled, already there (firewall-cmd(1), exit codes).
    try:
        run_inside(context.target, ["firewall-offline-cmd", *options], accept=(0, 11, 12))
    except ProcessFailed:
        return False
    return True


def set_selinux_mode(target: Path, mode: str) -> None:
    """Set the mode in SELinux's configuration; a base without SELinux has no such file."""
    path = target / _SELINUX_CONFIGURATION
    if not path.exists():
        return
    text, found = re.subn(r"^SELINUX=.*$", f"SELINUX={mode}", path.read_text(), flags=re.MULTILINE)
    write_atomically(path, text if found else f"{text}SELINUX={mode}\n")
    if mode != "disabled":
        # Files written from outside have no labels yet.
        write_atomically(target / ".autorelabel", "-F\n")
