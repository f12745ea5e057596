"""What there is to know about a Manager's guest, kept beside its disks and on its host."""

from __future__ import annotations

import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from foundation.failure import Failure
from host.document.system_files import FileContent
from host.machine import Machine
from host.machine.manager.images import StorageAway

DESCRIPTOR_NAME = "flexvdi-manager.json"
POINTER_FILE = "etc/flexvdi/manager-guest.json"


class ManagerDescriptor(BaseModel):
    """A Manager's guest.

    ``epoch`` grows with each start by us; ``running_on`` is the host that started it and has not
    seen it end, so a host that shares the storage and is not that one must not start it.
    ``fingerprint`` is that of the Manager's authority. ``memory`` is in MiB. The disks are names
    in the descriptor's own folder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    id: str
    name: str
    hostname: str
    state: Literal["deploying", "ready"] = "deploying"
    epoch: int = 0
    running_on: str = ""
    address: str
    gateway: str | None = None
    dns: tuple[str, ...] = ()
    time_servers: tuple[str, ...] = ()
    ssh_keys: tuple[str, ...] = ()
    port: int = 443
    fingerprint: str = ""
    version: str
    base: str
    mac: str
    bridge: str
    vcpus: int
    memory: int
    display: Literal["spice", "vnc", "none"]
    direct: bool = True
    autostart: bool = True
    instance: int = 1
    system: str = "system.qcow2"
    data: str = "data.qcow2"
    seed: str = "seed.iso"
    created: float = 0.0
    backup_hour: int | None = Field(default=None, ge=0, le=23)

    @property
    def ip(self) -> str:
        """The address alone."""
        return self.address.partition("/")[0]

    def changed(self, **values: object) -> ManagerDescriptor:
        """The same with other values."""
        return ManagerDescriptor(**{**dict(self), **values})

    def text(self) -> str:
        """As it is kept; it holds no secret."""
        return json.dumps(self.model_dump(mode="json"), indent=1) + "\n"


class Kept(BaseModel):
    """A descriptor and the folder it lies in, as a host keeps them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: str
    descriptor: ManagerDescriptor

    def path(self, name: str) -> str:
        """Of a file beside the descriptor."""
        return f"{self.folder}/{name}"


def read_descriptor(text: str | bytes, where: str) -> ManagerDescriptor:
    """Raises Failure when it is none that can be used."""
    try:
        return ManagerDescriptor.model_validate_json(text)
    except ValidationError as error:
        raise Failure(
            f"{where} is damaged, or of a newer version.",
            "Copy it from /etc/flexvdi/manager-guest.json of the host that ran the Manager.",
            details=str(error.errors(include_input=False, include_url=False)),
        ) from error


def kept_on(machine: Machine) -> Kept | None:
    """The Manager that this host knows; None when it knows none.

    What lies beside the disks counts, for another host may have written it; the copy on this host
    says what is known while that storage is away.
    """
    content = machine.files.read(POINTER_FILE)
    if content is None:
        return None
    try:
        kept = Kept.model_validate_json(content.text)
    except ValidationError as error:
        raise Failure(
            f"/{POINTER_FILE} is damaged.",
            "Remove it, then run `flexvdi-config manager adopt`.",
        ) from error
    try:
        return in_folder(machine, kept.folder) or kept
    except StorageAway:
        return kept


def in_folder(machine: Machine, folder: str) -> Kept | None:
    """The Manager in a folder; None when there is none."""
    path = f"{folder}/{DESCRIPTOR_NAME}"
    data = machine.manager.images.read(path)
    return Kept(folder=folder, descriptor=read_descriptor(data, path)) if data else None


def keep(machine: Machine, kept: Kept) -> None:
    """Write the descriptor beside the disks, then on this host."""
    text = kept.descriptor.text()
    machine.manager.images.write(f"{kept.folder}/{DESCRIPTOR_NAME}", text.encode(), 0o644)
    machine.files.put(POINTER_FILE, FileContent(kept.model_dump_json(indent=1) + "\n", 0o600))


def forget(machine: Machine) -> None:
    """Let this host know of no Manager."""
    machine.files.put(POINTER_FILE, None)


def find_all(machine: Machine, folders: tuple[str, ...]) -> tuple[Kept, ...]:
    """Managers below ``folders``, one level deep; those that cannot be read are passed over."""
    found: dict[str, Kept] = {}
    for folder in folders:
        try:
            names = machine.manager.images.entries(folder)
        except StorageAway:
            continue
        for name in names:
            try:
                kept = in_folder(machine, f"{folder.rstrip('/')}/{name}")
            except Failure:
                continue
            if kept is not None:
                found.setdefault(kept.folder, kept)
    return tuple(found.values())
