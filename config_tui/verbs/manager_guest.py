"""The Manager's guest from day to day: status, start, stop, console; found, adopted, removed."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from config_tui.verb import Verbs, ask, print_json, yes_option
from foundation.command_line import EXIT_FAILED, EXIT_OK
from host.api import HostApi
from host.audit import this_actor


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    manager = verbs.group("manager", "deploy, run, move and keep the Manager")
    manager.add("status", _status, "how the Manager of this host is, and why; 1 if not well")
    start = manager.add("start", _start, "start the Manager")
    start.add_argument(
        "--believed-dead",
        default="",
        metavar="HOST",
        help="the host that ran it, if it is certainly off: two of it would destroy its data",
    )
    for name, run, help in (
        ("stop", _stop, "shut the Manager down, and wait until it is off"),
        ("force-off", _force_off, "end the Manager at once, as by pulling its plug"),
        ("release", _release, "forget the Manager on this host; its files stay"),
    ):
        yes_option(manager.add(name, run, help))
    console = manager.add(
        "console", _console, "the Manager's serial console; Ctrl-] leaves it", as_json=False
    )
    console.add_argument("--log", action="store_true", help="only show what it has said so far")
    autostart = manager.add("autostart", _autostart, "whether it starts with this host")
    autostart.add_argument("when", choices=("on", "off"))
    manager.add("found", _found, "the Managers that lie on the storage of this host")
    adopt = manager.add("adopt", _adopt, "define a Manager that was found on this host")
    adopt.add_argument("folder", help="as `manager found` shows it")
    remove = manager.add("remove", _remove, "destroy the Manager with its data and backups")
    remove.add_argument("--erase", required=True, metavar="NAME", help="its name")


def _status(host: HostApi, options: argparse.Namespace) -> int:
    status = host.manager.status()
    well = all(check.state == "ok" for check in status.checks)
    if options.json:
        print_json(status.as_dict())
        return EXIT_OK if well else EXIT_FAILED
    if status.manager is None:
        print("This host has no Manager.")
    else:
        manager = status.manager
        print(f"{manager['name']}  {status.state}  {manager['version']}  {status.folder}")
        print(f"https://{manager['address'].partition('/')[0]}")
        if status.display:
            print(f"Screen: {status.display} (from this host; use an SSH tunnel)")
    for check in status.checks:
        mark = " " if check.state == "ok" else "!"
        print(f"{mark} {check.name:8} {check.reason}")
        if check.remedy:
            print(f"           {check.remedy}")
    if status.job is not None:
        print(f"! Job {status.job.id} ({status.job.title}) is {status.job.state}.")
        for name, text in status.job.failure.items():
            print(f"    {name}: {text}")
    return EXIT_OK if well else EXIT_FAILED


def _start(host: HostApi, options: argparse.Namespace) -> int:
    host.manager.start(this_actor(), options.believed_dead)
    return _done(options, "The Manager was started.")


def _stop(host: HostApi, options: argparse.Namespace) -> int:
    if not options.yes:
        ask("Shut the Manager down? Desktops go on running.")
    host.manager.stop(this_actor())
    return _done(options, "The Manager is off.")


def _force_off(host: HostApi, options: argparse.Namespace) -> int:
    if not options.yes:
        ask("End the Manager at once? What it has not written yet is lost.")
    host.manager.force_off(this_actor())
    return _done(options, "The Manager is off.")


def _release(host: HostApi, options: argparse.Namespace) -> int:
    if not options.yes:
        ask("Forget the Manager on this host?")
    host.manager.release(this_actor())
    return _done(options, "This host knows of no Manager any more; its files are still there.")


def _console(host: HostApi, options: argparse.Namespace) -> int:
    from config_tui.serial_console import run_console

    if options.log:
        print(host.manager.console_text(), end="")
        return EXIT_OK
    run_console(host.manager.console())
    return EXIT_OK


def _autostart(host: HostApi, options: argparse.Namespace) -> int:
    on = options.when == "on"
    host.manager.set_autostart(on, this_actor())
    return _done(options, "It starts with this host." if on else "It is started by hand.")


def _found(host: HostApi, options: argparse.Namespace) -> int:
    found = host.manager.found()
    if options.json:
        print_json([asdict(one) for one in found])
        return EXIT_OK
    for one in found:
        runs = f"  runs on {one.running_on}" if one.running_on else ""
        known = "  (this host's)" if one.known else ""
        print(f"{one.folder}  {one.name}  {one.address}  {one.version}{runs}{known}")
    if not found:
        print("There is none.")
    return EXIT_OK


def _adopt(host: HostApi, options: argparse.Namespace) -> int:
    host.manager.adopt(options.folder, this_actor())
    return _done(options, "The Manager is defined here. `manager start` starts it.")


def _remove(host: HostApi, options: argparse.Namespace) -> int:
    host.manager.remove(options.erase, this_actor())
    return _done(options, f"{options.erase} is destroyed.")


def _done(options: argparse.Namespace, words: str) -> int:
    if options.json:
        print_json(None)
    else:
        print(words)
    return EXIT_OK
