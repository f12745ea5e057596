"""The files that a document's storage stands for: systemd's mount units and multipath's settings.

Pure text from pure values. Paths are relative to the system's root.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from host.document.storage import (
    DirectoryMount,
    FilesystemMount,
    Multipath,
    NFSMount,
    Storage,
)
from host.document.system_files import FileContent

UNIT_DIRECTORY = "etc/systemd/system"
MULTIPATH_MAIN = "etc/multipath.conf"
MULTIPATH_DROP_IN = "etc/multipath/conf.d/50-flexvdi.conf"
ISCSI_NAME_FILE = "etc/iscsi/initiatorname.iscsi"

UNIT_MARK = "# Written from the host document by flexvdi-config; edit that instead.\n"
_CHECKER_SECONDS = 5

AnyMount = NFSMount | FilesystemMount | DirectoryMount


def unit_name(path: str, suffix: str = "mount") -> str:
    """The unit that mounts on ``path``, as ``systemd-escape --path`` names it."""
    escaped = []
    for place, character in enumerate(path.strip("/")):
        if character == "/":
            escaped.append("-")
        elif re.fullmatch(r"[A-Za-z0-9:_.]", character) and not (place == 0 and character == "."):
            escaped.append(character)
        else:
            escaped += [f"\\x{byte:02x}" for byte in character.encode()]
    return f"{''.join(escaped)}.{suffix}"


def is_mounted(mount: AnyMount) -> bool:
    """Whether the mount needs a unit: a plain directory is only there."""
    return not (isinstance(mount, DirectoryMount) and mount.source is None)


def main_unit(mount: AnyMount) -> str:
    """The unit that is started at boot: the automount where there is one."""
    return unit_name(mount.path, "automount" if mount.automount else "mount")


def mount_units(storage: Storage) -> dict[str, FileContent]:
    """Path to content of every unit of the document's mounts."""
    units: dict[str, FileContent] = {}
    on_network = bool(storage.iscsi.targets)
    for mount in storage.all_mounts():
        if not is_mounted(mount):
            continue
        file = f"{UNIT_DIRECTORY}/{unit_name(mount.path)}"
        units[file] = FileContent(_mount_unit(mount, on_network))
        if mount.automount:
            file = f"{UNIT_DIRECTORY}/{unit_name(mount.path, 'automount')}"
            units[file] = FileContent(_automount_unit(mount))
    return units


def _mount_unit(mount: AnyMount, iscsi: bool) -> str:
    """systemd.mount(5), whose defaults order it after the network where ``_netdev`` says so.

    ``nofail`` keeps the rest of the boot from waiting for it; only libvirt does, so that no pool
    opens on the empty folder below, and no guest starts without its disks.
    """
    network = isinstance(mount, NFSMount) or (
        # A volume of a group whose disks are LUNs comes with the sessions; ordering costs nothing
        # to one that is local.
        isinstance(mount, FilesystemMount) and (mount.network or iscsi)
    )
    unit = {"Description": f"{_PURPOSES[mount.purpose]} {mount.name}"}
    if mount.purpose != "other":
        unit["Before"] = "libvirtd.service virtqemud.service virtstoraged.service"
    section = {
        "What": _source(mount),
        "Where": mount.path,
        "Type": _type(mount),
        "Options": ",".join(mount_options(mount, network)),
        "TimeoutSec": str(mount.timeout),
        "DirectoryMode": "0711",
    }
    install = {} if mount.automount else {"WantedBy": "multi-user.target"}
    return UNIT_MARK + _unit({"Unit": unit, "Mount": section, "Install": install})


def _automount_unit(mount: AnyMount) -> str:
    """systemd.automount(5)."""
    return UNIT_MARK + _unit(
        {
            "Unit": {"Description": f"{_PURPOSES[mount.purpose]} {mount.name}, when it is used"},
            "Automount": {"Where": mount.path, "DirectoryMode": "0711"},
            "Install": {"WantedBy": "multi-user.target"},
        }
    )


_PURPOSES = {
    "image-storage": "Image Storage volume",
    "media-storage": "Media Storage",
    "other": "Mount",
}


def _source(mount: AnyMount) -> str:
    source = mount.source or ""
    kind, equals, name = source.partition("=")
    if equals and kind in ("UUID", "LABEL", "PARTUUID", "PARTLABEL"):
        return f"/dev/disk/by-{kind.lower()}/{name}"
    return source


def _type(mount: AnyMount) -> str:
    if isinstance(mount, NFSMount):
        return "nfs"
    return mount.filesystem if isinstance(mount, FilesystemMount) else "none"


def mount_options(mount: AnyMount, network: bool) -> list[str]:
    """The options that mount(8) is given; nfs(5) counts ``timeo`` in tenths of a second."""
    options = ["ro"] if mount.read_only else []
    if isinstance(mount, DirectoryMount):
        options.append("bind")
    if isinstance(mount, NFSMount):
        options += [f"vers={mount.version}", "hard" if mount.hard else "soft"]
        options += [f"timeo={mount.response_timeout * 10}", f"retrans={mount.retrans}"]
    if network:
        options.append("_netdev")
    return [*options, "nofail", *mount.options]


def _unit(sections: Mapping[str, Mapping[str, str]]) -> str:
    blocks = [
        f"[{title}]\n" + "".join(f"{key}={value}\n" for key, value in keys.items() if value)
        for title, keys in sections.items()
        if keys
    ]
    return "\n".join(blocks)


def multipath_files(multipath: Multipath, main_is_there: bool) -> dict[str, FileContent]:
    """The drop-in of the document, and the main file, without which multipathd does not start."""
    if not multipath.enabled:
        return {}
    files = {MULTIPATH_DROP_IN: FileContent(multipath_settings(multipath))}
    if not main_is_there:
        files[MULTIPATH_MAIN] = FileContent(
            f"{UNIT_MARK}# Settings are in /etc/multipath/conf.d, where yours may be as well.\n"
        )
    return files


def multipath_settings(multipath: Multipath) -> str:
    """multipath.conf(5)."""
    yes_or_no = "yes" if multipath.user_friendly_names else "no"
    lines = [
        "defaults {",
        f"    user_friendly_names {yes_or_no}",
        f"    find_multipaths {multipath.find_multipaths}",
        f"    polling_interval {_CHECKER_SECONDS}",
        f"    no_path_retry {multipath.no_path_retry}",
        "}",
    ]
    if multipath.blacklist:
        lines += ["blacklist {", *(f'    wwid "{wwid}"' for wwid in multipath.blacklist), "}"]
    if multipath.aliases:
        lines.append("multipaths {")
        for alias in multipath.aliases:
            lines += ["    multipath {", f'        wwid "{alias.wwid}"']
            lines += [f'        alias "{alias.name}"', "    }"]
        lines.append("}")
    return UNIT_MARK + "\n".join(lines) + "\n"


def initiator_name_file(name: str) -> FileContent:
    """iscsid's file of its own name."""
    return FileContent(f"{UNIT_MARK}InitiatorName={name}\n", 0o600)
