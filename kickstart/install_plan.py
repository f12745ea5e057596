"""InstallPlan: what a kickstart, or the installer's screens, boil down to.

A plan says what is to be; it has not seen the machine yet. Disks are named as the author named
them (``sda``, ``/dev/disk/by-id/…``, globs); the installer resolves them, checks the whole plan
against the machine, and only then writes. Sizes are MiB, as in kickstart.

Every item keeps ``where`` (``file:line``), so that a refusal can point at what a person wrote.
The plan travels as JSON from the kickstart reader's process to the installer, through pipes only.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from foundation.secret import Secret
from host.document.deployment import UnattendedDeployment
from host.document.model import HostDocument

PLAN_VERSION = 1

SizeMiB = Annotated[int, Field(ge=1)]


class PlanItem(BaseModel):
    """What all parts of a plan share."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Located(PlanItem):
    """A part that stems from one line of a kickstart; ``where`` is empty when typed on screens."""

    where: str = ""


# --- disks ---


class DiskUse(Located):
    """``ignoredisk``: the disks that may be used at all (all when empty) and those that may not."""

    only: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


class Clearing(Located):
    """``clearpart`` and ``zerombr``: what may be erased.

    ``scope`` ``none`` erases nothing, ``all`` and ``linux`` as kickstart defines them, ``list``
    the partitions in ``partitions``; ``disks`` narrows it to some disks. ``initialize_labels``
    gives every cleared disk a new GPT. ``zerombr`` lets disks whose partition table is damaged or
    unknown be initialised. Without a Clearing, nothing that holds data is touched.
    """

    scope: Literal["none", "all", "linux", "list"] = "none"
    disks: tuple[str, ...] = ()
    partitions: tuple[str, ...] = ()
    initialize_labels: bool = False
    zerombr: bool = False


class Formatted(Located):
    """What every container of a filesystem has.

    ``mount_point`` is an absolute path, ``swap`` or None; ``filesystem`` None means the base's
    default for that mount point. ``mount_options`` is fstab's fourth field, ``mkfs_options`` extra
    words for mkfs.
    """

    mount_point: str | None = None
    filesystem: str | None = None
    label: str | None = None
    mount_options: str | None = None
    mkfs_options: str | None = None
    format: bool = True


class Partition(Formatted):
    """``part``. ``name`` is the author's handle (``pv.01``, ``raid.11``) or the mount point.

    ``role`` tells what it holds: a filesystem, an LVM physical volume, a RAID member, the EFI
    System Partition, GRUB's BIOS boot area, or swap. ``size`` MiB is its least size; with ``grow``
    it takes what is left, up to ``max_size``. ``disk`` None lets the installer choose a disk.
    ``existing`` (``--onpart``/``--usepart``) uses a partition that is already there.
    """

    name: str
    role: Literal[
        "filesystem", "physical-volume", "raid-member", "efi", "bios-boot", "swap", "prep"
    ]
    disk: str | None = None
    existing: str | None = None
    size: SizeMiB | None = None
    grow: bool = False
    max_size: SizeMiB | None = None
    recommended: bool = False


class RaidArray(Formatted):
    """``raid``: an MD array ``device`` (its name, as in ``boot``) made of raid partitions.

    ``volume_name`` is its handle when it is a physical volume (``pv.01``).
    """

    device: str
    level: Literal["0", "1", "4", "5", "6", "10"]
    members: tuple[str, ...]
    spares: int = 0
    volume_name: str | None = None
    metadata: str | None = None
    chunk_size_kib: int | None = None


class VolumeGroup(Located):
    """``volgroup``; the reserved part (MiB or percent) stays free, as room for root slot B."""

    name: str
    members: tuple[str, ...]
    extent_kib: int = 4096
    reserved: int = 0
    reserved_percent: int = 0
    existing: bool = False


class LogicalVolume(Formatted):
    """``logvol``: a plain, thin-pool or thin volume in ``group``.

    ``size`` MiB, or ``percent`` of the group's free space; ``grow`` takes what is left up to
    ``max_size``; ``recommended`` leaves the size of swap to the installer. A thin volume names its
    ``pool``. ``metadata_size`` (MiB) and ``chunk_size_kib`` are a thin pool's.
    """

    name: str
    group: str
    kind: Literal["plain", "thin-pool", "thin"] = "plain"
    pool: str | None = None
    size: SizeMiB | None = None
    percent: Annotated[int, Field(ge=1, le=100)] | None = None
    grow: bool = False
    max_size: SizeMiB | None = None
    recommended: bool = False
    metadata_size: SizeMiB | None = None
    chunk_size_kib: int | None = None
    existing: bool = False


class AutomaticLayout(Located):
    """``autopart``: the product's own layout on the disks that may be used."""

    scheme: Literal["plain", "lvm", "thinp"] = "lvm"
    filesystem: str | None = None
    home: bool = False
    swap: bool = True
    boot: bool = True


class Storage(PlanItem):
    """All that is said about disks. Either ``automatic`` or the explicit lists are set.

    ``required`` (``reqpart``) adds the partitions the firmware needs (``with_boot``: and /boot).
    ``mirror_boot`` puts BIOS boot areas and ESPs on every disk that carries a member of a mirror,
    so that each half boots alone.
    """

    use: DiskUse = DiskUse()
    clearing: Clearing | None = None
    automatic: AutomaticLayout | None = None
    required: bool = False
    required_with_boot: bool = False
    partitions: tuple[Partition, ...] = ()
    raids: tuple[RaidArray, ...] = ()
    groups: tuple[VolumeGroup, ...] = ()
    volumes: tuple[LogicalVolume, ...] = ()
    mirror_boot: bool = True


class Bootloader(Located):
    """``bootloader``: extra kernel arguments, the disks to boot from, menu timeout in seconds."""

    append: str = ""
    boot_drive: str | None = None
    drives: tuple[str, ...] = ()
    timeout: int | None = None
    password_hash: Secret | None = None
    location: Literal["default", "none"] = "default"
    leave_boot_order: bool = False


# --- network ---


class NetworkDevice(Located):
    """A wired port of the document that the installer has yet to find on the machine.

    ``name`` is its name in the document until then: ``link`` (the first port with a link),
    ``bootif`` (the port the machine booted from) or one made of ``mac``. ``pin`` asks for the
    permanent MAC address of the port to be kept in the document (``--bindto=mac``, and always
    where no name was given), so that it is found whatever the kernel calls it. See
    :func:`kickstart.devices.with_devices`.
    """

    name: str
    by: Literal["name", "mac", "link", "bootif"]
    mac: str | None = None
    pin: bool = False


# --- people, programs, services ---


class Group(Located):
    """``group``."""

    name: str
    gid: int | None = None


class User(Located):
    """``user``: an account, as it is to be made. Everybody in ``wheel`` is an administrator of
    the document as well.

    The reader hashes passwords at once (``crypted`` is True then); in clear they come from
    screens only.
    """

    name: str
    full_name: str = ""
    password: Secret | None = None
    crypted: bool = False
    locked: bool = False
    uid: int | None = None
    gid: int | None = None
    home: str | None = None
    shell: str | None = None
    groups: tuple[str, ...] = ()
    ssh_keys: tuple[str, ...] = ()


class RootPassword(Located):
    """``rootpw``. A password that is not locked is also the document's ``root_password_hash``.

    ``allow_ssh`` is the document's ``ssh_passwords``. ``crypted`` as in :class:`User`.
    """

    password: Secret | None = None
    crypted: bool = False
    locked: bool = False
    allow_ssh: bool = False


class Services(Located):
    """``services``: systemd units to enable and to disable on the installed host."""

    enabled: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()


class SELinux(Located):
    """``selinux``; refused by bases without it unless disabled or permissive."""

    mode: Literal["enforcing", "permissive", "disabled"]


class Script(Located):
    """A script section. ``where`` is its head; ``text`` starts on the line after it.

    ``pre`` runs before the answers are read to the end, ``pre-install`` when the disks are
    prepared, ``post`` when the system is copied, ``onerror`` when something failed.
    """

    stage: Literal["pre", "pre-install", "post", "onerror"]
    text: str
    interpreter: str = "/bin/sh"
    in_target: bool = False
    stop_on_error: bool = False
    log: str | None = None


class Payload(Located):
    """``liveimg``: another image than the medium's own; ``sha256`` of it in hexadecimal."""

    url: str
    sha256: str | None = None
    proxy: str | None = None
    verify_tls: bool = True


class Logging(Located):
    """``logging``: where the installer's log goes as it is written (syslog over UDP)."""

    host: str
    port: int = 514


class Note(Located):
    """Something the author should know: a command that makes no difference here, and why."""

    text: str


class Addon(PlanItem):
    """What ``%addon com_flexvdi`` says besides the host document.

    ``report_url`` gets the report of the installation by POST, on success and on failure.
    ``join_token`` lets the host join, at its first boot, the platform in ``document.membership``;
    with ``join_replace`` also in the place of the host that is known there by its identity or name.
    ``manager`` is one that the host is to deploy then.
    """

    report_url: str | None = None
    join_token: Secret | None = None
    join_replace: bool = False
    manager: UnattendedDeployment | None = None


class InstallPlan(PlanItem):
    """Everything an installation is to do. ``source`` is the file or URL it was read from.

    ``document`` is what the host goes on managing, ``%addon com_flexvdi`` included: identity,
    time, network, firewall, and of people root's hash and keys and the administrators. ``users``
    and ``groups`` are the accounts to make, administrators among them. ``network_active`` are the
    interfaces to bring up during the installation, and ``network_devices`` those that have yet to
    be found on the machine.
    """

    plan_version: int = PLAN_VERSION
    source: str = ""
    document: HostDocument = HostDocument()
    network_active: tuple[str, ...] = ()
    network_devices: tuple[NetworkDevice, ...] = ()
    storage: Storage = Storage()
    bootloader: Bootloader = Bootloader()
    root_password: RootPassword | None = None
    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    root_ssh_keys: tuple[str, ...] = ()
    installer_ssh: tuple[User, ...] = ()
    services: Services = Services()
    selinux: SELinux | None = None
    payload: Payload | None = None
    scripts: tuple[Script, ...] = ()
    logging: Logging | None = None
    addon: Addon = Addon()
    rescue: bool = False
    finish: Literal["reboot", "poweroff", "halt", "wait"] = "wait"
    eject: bool = False
    notes: tuple[Note, ...] = ()
