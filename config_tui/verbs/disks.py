"""Disks and adapters: show, ask how they are, look again."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from config_tui.storage_words import as_json, size_in_words
from config_tui.verb import Verbs, print_json
from foundation.command_line import EXIT_OK
from host.api import HostApi
from host.audit import this_actor

if TYPE_CHECKING:
    from host.storage_values import Smart


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    disks = verbs.group("disks", "show disks and how they are, or look for new ones")
    show = disks.add("show", _show, "all disks, with what is on them")
    show.add_argument("--smart", action="store_true", help="ask each disk how it is")
    smart = disks.add("smart", _smart, "how a disk says it is")
    smart.add_argument("disk", help="any of its names, as in sda")
    disks.add("rescan", _rescan, "have adapters and iSCSI sessions look for new disks and sizes")
    verbs.add("adapters", _adapters, "show Fibre Channel, SAS and other SCSI adapters")


def _show(host: HostApi, options: argparse.Namespace) -> int:
    disks = host.storage.disks(smart=options.smart)
    if options.json:
        print_json(as_json(disks))
        return EXIT_OK
    for disk in disks:
        words = [disk.name, size_in_words(disk.size), disk.transport, disk.model, disk.state]
        print("  ".join(word for word in words if word))
        print(f"    {disk.stable}")
        for content in disk.contents:
            print(f"    holds {content}")
        for holder in disk.holders:
            print(f"    used by {holder}")
        if disk.is_empty:
            print("    empty")
        if disk.smart is not None:
            print(f"    {_in_words(disk.smart)}")
    return EXIT_OK


def _smart(host: HostApi, options: argparse.Namespace) -> int:
    smart = host.storage.smart(options.disk)
    if options.json:
        print_json(as_json(smart))
    else:
        print(f"{options.disk}: {_in_words(smart)}")
    return EXIT_OK


def _in_words(smart: Smart) -> str:
    facts = [f"{smart.temperature} °C"] if smart.temperature is not None else []
    facts += [f"{smart.hours} hours"] if smart.hours is not None else []
    facts += [f"{smart.wear_percent}% worn"] if smart.wear_percent is not None else []
    after = f" ({', '.join(facts)})" if facts else ""
    return " ".join((f"health {smart.state}{after}", *smart.reasons))


def _rescan(host: HostApi, options: argparse.Namespace) -> int:
    done = host.storage.rescan(this_actor())
    if options.json:
        print_json(as_json(done))
        return EXIT_OK
    print(f"Asked {len(done.adapters)} adapters and {done.sessions} iSCSI sessions.")
    print(f"New: {', '.join(done.found) or 'none'}. Gone: {', '.join(done.gone) or 'none'}.")
    return EXIT_OK


def _adapters(host: HostApi, options: argparse.Namespace) -> int:
    adapters = host.storage.adapters()
    if options.json:
        print_json(as_json(adapters))
        return EXIT_OK
    for adapter in adapters:
        words = [adapter.name, adapter.kind, adapter.driver, adapter.address, adapter.state]
        print("  ".join(word for word in (*words, adapter.speed) if word))
    return EXIT_OK
