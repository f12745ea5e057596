"""Volume groups and volumes: show, create, extend, destroy."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from config_tui.applying_verb import apply_changed, consent_options
from config_tui.storage_words import as_json, made, size_in_words
from config_tui.verb import Verbs, print_json
from foundation.command_line import EXIT_OK
from foundation.failure import Failure
from host.api import HostApi
from host.audit import this_actor

if TYPE_CHECKING:
    from host.document.storage import VolumeGroup


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    volumes = verbs.group("volumes", "show, create, extend and destroy local volumes")
    volumes.add("show", _show, "volume groups with their volumes and what is free")
    group = volumes.add("create-group", _create_group, "make a volume group, or add disks to it")
    group.add_argument("group", help="its name")
    group.add_argument("disks", nargs="+", metavar="DISK", help="as `disks show` names them")
    consent_options(group)
    create = volumes.add("create", _create, "make a volume in a group of the document")
    create.add_argument("group", help="the group's name")
    create.add_argument("name", help="the volume's name")
    create.add_argument(
        "--size", default="rest", help="as in 500 GiB; all that is free if not given"
    )
    create.add_argument("--filesystem", choices=("xfs", "ext4"), help="make a filesystem on it")
    create.add_argument("--path", help="where to mount it, now and at every boot")
    create.add_argument(
        "--purpose",
        choices=("image-storage", "media-storage", "other"),
        default="other",
        help="disk images of guests, ISO images, or something else (%(default)s)",
    )
    consent_options(create)
    extend = volumes.add("extend", _extend, "grow a volume and the filesystem on it")
    extend.add_argument("volume", help="as in GROUP/NAME")
    extend.add_argument("size", help="its new size, as in 800 GiB")
    consent_options(extend)
    forget = volumes.add("forget", _forget, "unmount a volume, and keep what is on it")
    forget.add_argument("volume", help="as in GROUP/NAME, or GROUP for a whole group")
    consent_options(forget)
    for name, run, what in (
        ("remove", _remove, "a volume that the document does not name, as in GROUP/NAME"),
        ("remove-group", _remove_group, "a volume group without volumes"),
    ):
        verb = volumes.add(name, run, f"destroy {what}")
        verb.add_argument("name", help=what)
        verb.add_argument(
            "--erase", action="append", default=[], metavar="NAME", help="its name once more"
        )


def _show(host: HostApi, options: argparse.Namespace) -> int:
    groups = host.storage.volume_groups()
    if options.json:
        print_json(as_json(groups))
        return EXIT_OK
    for group in groups:
        lacks = f", ! disks missing: {group.missing}" if group.missing else ""
        free, size = size_in_words(group.free), size_in_words(group.size)
        print(f"{group.name}  {free} of {size} free on {', '.join(group.disks)}{lacks}")
        for volume in group.volumes:
            words = [f"{group.name}/{volume.name}", size_in_words(volume.size), volume.filesystem]
            print(f"    {'  '.join(filter(None, (*words, ', '.join(volume.mounts))))}")
    if not groups:
        print("No volume groups.")
    return EXIT_OK


def _create_group(host: HostApi, options: argparse.Namespace) -> int:
    from host.document.storage import VolumeGroup

    known = _groups(host).get(options.group)
    before = known.disks if known is not None else ()
    group = made(
        VolumeGroup,
        name=options.group,
        disks=tuple(dict.fromkeys((*before, *options.disks))),
        volumes=known.volumes if known is not None else (),
    )
    return _put(host, options, group)


def _create(host: HostApi, options: argparse.Namespace) -> int:
    from host.document.storage import LogicalVolume, VolumeGroup

    group = _group(host, options.group)
    volume = made(
        LogicalVolume,
        name=options.name,
        size=options.size,
        filesystem=options.filesystem,
        path=options.path,
        purpose=options.purpose,
    )
    volumes = (*group.volumes, volume)
    return _put(host, options, made(VolumeGroup, **{**dict(group), "volumes": volumes}))


def _extend(host: HostApi, options: argparse.Namespace) -> int:
    from host.document.storage import LogicalVolume

    group, name = _split(options.volume)
    found = _group(host, group)
    known = {volume.name: volume for volume in found.volumes}
    if name not in known:
        raise Failure(
            f"The document of this host has no volume {options.volume}.",
            "Only volumes that were made from it are grown.",
        )
    larger = made(LogicalVolume, **{**dict(known[name]), "size": options.size})
    volumes = tuple(larger if volume.name == name else volume for volume in found.volumes)
    return _put(host, options, found.model_copy(update={"volumes": volumes}))


def _forget(host: HostApi, options: argparse.Namespace) -> int:
    name, slash, volume = options.volume.partition("/")
    group = _group(host, name)
    if not slash:
        return _apply(host, options, tuple(g for g in _groups(host).values() if g.name != name))
    left = tuple(each for each in group.volumes if each.name != volume)
    if len(left) == len(group.volumes):
        raise Failure(f"The document of this host has no volume {options.volume}.")
    return _put(host, options, group.model_copy(update={"volumes": left}))


def _remove(host: HostApi, options: argparse.Namespace) -> int:
    group, name = _split(options.name)
    host.storage.remove_volume(group, name, tuple(options.erase), this_actor())
    return _destroyed(options)


def _remove_group(host: HostApi, options: argparse.Namespace) -> int:
    host.storage.remove_volume_group(options.name, tuple(options.erase), this_actor())
    return _destroyed(options)


def _destroyed(options: argparse.Namespace) -> int:
    if options.json:
        print_json(None)
    else:
        print(f"{options.name} is destroyed.")
    return EXIT_OK


def _split(path: str) -> tuple[str, str]:
    group, slash, name = path.partition("/")
    if not slash or not group or not name:
        raise Failure(f"“{path}” is not a volume.", "Write it as GROUP/NAME.")
    return group, name


def _groups(host: HostApi) -> dict[str, VolumeGroup]:
    return {group.name: group for group in host.document().storage.volume_groups}


def _group(host: HostApi, name: str) -> VolumeGroup:
    groups = _groups(host)
    if name not in groups:
        raise Failure(
            f"The document of this host has no volume group {name}.",
            f"It has: {', '.join(groups) or 'none'}. Make one with `volumes create-group`.",
        )
    return groups[name]


def _put(host: HostApi, options: argparse.Namespace, group: VolumeGroup) -> int:
    groups = {**_groups(host)}
    groups[group.name] = group
    return _apply(host, options, tuple(groups.values()))


def _apply(host: HostApi, options: argparse.Namespace, groups: tuple[VolumeGroup, ...]) -> int:
    from host.document.storage import Storage

    document = host.document()
    wanted = made(Storage, **{**dict(document.storage), "volume_groups": groups})
    return apply_changed(host, document.replacing(storage=wanted), options)
