"""From a kickstart file to the InstallPlan: the whole reading, top-down."""

from __future__ import annotations

from collections import Counter

from foundation.kernel_command_line import KernelCommandLine
from kickstart.install_plan import InstallPlan, Note, Script
from kickstart.reader.addon import read_addons
from kickstart.reader.complaints import Complaints
from kickstart.reader.dialect import SECTIONS_REFUSED
from kickstart.reader.network import read_network
from kickstart.reader.parser import Parsed, parse
from kickstart.reader.people import read_people
from kickstart.reader.said import Said
from kickstart.reader.source import Location, read_lines
from kickstart.reader.storage import read_bootloader, read_storage
from kickstart.reader.system import (
    read_finish,
    read_logging,
    read_payload,
    read_selinux,
    read_services,
    say_firewall,
    say_identity_and_time,
)
from kickstart.storage_checks import check_storage

_ONCE = ("autopart", "bootloader", "clearpart", "ignoredisk", "liveimg", "reqpart", "rootpw")
_LAST_COUNTS = ("keyboard", "lang", "logging", "selinux", "services", "firewall", "timezone")
_ENDINGS = ("reboot", "poweroff", "shutdown", "halt")
_STORAGE = frozenset(
    {
        "autopart",
        "clearpart",
        "ignoredisk",
        "logvol",
        "part",
        "partition",
        "raid",
        "reqpart",
        "volgroup",
    }
)
# What %packages may hold: the image is at least that.
_CORE = {"@core", "@^minimal-environment", "@^minimal", "@base"}


def read_pre_scripts(start: Location, complaints: Complaints) -> tuple[Script, ...]:
    """Only the %pre scripts; includes that cannot be had yet are passed over."""
    lines = read_lines(start, complaints, skip_missing_includes=True)
    scripts = parse(lines, complaints, pre_only=True).scripts
    return tuple(script for script in scripts if script.stage == "pre")


def read_plan(
    start: Location, kernel: KernelCommandLine | None, complaints: Complaints
) -> InstallPlan:
    """The plan that a kickstart describes; it counts only when there are no complaints.

    Raises Unreadable when there is no use in looking further.
    """
    parsed = parse(read_lines(start, complaints), complaints)
    _judge_repetitions(parsed, complaints)
    _judge_sections(parsed, complaints)
    said = Said()
    say_identity_and_time(parsed, said, complaints)
    network = read_network(parsed, said, kernel, complaints)
    people = read_people(parsed, said, complaints)
    say_firewall(parsed, said, complaints)
    addon = read_addons(parsed, said, complaints)
    known = len(complaints.failures)
    storage = read_storage(parsed, complaints)
    rescue = parsed.last("rescue")
    whole = len(complaints.failures) == known and not parsed.unread & _STORAGE
    if whole and not rescue:
        for failure in check_storage(storage):
            complaints.add(failure.where or f"{start.name}:1", failure.cause, failure.remedy)
    finish, eject = read_finish(parsed)
    document = said.document(complaints)
    if (
        not rescue
        and document.access.root_password_hash is None
        and not (document.access.root_ssh_keys or document.access.administrators)
    ):
        text = "Nobody can log in to the installed host: there is no rootpw, sshkey or user."
        parsed.notes.append(Note(where=f"{start.name}:1", text=text))
    return InstallPlan(
        source=start.name,
        document=document,
        network_active=tuple(network.active),
        network_devices=tuple(network.devices),
        storage=storage,
        bootloader=read_bootloader(parsed, complaints),
        root_password=people.root,
        users=people.users,
        groups=people.groups,
        root_ssh_keys=people.root_keys,
        installer_ssh=people.installer,
        services=read_services(parsed, complaints),
        selinux=read_selinux(parsed),
        payload=read_payload(parsed, complaints),
        scripts=parsed.scripts,
        logging=read_logging(parsed, complaints),
        addon=addon,
        rescue=rescue is not None,
        finish=finish,
        eject=eject,
        notes=tuple(parsed.notes),
    )


def _judge_repetitions(parsed: Parsed, complaints: Complaints) -> None:
    counts = Counter(command.name for command in parsed.commands)
    for name in _ONCE:
        if counts[name] > 1:
            first, *others = parsed.all(name)
            for other in others:
                complaints.add(
                    other.where,
                    f"{name} is given already at {first.where}.",
                    "Give it once, with all its options.",
                )
    for names in (*((name,) for name in _LAST_COUNTS), _ENDINGS):
        last = parsed.last(*names)
        for command in parsed.all(*names):
            if last and command is not last:
                text = f"{command.name} is given again at {last.where}, which counts."
                parsed.notes.append(Note(where=command.where, text=text))


def _judge_sections(parsed: Parsed, complaints: Complaints) -> None:
    for section in parsed.sections:
        if section.name in SECTIONS_REFUSED:
            cause, _, remedy = SECTIONS_REFUSED[section.name].partition(". ")
            complaints.add(section.where, f"{cause}.", remedy)
        elif section.name == "%anaconda":
            text = "%anaconda makes no difference: its password policies are Anaconda's own."
            parsed.notes.append(Note(where=section.where, text=text))
        elif section.name == "%packages":
            text = "%packages makes no difference: the host image is installed whole."
            parsed.notes.append(Note(where=section.where, text=text))
            for line in section.lines:
                entry = line.text.partition("#")[0].strip()
                if entry and entry not in _CORE:
                    complaints.add(
                        line.where,
                        f"{entry} cannot be added or removed: a host is installed from one "
                        "whole image, without packages.",
                        "Build an image with it (flexvdi-iso build), or remove the line.",
                    )
