"""The seed: found on the volume ``cidata``, read, checked, and what of it is kept.

A seed counts once: what it says is kept on the data disk, under its ``instance-id``. Once the
Manager has answered, the same identifier again changes nothing; another one changes address, name,
keys and time servers. Secrets are taken over only while no Manager has used these data yet, and lie
in a file of their own until the Manager has made use of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from foundation.appliance_seed import (
    SEED_LABEL,
    ApplianceSeed,
    SeedAdministrator,
    read_user_data,
)
from foundation.atomic_file import write_atomically
from foundation.failure import Failure
from foundation.process import run
from foundation.secret import Secret
from manager.appliance.block_devices import BlockDevice
from manager.appliance.network_config import Interface, read_network_config
from manager.appliance.places import Places

_REMEDY = "Correct the seed, and start the machine again."
_MOST_BYTES = 1 << 20


class MetaData(BaseModel):
    """``meta-data``: the identity of the seed, and the machine's name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instance_id: str
    host_name: str = ""


class Instance(BaseModel):
    """What is kept of a seed: all but its secrets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instance_id: str = ""
    host_name: str = "flexvdi-manager"
    names: tuple[str, ...] = ()
    time_servers: tuple[str, ...] = ()
    timezone: str = "UTC"
    ssh_keys: tuple[str, ...] = ()
    interfaces: tuple[Interface, ...] = ()


class FirstStart(BaseModel):
    """The secrets of a seed, for the Manager's first start."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    administrator: SeedAdministrator | None = None
    setup_secret: Secret | None = None
    join_token: Secret | None = None

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.administrator or self.setup_secret or self.join_token)


@dataclass(frozen=True)
class Taken:
    """What was made of a seed: the instance that counts now, and whether it is a new one."""

    instance: Instance
    is_new: bool


def seed_device(known: Sequence[BlockDevice]) -> str | None:
    """The device that holds a seed; raises Failure when there are two."""
    found = [device.path for device in known if device.label.lower() == SEED_LABEL]
    if len(found) > 1:
        raise Failure(
            f"There are two seeds: {', '.join(found)}.", "Leave only one, and start again."
        )
    return found[0] if found else None


def files_on(device: str, places: Places) -> dict[str, str]:
    """The texts on the volume, by name in lower case. Raises Failure."""
    folder = places.run / "seed"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.path.ismount(folder):
        run(["umount", str(folder)])
    run(["mount", "-o", "ro,nodev,nosuid,noexec", device, str(folder)])
    try:
        return read_files(folder)
    finally:
        run(["umount", str(folder)])


def read_files(folder: Path) -> dict[str, str]:
    """The texts in ``folder``."""
    texts = {}
    for path in sorted(folder.iterdir()):
        if not path.is_file():
            continue
        if path.stat().st_size > _MOST_BYTES:
            raise Failure(f"{path.name} in the seed is larger than 1 MiB.", _REMEDY)
        try:
            texts[path.name.lower()] = path.read_text()
        except UnicodeDecodeError as error:
            raise Failure(f"{path.name} in the seed is not UTF-8 text.", _REMEDY) from error
    return texts


def read_seed(texts: dict[str, str]) -> tuple[Instance, FirstStart]:
    """What the files of a seed say; raises Failure that names file and field."""
    identity = _meta_data(texts)
    said = read_user_data(texts["user-data"]) if "user-data" in texts else ApplianceSeed()
    interfaces: tuple[Interface, ...] = ()
    if texts.get("network-config", "").strip():
        interfaces = read_network_config(_yaml("network-config", texts["network-config"]))
    instance = Instance(
        instance_id=identity.instance_id,
        host_name=identity.host_name or "flexvdi-manager",
        names=said.names,
        time_servers=said.time_servers,
        timezone=said.timezone,
        ssh_keys=said.ssh_keys,
        interfaces=interfaces,
    )
    secrets = FirstStart(
        administrator=said.administrator,
        setup_secret=said.setup_secret,
        join_token=said.join_token,
    )
    return instance, secrets


def take(
    texts: dict[str, str] | None,
    places: Places,
    *,
    data_used: bool,
    check: Callable[[Instance], None] = lambda _: None,
) -> Taken:
    """Keep what a seed says, if there is one and it is new; what counts from now on.

    ``data_used`` tells that a Manager has answered with these data already: then secrets of a
    seed mean nothing any more. Until then every seed is taken anew, so that a wrong one can be
    corrected. ``check`` raises Failure for a seed that cannot be kept.
    """
    kept = kept_instance(places)
    if texts is None:
        return Taken(kept or Instance(), is_new=False)
    instance, secrets = read_seed(texts)
    if data_used and kept is not None and kept.instance_id == instance.instance_id:
        return Taken(kept, is_new=False)
    check(instance)
    if secrets and not data_used:
        write_atomically(places.first_start, secrets.model_dump_json(), 0o600)
    # The instance last: cut off before, the seed is taken once more.
    write_atomically(places.instance, instance.model_dump_json(indent=1), 0o600)
    return Taken(instance, is_new=True)


def kept_instance(places: Places) -> Instance | None:
    """What an earlier seed said."""
    try:
        return Instance.model_validate_json(places.instance.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        raise Failure(
            "The settings that were kept of the seed cannot be read.",
            "Attach a seed with another instance-id, which replaces them.",
            details=str(error),
        ) from error


def _meta_data(texts: dict[str, str]) -> MetaData:
    if "meta-data" not in texts:
        raise Failure("The seed has no meta-data.", _REMEDY)
    said = _yaml("meta-data", texts["meta-data"])
    known = {"instance-id": "instance_id", "local-hostname": "host_name"}
    if not isinstance(said, dict) or not said.get("instance-id"):
        raise Failure("meta-data has no instance-id.", _REMEDY)
    unknown = sorted(str(name) for name in said.keys() - known.keys())
    if unknown:
        raise Failure(
            f"meta-data says what is not known here: {', '.join(unknown)}.",
            f"Use only {', '.join(known)}.",
        )
    return MetaData.model_validate({known[name]: str(value) for name, value in said.items()})


def _yaml(name: str, text: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Failure(f"{name} in the seed is not YAML.", _REMEDY) from error
