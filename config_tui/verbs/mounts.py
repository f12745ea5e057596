"""NFS exports and directories: show, try, add, remove, mount, unmount; and what servers export."""

from __future__ import annotations

import argparse
from functools import partial

from config_tui.applying_verb import apply_changed, consent_options
from config_tui.storage_words import as_json, made, size_in_words
from config_tui.verb import Verbs, print_json
from foundation.command_line import EXIT_OK
from foundation.failure import Failure
from host.api import HostApi
from host.audit import this_actor

_PURPOSES = ("image-storage", "media-storage", "other")


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    mounts = verbs.group("mounts", "show, try, add and remove NFS mounts and directories")
    mounts.add("show", _show, "every mount of the document as it is now")
    test = mounts.add("test", _test, "mount an NFS export aside, try writing, and unmount it")
    test.add_argument("source", help="as in server:/export/images, or the name of a mount")
    _nfs_options(test)
    add = mounts.add("add-nfs", _add_nfs, "mount an NFS export, now and at every boot")
    _named(add)
    add.add_argument("source", help="as in server:/export/images")
    _nfs_options(add)
    _options(add)
    directory = mounts.add("add-directory", _add_directory, "use a directory of this host")
    _named(directory)
    directory.add_argument("--source", help="another directory, to be bound to PATH")
    _options(directory, automount=False)
    filesystem = mounts.add("add-filesystem", _add_filesystem, "mount what is on a disk already")
    _named(filesystem)
    filesystem.add_argument("source", help="as in UUID=…, or a device below /dev/disk")
    filesystem.add_argument(
        "--network", action="store_true", help="the disk is reached over the network"
    )
    _options(filesystem)
    remove = mounts.add("remove", _remove, "unmount, and do not mount again; what is on it stays")
    remove.add_argument("name", help="the mount's name")
    consent_options(remove)
    for name, help in (
        ("mount", "mount once more what the document names"),
        ("unmount", "unmount until the next boot"),
    ):
        mounts.add(name, partial(_now, name), help).add_argument("name", help="its name or path")
    nfs = verbs.group("nfs", "ask NFS servers")
    exports = nfs.add("exports", _exports, "what a server exports")
    exports.add_argument("server", help="its address or host name")


def _named(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("name", help="a name for it, which its libvirt pool has as well")
    verb.add_argument("path", help="where it is mounted, as in /srv/images")


def _nfs_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--nfs-version", default="4.2", help="3, 4, 4.0, 4.1 or 4.2 (%(default)s)")
    verb.add_argument("--read-only", action="store_true", help="mount it read-only")
    verb.add_argument(
        "--option", action="append", default=[], dest="mount_options", help="an option of nfs(5)"
    )


def _options(verb: argparse.ArgumentParser, *, automount: bool = True) -> None:
    verb.add_argument(
        "--purpose",
        choices=_PURPOSES,
        default="other",
        help="disk images of guests, ISO images, or something else (%(default)s)",
    )
    if automount:
        verb.add_argument("--automount", action="store_true", help="mount it when it is used")
    consent_options(verb)


def _show(host: HostApi, options: argparse.Namespace) -> int:
    mounts = host.storage.mounts()
    if options.json:
        print_json(as_json(mounts))
        return EXIT_OK
    for mount in mounts:
        room = f", {size_in_words(mount.free)} of {size_in_words(mount.size)} free"
        good = mount.state in ("mounted", "waiting for use")
        print(
            f"{'' if good else '! '}{mount.name}  {mount.path}  {mount.source}  {mount.purpose}: "
            f"{mount.state}{room if mount.size else ''}"
        )
        if mount.reason and not good:
            print(f"    {mount.reason} {mount.remedy}".rstrip())
    if not mounts:
        print("The document has no mounts.")
    return EXIT_OK


def _test(host: HostApi, options: argparse.Namespace) -> int:
    from host.document.storage import NFSMount

    known = {mount.name: mount for mount in host.document().storage.mounts}
    mount = known.get(options.source)
    if mount is None:
        mount = made(
            NFSMount,
            name="test",
            path="/srv/test",
            source=options.source,
            version=options.nfs_version,
            read_only=options.read_only,
            options=tuple(options.mount_options),
        )
    if not isinstance(mount, NFSMount):
        raise Failure(f"{mount.name} is no NFS mount.", "Only those can be tried.")
    found = host.storage.test_mount(mount)
    if options.json:
        print_json(as_json(found))
        return EXIT_OK
    writable = "can be written to" if found.writable else "can only be read"
    print(
        f"{mount.source} {writable}; {size_in_words(found.free)} of "
        f"{size_in_words(found.size)} free; it took {found.seconds:.1f} s."
    )
    return EXIT_OK


def _add_nfs(host: HostApi, options: argparse.Namespace) -> int:
    from host.document.storage import NFSMount

    mount = made(
        NFSMount,
        name=options.name,
        path=options.path,
        source=options.source,
        version=options.nfs_version,
        read_only=options.read_only,
        options=tuple(options.mount_options),
        purpose=options.purpose,
        automount=options.automount,
    )
    return _put(host, options, mount)


def _add_directory(host: HostApi, options: argparse.Namespace) -> int:
    from host.document.storage import DirectoryMount

    mount = made(
        DirectoryMount,
        name=options.name,
        path=options.path,
        source=options.source,
        purpose=options.purpose,
    )
    return _put(host, options, mount)


def _add_filesystem(host: HostApi, options: argparse.Namespace) -> int:
    from host.document.storage import FilesystemMount

    mount = made(
        FilesystemMount,
        name=options.name,
        path=options.path,
        source=options.source,
        network=options.network,
        purpose=options.purpose,
        automount=options.automount,
    )
    return _put(host, options, mount)


def _put(host: HostApi, options: argparse.Namespace, mount: object) -> int:
    known = host.document().storage.mounts
    others = tuple(each for each in known if each.name != options.name)
    return _apply(host, options, (*others, mount))


def _remove(host: HostApi, options: argparse.Namespace) -> int:
    known = host.document().storage.mounts
    left = tuple(each for each in known if each.name != options.name)
    if len(left) == len(known):
        names = ", ".join(each.name for each in known) or "none"
        raise Failure(
            f"The document of this host has no mount {options.name}.",
            f"It has: {names}. Those of volumes are with their volumes.",
        )
    return _apply(host, options, left)


def _apply(host: HostApi, options: argparse.Namespace, mounts: tuple[object, ...]) -> int:
    from host.document.storage import Storage

    document = host.document()
    wanted = made(Storage, **{**dict(document.storage), "mounts": mounts})
    return apply_changed(host, document.replacing(storage=wanted), options)


def _now(verb: str, host: HostApi, options: argparse.Namespace) -> int:
    if verb == "mount":
        host.storage.mount(options.name, this_actor())
    else:
        host.storage.unmount(options.name, this_actor())
    if options.json:
        print_json(None)
    else:
        until = "" if verb == "mount" else " until the next boot"
        print(f"{options.name} is {verb}ed{until}.")
    return EXIT_OK


def _exports(host: HostApi, options: argparse.Namespace) -> int:
    exports = host.storage.nfs_exports(options.server)
    if options.json:
        print_json(as_json(exports))
        return EXIT_OK
    for export in exports:
        print(f"{options.server}:{export.path}  {', '.join(export.clients) or 'everybody'}")
    if not exports:
        print(f"{options.server} exports nothing.")
    return EXIT_OK
