"""The files that a host document stands for, in the places where the standard daemons read them.

The installer writes them into the new system before its first boot; ``apply`` keeps them in step
on a running host. All of them are files of their own (drop-ins), so that nothing that belongs to
a package is edited. Paths are relative to the system's root.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from host.document.model import HostDocument, Time
from host.document.network_profiles import PROFILE_PREFIX, PROFILE_SUFFIX, network_profiles

PROFILE_DIRECTORY = "etc/NetworkManager/system-connections"
DEFAULT_PLACES: Mapping[str, str] = {
    "chrony-sources": "etc/chrony/sources.d",
    "ssh-server": "etc/ssh/sshd_config.d",
}
"""Where daemons look, by our name for the place; a base whose places differ says so as data."""

_OURS = "# Written from the host document by flexvdi-config; edit that instead.\n"


@dataclass(frozen=True)
class FileContent:
    """A file (``text`` and permission bits ``mode``) or, with ``link``, a symbolic link to it."""

    text: str = ""
    mode: int = 0o644
    link: str | None = None


def is_profile_of_ours(name: str) -> bool:
    """Whether a file in NetworkManager's folder of profiles is one that a document stands for."""
    return name.startswith(PROFILE_PREFIX) and name.endswith(PROFILE_SUFFIX)


def files_of(
    document: HostDocument,
    places: Mapping[str, str] | None = None,
    permanent_macs: Mapping[str, str] | None = None,
) -> dict[str, FileContent]:
    """Path to content of every file that ``document`` stands for.

    ``places`` overrides entries of :data:`DEFAULT_PLACES`; ``permanent_macs`` is explained at
    :func:`~host.document.network_profiles.network_profiles`.
    """
    place = {**DEFAULT_PLACES, **(places or {})}
    files = {
        "etc/hostname": FileContent(f"{document.identity.hostname}\n"),
        "etc/locale.conf": FileContent(f"LANG={document.identity.language}\n"),
        **_keyboard(document.identity.keyboard),
        "etc/localtime": FileContent(link=f"../usr/share/zoneinfo/{document.time.timezone}"),
        f"{place['chrony-sources']}/flexvdi.sources": FileContent(time_sources(document.time)),
        f"{place['ssh-server']}/10-flexvdi.conf": FileContent(_ssh_server(document)),
        "etc/NetworkManager/conf.d/90-flexvdi.conf": FileContent(
            # Without this, NetworkManager starts DHCP on ports that the document leaves alone.
            f"{_OURS}[main]\nno-auto-default=*\n"
        ),
    }
    if not document.time.utc:
        files["etc/adjtime"] = FileContent("0.0 0 0.0\n0\nLOCAL\n")
    for name, text in network_profiles(document.network, permanent_macs).items():
        files[f"{PROFILE_DIRECTORY}/{name}"] = FileContent(text, 0o600)
    return files


def time_sources(time: Time) -> str:
    """chrony's source file (chrony.conf(5), sourcedir): one server or pool a line."""
    lines = [f"server {name} iburst\n" for name in time.ntp_servers]
    lines += [f"pool {name} iburst\n" for name in time.ntp_pools]
    return _OURS + "".join(lines)


def _keyboard(layout: str) -> dict[str, FileContent]:
    """vconsole.conf(5) for systemd's console set-up, keyboard(5) for console-setup's."""
    name, _bracket, variant = layout.rstrip(")").partition("(")
    keymap = f"{name}-{variant}" if variant else name
    x11 = f"XKBLAYOUT={name}\nXKBMODEL=pc105\n" + (f"XKBVARIANT={variant}\n" if variant else "")
    return {
        "etc/vconsole.conf": FileContent(f"KEYMAP={keymap}\n{x11}"),
        "etc/default/keyboard": FileContent(f"{x11}BACKSPACE=guess\n"),
    }


def _ssh_server(document: HostDocument) -> str:
    """sshd_config(5): the first value wins, so this file sorts before the distribution's."""
    passwords = document.access.ssh_passwords
    return (
        f"{_OURS}PasswordAuthentication {'yes' if passwords else 'no'}\n"
        f"KbdInteractiveAuthentication {'yes' if passwords else 'no'}\n"
        f"PermitRootLogin {'yes' if passwords else 'prohibit-password'}\n"
    )
