"""Keeping the Manager: export, import, move, upgrade, another address, backups."""

from __future__ import annotations

import argparse

from config_tui.following import follow
from config_tui.verb import Verbs, answer_job, ask, print_json, until_interrupted, yes_option
from foundation.command_line import EXIT_OK
from host.api import HostApi
from host.audit import this_actor


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    manager = verbs.group("manager", "deploy, run, move and keep the Manager")
    export = manager.add("export", _export, "write the Manager, which must be off, into one file")
    export.add_argument("target", help="a file that ends in .tar, or a folder")
    coming = manager.add("import", _import, "bring a Manager back that was exported")
    coming.add_argument("source", help="the file")
    coming.add_argument("--folder", help="where images belong on this host if not given")
    move = manager.add("move", _move, "move the Manager to another host")
    move.add_argument("destination", help="as SSH names it, as in root@node2.example")
    move.add_argument(
        "--live", action="store_true", help="while it runs, on storage that both hosts share"
    )
    move.add_argument("--folder", help="over there; as here if not given")
    yes_option(move)
    upgrade = manager.add("upgrade", _upgrade, "put a newer image in the place of the old one")
    upgrade.add_argument(
        "--image", default="", metavar="FILE", help="that of this host if not given"
    )
    yes_option(upgrade)
    address = manager.add("change-address", _address, "give the Manager another address")
    address.add_argument("address", help="with its prefix length, as in 192.0.2.10/24")
    address.add_argument("--gateway", help="as before if not given")
    address.add_argument("--dns", action="append", metavar="ADDRESS", help="as before if not given")
    yes_option(address)
    manager.add("backup", _backup, "back the Manager's state up, beside its disks").add_argument(
        "--if-due", action="store_true", help="only in the hour that was chosen (for the timer)"
    )
    hour = manager.add("backup-hour", _backup_hour, "when to back up each day")
    hour.add_argument("hour", nargs="?", type=int, choices=range(24), help="none if not given")
    manager.add("backups", _backups, "the backups there are, the latest first")
    restore = manager.add("restore", _restore, "have the Manager take a backup back")
    restore.add_argument("backup", help="as `manager backups` names it, or a file")
    yes_option(restore)


def _export(host: HostApi, options: argparse.Namespace) -> int:
    path = until_interrupted(
        lambda cancel: host.manager.export(options.target, this_actor(), follow(options), cancel)
    )
    return _tell(options, path, f"The Manager is in {path}.")


def _import(host: HostApi, options: argparse.Namespace) -> int:
    folder = options.folder or host.manager.suggestions().folders[0][0]
    record = until_interrupted(
        lambda cancel: host.manager.import_from(
            options.source, folder, this_actor(), follow(options), cancel
        )
    )
    return answer_job(options, record, "")


def _move(host: HostApi, options: argparse.Namespace) -> int:
    folder = options.folder or host.manager.status().folder.rpartition("/")[0]
    if not options.yes:
        ask(f"Move the Manager to {options.destination}?")
    record = until_interrupted(
        lambda cancel: host.manager.move(
            options.destination, folder, options.live, this_actor(), follow(options), cancel
        )
    )
    return answer_job(options, record, "")


def _upgrade(host: HostApi, options: argparse.Namespace) -> int:
    if not options.yes:
        ask("Upgrade the Manager? It is away for some minutes.")
    record = until_interrupted(
        lambda cancel: host.manager.upgrade(options.image, this_actor(), follow(options), cancel)
    )
    return answer_job(options, record, "")


def _address(host: HostApi, options: argparse.Namespace) -> int:
    manager = host.manager.status().manager or {}
    gateway = options.gateway or manager.get("gateway")
    dns = tuple(options.dns if options.dns is not None else manager.get("dns", ()))
    if not options.yes:
        ask(f"Change the Manager's address to {options.address}? It is started anew.")
    record = until_interrupted(
        lambda cancel: host.manager.change_address(
            options.address, gateway, dns, this_actor(), follow(options), cancel
        )
    )
    return answer_job(options, record, "")


def _backup(host: HostApi, options: argparse.Namespace) -> int:
    if options.if_due:
        path = host.manager.backup_if_due(this_actor())
        return _tell(options, path, f"The backup is {path}." if path else "None is due.")
    path = host.manager.backup(this_actor(), follow(options))
    return _tell(options, path, f"The backup is {path}.")


def _backup_hour(host: HostApi, options: argparse.Namespace) -> int:
    hour: int | None = options.hour
    host.manager.set_backup_hour(hour, this_actor())
    words = "No backups are made by themselves." if hour is None else f"Each day from {hour}:00."
    return _tell(options, hour, words)


def _backups(host: HostApi, options: argparse.Namespace) -> int:
    names = host.manager.backups()
    return _tell(options, list(names), "\n".join(names) or "There are none.")


def _restore(host: HostApi, options: argparse.Namespace) -> int:
    if not options.yes:
        ask("Restore this backup? What the Manager has learnt since is lost.")
    host.manager.restore(options.backup, this_actor(), follow(options))
    return _tell(options, None, "The Manager has taken the backup back.")


def _tell(options: argparse.Namespace, value: object, words: str) -> int:
    if options.json:
        print_json(value)
    else:
        print(words)
    return EXIT_OK
