"""The storage of a host: iSCSI, multipath, local volumes and what is mounted where.

What the document does not name is left alone: other volume groups, other mounts, other sessions.
The checks here need no machine; what a disk holds is looked at when a plan is made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from foundation.secret import Secret
from host.document.network import InterfaceName
from host.document.storage_names import (
    WWID,
    Alias,
    ChapUser,
    Device,
    Directory,
    FilesystemSource,
    GroupName,
    ISCSIName,
    MountOption,
    MountPoint,
    NFSSource,
    Portal,
    StoreName,
    VolumeName,
    VolumeSize,
    check_chap_secret,
    device_mapper_name,
)

Purpose = Literal["image-storage", "media-storage", "other"]
"""What a mounted filesystem is for, in the product's words.

``image-storage``: an External Volume of an Image Storage, where guests' disk images lie;
``media-storage``: ISO images. Both get a libvirt pool; ``other`` is only mounted.
"""

FilesystemKind = Literal["xfs", "ext4"]


def _checked_secret(secret: Secret) -> Secret:
    check_chap_secret(secret.reveal())
    return secret


ChapSecret = Annotated[Secret, AfterValidator(_checked_secret)]


class _Section(BaseModel):
    # Errors must not repeat what was typed: it may be a secret.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _refuse_twice(what: str, names: list[str] | tuple[str, ...]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise ValueError(f"{what} {name} is given {count} times")


class Chap(_Section):
    """How initiator and target prove who they are (RFC 3720, 11.1).

    ``username`` and ``password`` prove this host to the target; the ``target_`` pair, which the
    target must then know too, proves the target to this host.
    """

    username: ChapUser
    password: ChapSecret
    target_username: ChapUser | None = None
    target_password: ChapSecret | None = None

    @model_validator(mode="after")
    def _both_ways(self) -> Self:
        if (self.target_username is None) != (self.target_password is None):
            raise ValueError("CHAP of the target needs both its user name and its secret")
        if self.target_password is not None and self.target_password == self.password:
            raise ValueError("the target's CHAP secret must differ from the host's (RFC 3720, 8.2)")
        return self


class DiscoveryPortal(_Section):
    """A portal that is asked which targets there are, with the CHAP for asking if it wants one."""

    address: Portal
    chap: Chap | None = None


class ISCSITarget(_Section):
    """A target to log in to at every boot, through each of its ``portals``.

    Two portals are two paths to the same disks: switch multipath on.
    """

    name: ISCSIName
    portals: tuple[Portal, ...]
    chap: Chap | None = None

    @field_validator("portals")
    @classmethod
    def _once(cls, portals: tuple[str, ...]) -> tuple[str, ...]:
        if not portals:
            raise ValueError("a target is reached through one portal at least")
        _refuse_twice("the portal", portals)
        return portals


class ISCSI(_Section):
    """This host as an iSCSI initiator.

    Without ``initiator_name`` the host keeps the one that was made at its first boot. Sessions
    go out through each of ``interfaces``, or where the routes lead if there are none.
    ``replacement_timeout`` is how many seconds a broken session may take to come back before its
    commands fail; None is 120, or 5 with multipath, which then takes another path.
    """

    initiator_name: ISCSIName | None = None
    interfaces: tuple[InterfaceName, ...] = ()
    portals: tuple[DiscoveryPortal, ...] = ()
    targets: tuple[ISCSITarget, ...] = ()
    replacement_timeout: Annotated[int, Field(ge=0, le=86400)] | None = None

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        _refuse_twice("the interface", self.interfaces)
        _refuse_twice("the portal", [portal.address for portal in self.portals])
        _refuse_twice("the target", [target.name for target in self.targets])
        return self


def _checked_retries(retries: str | int) -> str | int:
    if retries in ("fail", "queue") or (isinstance(retries, int) and 1 <= retries <= 10000):
        return retries
    raise ValueError(f"“{retries}” is not fail, queue, or a number of rounds from 1 to 10000")


class MultipathAlias(_Section):
    """A name of one's own for the LUN ``wwid``: ``/dev/mapper/NAME``."""

    name: Alias
    wwid: WWID


class Multipath(_Section):
    """One device for all paths to a LUN (multipath.conf(5) has the words used here).

    Without ``user_friendly_names`` devices are called by their WWID, the same on every host.
    ``no_path_retry`` says what happens to commands when no path is left: they fail at once, wait
    for ever, or wait for so many rounds of 5 seconds. 12 rounds outlast the restart of an array.
    """

    enabled: bool = False
    user_friendly_names: bool = False
    find_multipaths: Literal["strict", "no", "yes", "greedy", "smart"] = "yes"
    no_path_retry: Annotated[str | int, AfterValidator(_checked_retries)] = 12
    blacklist: tuple[WWID, ...] = ()
    aliases: tuple[MultipathAlias, ...] = ()

    @model_validator(mode="after")
    def _unambiguous(self) -> Self:
        _refuse_twice("the WWID", [*self.blacklist, *(alias.wwid for alias in self.aliases)])
        _refuse_twice("the alias", [alias.name for alias in self.aliases])
        return self


class LogicalVolume(_Section):
    """A logical volume: created where it is missing, grown where it is smaller, never shrunk.

    With a ``path`` its filesystem is mounted there at every boot. ``size`` is as in ``500 GiB``,
    or ``rest`` for all that is free in the group.
    """

    name: VolumeName
    size: VolumeSize
    filesystem: FilesystemKind | None = None
    path: MountPoint | None = None
    options: tuple[MountOption, ...] = ()
    purpose: Purpose = "other"

    @model_validator(mode="after")
    def _mountable(self) -> Self:
        if self.path is not None and self.filesystem is None:
            raise ValueError(f"{self.name} is to be mounted, so it needs a filesystem: xfs or ext4")
        if self.path is None and (self.options or self.purpose != "other"):
            raise ValueError(f"{self.name} has options or a purpose, but no path to be mounted on")
        return self


class VolumeGroup(_Section):
    """An LVM volume group on ``disks``: created where it is missing, extended by new disks."""

    name: GroupName
    disks: tuple[Device, ...]
    volumes: tuple[LogicalVolume, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.disks:
            raise ValueError(f"the volume group {self.name} needs one disk at least")
        _refuse_twice("the disk", self.disks)
        _refuse_twice(f"{self.name}: the volume", [volume.name for volume in self.volumes])
        if [volume.size for volume in self.volumes].count("rest") > 1:
            raise ValueError(f"{self.name}: only one volume can take the rest")
        for volume in self.volumes:
            if len(device_mapper_name(self.name, volume.name)) > 127:
                raise ValueError(f"the names {self.name} and {volume.name} are too long together")
        return self


class _Mount(_Section):
    """What every kind of mount has. ``timeout`` is what mounting may take, in seconds.

    With ``automount`` it is mounted when it is first used, and a server that is away delays
    nothing at boot. A host boots whether or not its mounts are there.
    """

    name: StoreName
    path: MountPoint
    purpose: Purpose = "other"
    options: tuple[MountOption, ...] = ()
    read_only: bool = False
    automount: bool = False
    timeout: Annotated[int, Field(ge=5, le=600)] = 30

    @field_validator("options")
    @classmethod
    def _none_that_has_a_field(cls, options: tuple[str, ...]) -> tuple[str, ...]:
        for option in options:
            word = option.partition("=")[0]
            if word in _OWN_FIELD:
                raise ValueError(f"{option} is not an option here: {_OWN_FIELD[word]}")
        return options


_OWN_FIELD = {
    "ro": "say read_only: true",
    "rw": "read_only: false is the default",
    "vers": "say version:",
    "nfsvers": "say version:",
    "noauto": "leave the mount out, or say automount: true",
    "nofail": "a host always boots without its mounts",
    "bg": "systemd mounts in the background by itself",
    "_netdev": "mounts over the network are known as such",
    "bind": "say kind: directory with a source",
}


class NFSMount(_Mount):
    """An NFS export.

    With ``hard`` (the default) programs wait until the server is back; without it they get an
    error after ``retrans`` tries, and guests may lose what they were writing. ``response_timeout``
    is how long to wait for an answer before asking again, in seconds.
    """

    kind: Literal["nfs"] = "nfs"
    source: NFSSource
    version: Literal["3", "4", "4.0", "4.1", "4.2"] = "4.2"
    hard: bool = True
    response_timeout: Annotated[int, Field(ge=1, le=600)] = 60
    retrans: Annotated[int, Field(ge=1, le=30)] = 2


class FilesystemMount(_Mount):
    """A filesystem that already is on a disk; ``network`` where that disk is reached over iSCSI."""

    kind: Literal["filesystem"] = "filesystem"
    source: FilesystemSource
    filesystem: FilesystemKind | Literal["ext3", "btrfs", "vfat", "ntfs3", "iso9660", "auto"] = (
        "auto"
    )
    network: bool = False


class DirectoryMount(_Mount):
    """A directory of the host itself, made if it is missing; with ``source``, that one, bound."""

    kind: Literal["directory"] = "directory"
    source: Directory | None = None

    @model_validator(mode="after")
    def _not_itself(self) -> Self:
        if self.source == self.path:
            raise ValueError(f"{self.path} is bound to itself: leave the source out")
        if self.source is None and (self.options or self.read_only or self.automount):
            raise ValueError(f"{self.name} is a plain directory, which has no options of mounting")
        return self


Mount = Annotated[NFSMount | FilesystemMount | DirectoryMount, Field(discriminator="kind")]


class Storage(_Section):
    """All storage of the host, besides the disks that the system itself is on."""

    iscsi: ISCSI = ISCSI()
    multipath: Multipath = Multipath()
    volume_groups: tuple[VolumeGroup, ...] = ()
    mounts: tuple[Mount, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        _refuse_twice("the volume group", [group.name for group in self.volume_groups])
        _refuse_twice("the disk", [d for group in self.volume_groups for d in group.disks])
        _refuse_twice("the name", [mount.name for mount in self.all_mounts()])
        _refuse_twice("the mount point", [mount.path for mount in self.all_mounts()])
        return self

    def all_mounts(self) -> Iterator[NFSMount | FilesystemMount | DirectoryMount]:
        """Every mount, those of logical volumes included; the name of these is ``GROUP-NAME``."""
        yield from self.mounts
        for group in self.volume_groups:
            for volume in group.volumes:
                if volume.path is not None and volume.filesystem is not None:
                    yield FilesystemMount(
                        name=f"{group.name}-{volume.name}",
                        path=volume.path,
                        purpose=volume.purpose,
                        options=volume.options,
                        source=f"/dev/mapper/{device_mapper_name(group.name, volume.name)}",
                        filesystem=volume.filesystem,
                    )
