"""The files that a host document stands for, in the places where the standard daemons read them.

The installer writes them into the new system before its first boot; ``apply`` keeps them in step
on a running host. All of them are files of their own (drop-ins), so that nothing that belongs to
a package is edited. Paths are relative to the system's root.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from host.document.model import Access, Firewall, HostDocument, Identity, Time
from host.document.network import Network
from host.document.network_profiles import PROFILE_PREFIX, PROFILE_SUFFIX, network_profiles

FIREWALL_ZONE = "public"
FIREWALL_ZONE_FILE = f"etc/firewalld/zones/{FIREWALL_ZONE}.xml"
ADJTIME = "etc/adjtime"
PROFILE_DIRECTORY = "etc/NetworkManager/system-connections"
DEFAULT_PLACES: Mapping[str, str] = {
    "chrony-sources": "etc/chrony/sources.d",
    "ssh-server": "etc/ssh/sshd_config.d",
    "crash-dump": "etc/default/kdump-tools",
    "crash-dump-form": "kdump-tools",
    "ca-certificates": "etc/ssl/certs/ca-certificates.crt",
}
"""Where daemons look, by our name for the place; a base whose places differ says so as data."""

OURS = "# Written from the host document by flexvdi-config; edit that instead.\n"


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
    return {
        **identity_files(document.identity),
        **keyboard_files(document.identity.keyboard),
        **time_files(document.time, places),
        **ssh_files(document.access, places),
        **network_files(document.network, permanent_macs),
    }


def identity_files(identity: Identity) -> dict[str, FileContent]:
    """hostname(5) and locale.conf(5)."""
    return {
        "etc/hostname": FileContent(f"{identity.hostname}\n"),
        "etc/locale.conf": FileContent(f"LANG={identity.language}\n"),
    }


def time_files(time: Time, places: Mapping[str, str] | None = None) -> dict[str, FileContent]:
    """localtime(5), chrony's sources, and adjtime where the hardware clock keeps local time."""
    files = {
        "etc/localtime": FileContent(link=f"../usr/share/zoneinfo/{time.timezone}"),
        f"{place_of('chrony-sources', places)}/flexvdi.sources": FileContent(time_sources(time)),
    }
    if not time.utc:
        files[ADJTIME] = FileContent("0.0 0 0.0\n0\nLOCAL\n")
    return files


def network_files(
    network: Network, permanent_macs: Mapping[str, str] | None = None
) -> dict[str, FileContent]:
    """NetworkManager's profiles, and what it needs to leave other ports alone."""
    files = {
        "etc/NetworkManager/conf.d/90-flexvdi.conf": FileContent(
            # Without this, NetworkManager starts DHCP on ports that the document leaves alone.
            f"{OURS}[main]\nno-auto-default=*\n"
        ),
    }
    for name, text in network_profiles(network, permanent_macs).items():
        files[f"{PROFILE_DIRECTORY}/{name}"] = FileContent(text, 0o600)
    return files


def place_of(name: str, places: Mapping[str, str] | None = None) -> str:
    """Where this base's daemons look for what :data:`DEFAULT_PLACES` calls ``name``."""
    return {**DEFAULT_PLACES, **(places or {})}[name]


def time_sources(time: Time) -> str:
    """chrony's source file (chrony.conf(5), sourcedir): one server or pool a line."""
    lines = [f"server {name} iburst\n" for name in time.ntp_servers]
    lines += [f"pool {name} iburst\n" for name in time.ntp_pools]
    return OURS + "".join(lines)


def keyboard_files(layout: str) -> dict[str, FileContent]:
    """vconsole.conf(5) for systemd's console set-up, keyboard(5) for console-setup's."""
    name, _bracket, variant = layout.rstrip(")").partition("(")
    keymap = f"{name}-{variant}" if variant else name
    x11 = f"XKBLAYOUT={name}\nXKBMODEL=pc105\n" + (f"XKBVARIANT={variant}\n" if variant else "")
    return {
        "etc/vconsole.conf": FileContent(f"KEYMAP={keymap}\n{x11}"),
        "etc/default/keyboard": FileContent(f"{x11}BACKSPACE=guess\n"),
    }


def ssh_files(access: Access, places: Mapping[str, str] | None = None) -> dict[str, FileContent]:
    """sshd_config(5): the first value wins, so this file sorts before the distribution's."""
    passwords = access.ssh_passwords
    text = (
        f"{OURS}PasswordAuthentication {'yes' if passwords else 'no'}\n"
        f"KbdInteractiveAuthentication {'yes' if passwords else 'no'}\n"
        f"PermitRootLogin {'yes' if passwords else 'prohibit-password'}\n"
    )
    return {f"{place_of('ssh-server', places)}/10-flexvdi.conf": FileContent(text)}


def firewall_files(firewall: Firewall, known: frozenset[str]) -> dict[str, FileContent]:
    """firewalld's default zone, firewalld.zone(5); of its services, those that are ``known``."""
    services = tuple(service for service in firewall.services if service in known)
    return {FIREWALL_ZONE_FILE: FileContent(zone_text(services, firewall.ports))}


def zone_text(services: tuple[str, ...], ports: tuple[str, ...]) -> str:
    """The zone that every interface is in; DHCPv6 answers have to come through in any case."""
    zone = Element("zone")
    SubElement(zone, "short").text = "Public"
    SubElement(zone, "description").text = "What the host document lets through."
    for service in opened_services(services):
        SubElement(zone, "service", name=service)
    for port in ports:
        number, _slash, protocol = port.partition("/")
        SubElement(zone, "port", port=number, protocol=protocol)
    SubElement(zone, "forward")
    indent(zone)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(zone, encoding="unicode")}\n'


def opened_services(services: tuple[str, ...]) -> tuple[str, ...]:
    """The services of the zone."""
    return tuple(dict.fromkeys((*services, "dhcpv6-client")))
