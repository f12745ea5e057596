"""What the host is and how it is: status, about."""

from __future__ import annotations

import argparse

from config_tui.verb import Verbs, print_json
from foundation.command_line import EXIT_OK
from host.api import HostApi


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    verbs.add("status", _status, "show name, addresses and health")
    verbs.add("about", _about, "show the version, and how guests run on this machine")


def _status(host: HostApi, options: argparse.Namespace) -> int:
    status = host.status()
    if options.json:
        print_json(status.as_dict())
        return EXIT_OK
    identity = status.identity
    print(f"{identity.hostname}: {identity.product} {identity.version}")
    print(f"address: {status.management_address or 'none'} ({status.management or 'no interface'})")
    print(f"gateway: {status.gateway or 'none'}")
    print(f"manager: {status.manager}")
    for check in status.checks:
        remedy = f" {check.remedy}" if check.state != "ok" and check.remedy else ""
        print(f"{check.state:8} {check.name}: {check.reason}{remedy}")
    for link in status.interfaces:
        state = "up" if link.link else "no link"
        print(f"{link.name}: {link.kind}, {state}, {link.mac} {' '.join(link.addresses)}".rstrip())
    return EXIT_OK


def _about(host: HostApi, options: argparse.Namespace) -> int:
    identity, found = host.identity(), host.virtualization()
    if options.json:
        print_json(
            {
                "product": identity.product,
                "version": identity.version,
                "accelerator": found.accelerator,
                "reason": found.reason,
            }
        )
    else:
        print(f"{identity.product} {identity.version}\n{found.reason}")
    return EXIT_OK
