"""Language, time, firewall, services, image, log and the end of the installation."""

from __future__ import annotations

import re
from typing import Literal

from pykickstart.constants import (
    KS_REBOOT,
    KS_SHUTDOWN,
    KS_WAIT,
    SELINUX_DISABLED,
    SELINUX_ENFORCING,
    SELINUX_PERMISSIVE,
)

from kickstart.install_plan import Logging, Note, Payload, SELinux, Services
from kickstart.reader.complaints import Complaints
from kickstart.reader.parser import Parsed
from kickstart.reader.said import Said

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_SERVICE = re.compile(r"[A-Za-z0-9:_.@\\-]+")
_SELINUX: dict[int, Literal["enforcing", "permissive", "disabled"]] = {
    SELINUX_DISABLED: "disabled",
    SELINUX_ENFORCING: "enforcing",
    SELINUX_PERMISSIVE: "permissive",
}
_FINISH: dict[int, Literal["reboot", "poweroff", "halt"]] = {
    KS_REBOOT: "reboot",
    KS_SHUTDOWN: "poweroff",
    KS_WAIT: "halt",
}


def say_identity_and_time(parsed: Parsed, said: Said, complaints: Complaints) -> None:
    """``lang``, ``keyboard``, ``timezone`` and ``timesource``."""
    if language := parsed.last("lang"):
        said.say(("identity", "language"), language.options.lang, language.where, complaints)
        if language.options.addsupport:
            text = "lang --addsupport makes no difference: the image carries its locales."
            parsed.notes.append(Note(where=language.where, text=text))
    if keyboard := parsed.last("keyboard"):
        _say_keyboard(keyboard, parsed, said, complaints)
    if zone := parsed.last("timezone"):
        if zone.options.timezone:
            said.say(("time", "timezone"), zone.options.timezone, zone.where, complaints)
        said.say(("time", "utc"), bool(zone.options.isUtc), zone.where, complaints)
    servers, pools, disabled = [], [], ""
    where = ""
    for source in parsed.all("timesource"):
        where = source.where
        if source.options.ntp_server:
            servers.append(source.options.ntp_server)
        if source.options.ntp_pool:
            pools.append(source.options.ntp_pool)
        if source.options.ntp_disable:
            disabled = source.where
    for name in (*servers, *pools):
        if not re.fullmatch(r"[A-Za-z0-9.:-]+", name):
            complaints.add(where, f"“{name}” is not a time server.", "Give a name or address.")
    if disabled and (servers or pools):
        complaints.add(
            disabled, "timesource --ntp-disable is given together with servers.", "Choose one."
        )
    if where:
        said.say(("time", "ntp_servers"), servers, where, complaints)
        said.say(("time", "ntp_pools"), pools, where, complaints)


def _say_keyboard(command: object, parsed: Parsed, said: Said, complaints: Complaints) -> None:
    options, where = command.options, command.where  # type: ignore[attr-defined]
    layouts = [layout.replace(" ", "") for layout in options.x_layouts]
    if len(layouts) > 1:
        text = f"keyboard: of several layouts the first, {layouts[0]}, is used."
        parsed.notes.append(Note(where=where, text=text))
    layout = layouts[0] if layouts else (options.vc_keymap or "".join(options.kbd))
    said.say(("identity", "keyboard"), layout, where, complaints)


def say_firewall(parsed: Parsed, said: Said, complaints: Complaints) -> None:
    """``firewall``; kickstart's ``PORT:PROTOCOL`` becomes firewalld's ``PORT/PROTOCOL``.

    As in Anaconda, SSH stays open unless ``--remove-service=ssh`` says otherwise.
    """
    command = parsed.last("firewall")
    if command is None:
        return
    options, where = command.options, command.where
    said.say(("firewall", "enabled"), bool(options.enabled), where, complaints)
    services = list(dict.fromkeys(["ssh", *(options.services or ())]))
    services = [name for name in services if name not in (options.remove_services or ())]
    said.say(("firewall", "services"), services, where, complaints)
    ports = []
    for port in options.ports or ():
        number, _, protocol = port.partition(":")
        ends = number.split("-")
        if not all(end.isdigit() and 1 <= int(end) <= 65535 for end in ends):
            complaints.add(where, f"--port={port} is not a port.", "Write 1 to 65535, as 80:tcp.")
            continue
        ports.append(f"{number}/{protocol or 'tcp'}")
    if ports:
        said.say(("firewall", "ports"), ports, where, complaints)


def read_services(parsed: Parsed, complaints: Complaints) -> Services:
    """``services``."""
    command = parsed.last("services")
    if command is None:
        return Services()
    options = command.options
    enabled = tuple(map(str.strip, options.enabled))
    disabled = tuple(map(str.strip, options.disabled))
    for name in (*enabled, *disabled):
        if not _SERVICE.fullmatch(name):
            complaints.add(command.where, f"“{name}” is not a service.", "Name systemd units.")
    for name in sorted(set(enabled) & set(disabled)):
        complaints.add(command.where, f"{name} is to be both enabled and disabled.", "Choose one.")
    return Services(where=command.where, enabled=enabled, disabled=disabled)


def read_selinux(parsed: Parsed) -> SELinux | None:
    """``selinux``; without an option it means enforcing."""
    command = parsed.last("selinux")
    if command is None:
        return None
    return SELinux(where=command.where, mode=_SELINUX.get(command.options.selinux, "enforcing"))


def read_payload(parsed: Parsed, complaints: Complaints) -> Payload | None:
    """``liveimg``; a file, or a URL that the installer can fetch."""
    command = parsed.last("liveimg")
    if command is None:
        return None
    options = command.options
    url = options.url
    if not url.startswith(("http://", "https://", "file:///", "/")):
        complaints.add(
            command.where,
            "liveimg --url is of a kind that cannot be fetched.",
            "Use http://, https:// or file:///PATH.",
        )
    checksum = options.checksum or ""
    if checksum and not _SHA256.fullmatch(checksum):
        complaints.add(
            command.where,
            f"liveimg --checksum is not a SHA-256: it has {len(checksum)} characters.",
            "Give the 64 hexadecimal digits that sha256sum prints.",
        )
    return Payload(
        where=command.where,
        url=url,
        sha256=checksum.lower() or None,
        proxy=options.proxy or None,
        verify_tls=not options.noverifyssl,
    )


def read_logging(parsed: Parsed, complaints: Complaints) -> Logging | None:
    """``logging``."""
    command = parsed.last("logging")
    if command is None or not command.options.host:
        return None
    port = command.options.port or "514"
    if not port.isdigit() or not 1 <= int(port) <= 65535:
        complaints.add(command.where, f"--port={port} is not a port.", "Give 1 to 65535.")
        return None
    return Logging(where=command.where, host=command.options.host, port=int(port))


def read_finish(parsed: Parsed) -> tuple[Literal["reboot", "poweroff", "halt", "wait"], bool]:
    """What to do at the end, and whether to eject the medium; waiting when nothing is said."""
    command = parsed.last("reboot", "poweroff", "shutdown", "halt")
    if command is None:
        return "wait", False
    return _FINISH.get(command.options.action, "halt"), bool(command.options.eject)
