"""The names that storage goes by, checked: iSCSI names and portals, NFS sources, volumes, sizes.

Each check returns the name in its usual form or raises ValueError with words for a person. The
document, the screens, the commands and a kickstart's ``%addon`` share them; none needs a machine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator

ISCSI_PORT = 3260
_LONGEST_ISCSI_NAME = 223  # RFC 3720, 3.2.6.1
_CHAP_SECRET_BYTES = range(12, 17)

_IQN = re.compile(r"iqn\.(\d{4})-(\d{2})\.([a-z0-9][a-z0-9.-]*)(:[a-z0-9.:_-]+)?")
_EUI = re.compile(r"eui\.[0-9a-f]{16}")
_NAA = re.compile(r"naa\.([0-9a-f]{16}|[0-9a-f]{32})")
_HOST_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")


def check_iscsi_name(name: str) -> str:
    """An iSCSI name: ``iqn.``, ``eui.`` (RFC 3720, 3.2.6.3) or ``naa.`` (RFC 3980)."""
    name = name.strip().lower()  # names compare without regard to case: RFC 3722
    if len(name.encode()) > _LONGEST_ISCSI_NAME:
        raise ValueError(f"an iSCSI name has at most {_LONGEST_ISCSI_NAME} bytes")
    if name.startswith("eui."):
        if not _EUI.fullmatch(name):
            raise ValueError(f"“{name}” is not an EUI name: eui. and 16 hexadecimal digits")
    elif name.startswith("naa."):
        if not _NAA.fullmatch(name):
            raise ValueError(f"“{name}” is not an NAA name: naa. and 16 or 32 hexadecimal digits")
    else:
        found = _IQN.fullmatch(name)
        if not found or ".." in found[3] or found[3].endswith("."):
            raise ValueError(
                f"“{name}” is not an iSCSI name: write it as in iqn.2026-01.com.example:disks"
            )
        if not 1 <= int(found[2]) <= 12:
            raise ValueError(f"“{name}” is not an iSCSI name: {found[2]} is no month")
    return name


def check_portal(portal: str) -> str:
    """An iSCSI portal as ``address:port``; the port defaults to 3260, IPv6 goes in brackets."""
    host, port = parse_portal(portal)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parse_portal(portal: str) -> tuple[str, int]:
    """Address (or host name) and port of a portal; raises ValueError."""
    text = portal.strip()
    found = re.fullmatch(r"\[([^\]]*)\](?::(.*))?", text)
    if found:
        host, port = found[1], found[2]
        if not _is_ipv6(host):
            raise ValueError(f"“{host}” in brackets is not an IPv6 address")
        host = str(IPv6Address(host)) if "%" not in host else host
    elif _is_ipv6(text):
        host, port = str(IPv6Address(text)) if "%" not in text else text, None
    else:
        host, colon, rest = text.partition(":")
        port = rest if colon else None
        host = check_server(host)
    if port is None:
        return host, ISCSI_PORT
    if not re.fullmatch(r"\d{1,5}", port) or not 1 <= int(port) <= 65535:
        raise ValueError(f"“{port}” is not a port: use a number from 1 to 65535")
    return host, int(port)


def check_server(name: str) -> str:
    """A server by address or host name, without brackets."""
    name = name.strip()
    if _is_ipv6(name):
        return name
    if re.fullmatch(r"[\d.]+", name):
        try:
            return str(ip_address(name))
        except ValueError:
            raise ValueError(f"“{name}” is not an IPv4 address") from None
    labels = name.removesuffix(".").split(".")
    if not name or len(name) > 253 or not all(_HOST_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"“{name}” is neither an address nor a host name")
    return name


def _is_ipv6(text: str) -> bool:
    try:
        return ip_address(text).version == 6
    except ValueError:
        return False


def check_chap_user(name: str) -> str:
    """A CHAP name: visible ASCII without spaces, at most 223 bytes."""
    if not re.fullmatch(r"[!-~]{1,223}", name):
        raise ValueError("a CHAP user name has 1 to 223 characters of ASCII, without spaces")
    return name


def check_chap_secret(secret: str) -> str:
    """A CHAP secret: 12 to 16 bytes of visible ASCII.

    RFC 3720 (8.2.1) wants 96 bits at least; 16 bytes is what every array and initiator takes.
    The message never repeats the secret.
    """
    if len(secret.encode()) not in _CHAP_SECRET_BYTES:
        raise ValueError(
            f"a CHAP secret has 12 to 16 characters, and this one has {len(secret.encode())}"
        )
    if not re.fullmatch(r"[!-~]+", secret):
        raise ValueError("a CHAP secret is made of ASCII letters, digits and signs, without spaces")
    return secret


def check_nfs_source(source: str) -> str:
    """An NFS export as ``server:/path``; an IPv6 address goes in brackets."""
    server, path = parse_nfs_source(source)
    return f"[{server}]:{path}" if ":" in server else f"{server}:{path}"


def parse_nfs_source(source: str) -> tuple[str, str]:
    """Server and exported path; raises ValueError."""
    text = source.strip()
    if text.startswith("nfs://"):
        raise ValueError(f"write “{text}” as server:/path")
    found = re.fullmatch(r"\[([^\]]+)\]:(/.*)|([^:/\[\]]+):(/.*)", text)
    if not found:
        raise ValueError(f"“{source}” is not an NFS export: write it as in server:/export/images")
    server, path = (found[1], found[2]) if found[1] else (found[3], found[4])
    if found[1] and not _is_ipv6(server):
        raise ValueError(f"“{server}” in brackets is not an IPv6 address")
    if re.search(r"[\s\x00-\x1f\\]", path):
        raise ValueError("the path of an NFS export holds no spaces or backslashes")
    return check_server(server), path.rstrip("/") or "/"


_SYSTEM_FOLDERS = (
    *("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root", "/run", "/sbin"),
    *("/sys", "/tmp", "/usr"),
)
_NOT_THEMSELVES = ("/", "/home", "/mnt", "/opt", "/srv", "/var", "/var/lib", "/var/lib/flexvdi")
_VARIABLE_FOLDERS = ("/var/log", "/var/tmp", "/var/cache", "/var/run", "/var/lock", "/var/spool")


def check_mount_point(path: str) -> str:
    """An absolute path that something may be mounted on, in its plain form."""
    if not path.startswith("/"):
        raise ValueError(f"“{path}” is not an absolute path: it begins with /")
    if re.search(r"[\x00-\x20\x7f\\]", path):
        raise ValueError("a mount point holds no spaces, backslashes or control characters")
    if ".." in path.split("/"):
        raise ValueError(f"“{path}” leads back with ..: write the path that is meant")
    plain = "/" + "/".join(part for part in path.split("/") if part not in ("", "."))
    if plain in _NOT_THEMSELVES:
        raise ValueError(f"{plain} belongs to the host; mount on a folder below it")
    for folder in (*_SYSTEM_FOLDERS, *_VARIABLE_FOLDERS):
        if PurePosixPath(plain).is_relative_to(folder):
            raise ValueError(f"{folder} belongs to the host; mount somewhere else, as below /srv")
    return plain


def check_directory(path: str) -> str:
    """An absolute path in its plain form."""
    if not re.fullmatch(r"/[^\x00-\x20\x7f\\]*", path) or ".." in path.split("/"):
        raise ValueError(f"“{path}” is not an absolute path without spaces")
    return "/" + "/".join(part for part in path.split("/") if part not in ("", "."))


def check_mount_option(option: str) -> str:
    """One option of mount(8), as in ``nconnect=4``."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.:/@%+-]*(=[A-Za-z0-9_.:/@%+-]+)?", option):
        raise ValueError(f"“{option}” is not one mount option: write it as in nconnect=4")
    return option


_DEVICE = re.compile(
    r"/dev/(disk/by-[a-z]+/[A-Za-z0-9#+.:=@_\\-]+|mapper/[A-Za-z0-9#+.:=@_-]+|md/[A-Za-z0-9._-]+)"
)


def check_device(path: str) -> str:
    """A disk by a name that stays: ``/dev/disk/by-…/…`` or ``/dev/mapper/…``."""
    if re.fullmatch(r"(/dev/)?((s|v|xv|h)d[a-z]+|nvme\d+n\d+|dm-\d+)(p?\d+)?", path):
        raise ValueError(
            f"“{path}” may be another disk after the next boot: use its name "
            "in /dev/disk/by-id, which `flexvdi-config disks show` shows"
        )
    if not _DEVICE.fullmatch(path):
        raise ValueError(f"“{path}” is not a disk: write it as in /dev/disk/by-id/wwn-0x5000c500…")
    return path


def check_filesystem_source(source: str) -> str:
    """Where a filesystem is: a device by a stable name, or ``UUID=…`` or ``LABEL=…``."""
    if re.fullmatch(r"(UUID|LABEL|PARTUUID|PARTLABEL)=[A-Za-z0-9._-]+", source):
        return source
    return check_device(source)


_LVM_NAME = re.compile(r"[A-Za-z0-9_+.][A-Za-z0-9_+.-]*")
_LVM_RESERVED = re.compile(
    r"(snapshot|pvmove).*|.*_(cdata|cmeta|corig|imeta|iorig|mimage|mlog|pmspare|rimage|rmeta|"
    r"tdata|tmeta|vdata|vorigin|wcorig)(_.*|\d.*)?"
)
_LONGEST_DEVICE_MAPPER_NAME = 127


def check_volume_name(name: str) -> str:
    """The name of a volume group or logical volume after lvm(8)."""
    if not _LVM_NAME.fullmatch(name) or name in (".", ".."):
        raise ValueError(
            f"“{name}” is not a name for volumes: use letters, digits and + _ . -, "
            "with no - at the beginning"
        )
    if len(name) > _LONGEST_DEVICE_MAPPER_NAME:
        raise ValueError(f"a volume's name has at most {_LONGEST_DEVICE_MAPPER_NAME} characters")
    return name


def check_logical_volume_name(name: str) -> str:
    """As :func:`check_volume_name`, without the names that LVM keeps for itself."""
    check_volume_name(name)
    if _LVM_RESERVED.fullmatch(name):
        raise ValueError(f"“{name}” is a name that LVM keeps for itself")
    return name


def device_mapper_name(group: str, volume: str) -> str:
    """The name in ``/dev/mapper`` of a logical volume: hyphens are doubled."""
    return f"{group.replace('-', '--')}-{volume.replace('-', '--')}"


def check_store_name(name: str) -> str:
    """The name of a mount, which becomes that of its libvirt pool."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", name):
        raise ValueError(
            f"“{name}” is not a name: use letters, digits and - _ . (at most 63), a letter or "
            "digit first"
        )
    return name


def check_wwid(wwid: str) -> str:
    """The WWID of a LUN as multipathd shows it, as in ``36001405a1b2c3d4e5f60718293a4b5c6``."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:+-]{3,127}", wwid):
        raise ValueError(f"“{wwid}” is not a WWID: `flexvdi-config multipath show` shows them")
    return wwid


def check_alias(alias: str) -> str:
    """The name that a multipath device shall have in ``/dev/mapper``."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", alias):
        raise ValueError(f"“{alias}” is not an alias: use letters, digits and - _ .")
    if re.fullmatch(r"mpath[a-z]+", alias):
        raise ValueError(f"{alias} is a name that multipathd gives by itself; choose another")
    return alias


_UNITS: Mapping[str, int] = {
    "": 1,
    "B": 1,
    **{
        name: 1024**power
        for power, letter in enumerate("KMGTPE", 1)
        for name in (letter, f"{letter}IB")
    },
    **{f"{letter}B": 1000**power for power, letter in enumerate("KMGTPE", 1)},
}
_SMALLEST_VOLUME = 4 << 20


def parse_size(size: str | int) -> int:
    """Bytes in a size as in ``500 GiB``, ``2T`` (binary, as LVM reads it) or ``1.5 TB``."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)", str(size).strip())
    if not found or found[2].upper() not in _UNITS:
        raise ValueError(f"“{size}” is not a size: write it as in 500 GiB, 1.5 TiB or 800 GB")
    return (
        int(float(found[1]) * _UNITS[found[2].upper()])
        if "." in found[1]
        else (int(found[1]) * _UNITS[found[2].upper()])
    )


def check_volume_size(size: str | int) -> str:
    """A volume's size as text with its unit, or ``rest`` for all that is free."""
    text = " ".join(str(size).split())
    if text.lower() == "rest":
        return "rest"
    if parse_size(text) < _SMALLEST_VOLUME:
        raise ValueError(f"“{text}” is too small for a volume: at least 4 MiB (did you mean GiB?)")
    return text


def check_url(url: str) -> str:
    """An http or https URL with a host and without user name or password in it."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"“{url}” is not a URL: write it as in https://server/folder/file.iso")
    if parts.username or parts.password:
        raise ValueError("a URL is shown in logs, so it must hold no user name or password")
    if re.search(r"\s", url):
        raise ValueError("a URL holds no spaces: write them as %20")
    check_server(parts.hostname)
    return url


ISCSIName = Annotated[str, AfterValidator(check_iscsi_name)]
Portal = Annotated[str, AfterValidator(check_portal)]
NFSSource = Annotated[str, AfterValidator(check_nfs_source)]
MountPoint = Annotated[str, AfterValidator(check_mount_point)]
MountOption = Annotated[str, AfterValidator(check_mount_option)]
Directory = Annotated[str, AfterValidator(check_directory)]
Device = Annotated[str, AfterValidator(check_device)]
FilesystemSource = Annotated[str, AfterValidator(check_filesystem_source)]
GroupName = Annotated[str, AfterValidator(check_volume_name)]
VolumeName = Annotated[str, AfterValidator(check_logical_volume_name)]
StoreName = Annotated[str, AfterValidator(check_store_name)]
WWID = Annotated[str, AfterValidator(check_wwid)]
Alias = Annotated[str, AfterValidator(check_alias)]
VolumeSize = Annotated[str, BeforeValidator(check_volume_size)]
ChapUser = Annotated[str, AfterValidator(check_chap_user)]
