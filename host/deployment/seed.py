"""The seed of a Manager: files that tell the appliance who it is (foundation.appliance_seed)."""

from __future__ import annotations

from ipaddress import ip_interface
from typing import Any

from foundation.appliance_seed import (
    SEED_LABEL,
    ApplianceSeed,
    SeedAdministrator,
    user_data_text,
)
from foundation.secret import MASK, Secret
from host.deployment.descriptor import ManagerDescriptor
from host.deployment.iso9660 import make_medium
from host.document.deployment import DeploymentRequest


def seed_for(request: DeploymentRequest, join_token: Secret, setup_secret: Secret) -> ApplianceSeed:
    """What the appliance is told once; with an administrator, no set-up is left to be done."""
    administrator = None
    if request.password_hash is not None:
        administrator = SeedAdministrator(
            name=request.administrator, password_hash=request.password_hash
        )
    return ApplianceSeed(
        administrator=administrator,
        setup_secret=None if administrator else setup_secret,
        join_token=join_token if request.enrol else None,
        names=(request.hostname, request.ip),
        time_servers=request.time_servers,
        ssh_keys=request.ssh_keys,
    )


def seed_texts(descriptor: ManagerDescriptor, seed: ApplianceSeed | None) -> dict[str, str]:
    """The files of the medium; without a ``seed`` only what the appliance needs at every start."""
    texts = {
        "meta-data": _yaml(
            {
                "instance-id": f"{descriptor.id}-{descriptor.instance}",
                "local-hostname": descriptor.hostname,
            }
        ),
        "network-config": _yaml(_network(descriptor)),
        "user-data": user_data_text(seed or _lasting(descriptor)),
    }
    return dict(sorted(texts.items()))


def _lasting(descriptor: ManagerDescriptor) -> ApplianceSeed:
    """What counts at every start, and is no secret."""
    return ApplianceSeed(
        names=(descriptor.hostname, descriptor.ip),
        time_servers=descriptor.time_servers,
        ssh_keys=descriptor.ssh_keys,
    )


def masked(texts: dict[str, str], seed: ApplianceSeed) -> dict[str, str]:
    """The same for eyes and logs."""
    secrets = [seed.setup_secret, seed.join_token]
    if seed.administrator is not None:
        secrets.append(seed.administrator.password_hash)
    shown = dict(texts)
    for secret in filter(None, secrets):
        shown = {name: text.replace(secret.reveal(), MASK) for name, text in shown.items()}
    return shown


def seed_medium(texts: dict[str, str]) -> bytes:
    """The ISO image."""
    return make_medium(SEED_LABEL, {name: text.encode() for name, text in texts.items()})


def _network(descriptor: ManagerDescriptor) -> dict[str, Any]:
    """Version 2 of cloud-init's format, for the one interface there is."""
    own = ip_interface(descriptor.address)
    interface: dict[str, Any] = {
        "match": {"macaddress": descriptor.mac},
        "dhcp4": False,
        "addresses": [str(own)],
    }
    if descriptor.gateway:
        default = "0.0.0.0/0" if own.version == 4 else "::/0"
        interface["routes"] = [{"to": default, "via": descriptor.gateway}]
    if descriptor.dns:
        interface["nameservers"] = {"addresses": list(descriptor.dns)}
    return {"version": 2, "ethernets": {"manager": interface}}


def _yaml(values: dict[str, Any]) -> str:
    import yaml

    return str(yaml.safe_dump(values, sort_keys=False))
