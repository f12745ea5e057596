"""ISO images in the media stores, and libvirt's pools."""

from __future__ import annotations

import argparse

from config_tui.storage_words import as_json, size_in_words
from config_tui.verb import Verbs, print_json
from foundation.command_line import EXIT_OK
from host.api import HostApi


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    media = verbs.group("media", "show ISO images and storage pools")
    media.add("show", _show, "the ISO images in all media stores")
    media.add("pools", _pools, "libvirt's storage pools")


def _show(host: HostApi, options: argparse.Namespace) -> int:
    files = host.storage.media()
    if options.json:
        print_json(as_json(files))
        return EXIT_OK
    for file in files:
        print(f"{file.store}  {file.name}  {size_in_words(file.size)}")
    if not files:
        print("No ISO images. A mount with the purpose media-storage is a media store.")
    return EXIT_OK


def _pools(host: HostApi, options: argparse.Namespace) -> int:
    pools = host.storage.pools()
    if options.json:
        print_json(as_json(pools))
        return EXIT_OK
    for pool in pools:
        state = "active" if pool.active else "! not active"
        room = f", {size_in_words(pool.free)} of {size_in_words(pool.capacity)} free"
        print(f"{pool.name}  {pool.path}: {state}{room if pool.capacity else ''}")
    if not pools:
        print("No storage pools.")
    return EXIT_OK
