"""Multipath: show devices and paths, switch on and off, name a LUN."""

from __future__ import annotations

import argparse

from config_tui.applying_verb import apply_changed, consent_options
from config_tui.storage_words import as_json, made, size_in_words
from config_tui.verb import Verbs, print_json
from foundation.command_line import EXIT_OK
from host.api import HostApi


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    multipath = verbs.group("multipath", "show multipath devices and their paths, and set them up")
    multipath.add("show", _show, "every device with its paths and their states")
    for name, enabled in (("enable", True), ("disable", False)):
        verb = multipath.add(name, _switch, f"{name} multipath, now and at every boot")
        verb.set_defaults(enabled=enabled)
        consent_options(verb)
    alias = multipath.add("alias", _alias, "give a LUN a name of its own")
    alias.add_argument("wwid", help="its WWID, as `multipath show` tells it")
    alias.add_argument("name", help="its name in /dev/mapper")
    consent_options(alias)


def _show(host: HostApi, options: argparse.Namespace) -> int:
    devices = host.storage.multipath_devices()
    if options.json:
        print_json(as_json(devices))
        return EXIT_OK
    for device in devices:
        mark = "" if device.working == len(device.paths) else "! "
        print(
            f"{mark}{device.name}  {size_in_words(device.size)}  {device.product}  "
            f"{device.working} of {len(device.paths)} paths work"
        )
        for path in device.paths:
            where = path.adapter or path.address
            print(
                f"    {path.device}  {path.state}, {path.checker}  {where}  {path.target}".rstrip()
            )
    if not devices:
        print("No multipath devices.")
    return EXIT_OK


def _switch(host: HostApi, options: argparse.Namespace) -> int:
    return _apply(host, options, enabled=options.enabled)


def _alias(host: HostApi, options: argparse.Namespace) -> int:
    from host.document.storage import MultipathAlias

    alias = made(MultipathAlias, name=options.name, wwid=options.wwid)
    known = host.document().storage.multipath.aliases
    others = tuple(each for each in known if each.wwid != alias.wwid)
    return _apply(host, options, aliases=(*others, alias))


def _apply(host: HostApi, options: argparse.Namespace, **changed: object) -> int:
    from host.document.storage import Multipath

    document = host.document()
    storage = document.storage
    multipath = made(Multipath, **{**dict(storage.multipath), **changed})
    wanted = storage.model_copy(update={"multipath": multipath})
    return apply_changed(host, document.replacing(storage=wanted), options)
