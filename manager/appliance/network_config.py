"""``network-config`` of a seed: versions 1 and 2 of cloud-init's format, as far as one needs them.

What is not understood is refused by its name: an address that was meant and not set would leave a
Manager that nobody can reach.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from foundation.failure import Failure

_REMEDY = "Correct network-config in the seed, and start the machine again."


@dataclass(frozen=True)
class Route:
    """``to`` with prefix length, over the gateway ``via``; smaller ``metric`` first."""

    to: str
    via: str
    metric: int | None = None


@dataclass(frozen=True)
class Interface:
    """One Ethernet device, found by ``mac_address`` or else by its ``name``; ``mtu`` in bytes."""

    name: str
    mac_address: str = ""
    dhcp4: bool = False
    dhcp6: bool = False
    addresses: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    name_servers: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    mtu: int | None = None


def _interface(text: Any) -> str:
    if "/" not in str(text):
        raise ValueError("the prefix length is missing, as in 192.0.2.5/24")
    return str(ipaddress.ip_interface(text))


def _network(text: Any) -> str:
    if text == "default":
        return "0.0.0.0/0"
    return str(ipaddress.ip_network(text))


_Address = Annotated[str, BeforeValidator(lambda text: str(ipaddress.ip_address(text)))]
_WithPrefix = Annotated[str, BeforeValidator(_interface)]
_Network = Annotated[str, BeforeValidator(_network)]
_Mac = Annotated[str, Field(pattern=r"^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$")]
_Mtu = Annotated[int, Field(ge=576, le=9216)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class _Match(_Table):
    macaddress: _Mac


class _Servers(_Table):
    addresses: tuple[_Address, ...] = ()
    search: tuple[str, ...] = ()


class _Route2(_Table):
    to: _Network
    via: _Address
    metric: int | None = None


class _Ethernet(_Table):
    match: _Match | None = None
    set_name: str = Field(default="", alias="set-name")
    dhcp4: bool = False
    dhcp6: bool = False
    addresses: tuple[_WithPrefix, ...] = ()
    gateway4: _Address = ""
    gateway6: _Address = ""
    routes: tuple[_Route2, ...] = ()
    nameservers: _Servers = _Servers()
    mtu: _Mtu | None = None
    optional: bool = False


class _Version2(_Table):
    version: Literal[2]
    renderer: str = ""
    ethernets: dict[str, _Ethernet]


class _Subnet(_Table):
    type: Literal["dhcp", "dhcp4", "dhcp6", "static", "static6"]
    address: str = ""
    netmask: str = ""
    gateway: _Address = ""
    dns_nameservers: tuple[_Address, ...] | _Address = ()
    dns_search: tuple[str, ...] | str = ()


class _Physical(_Table):
    type: Literal["physical"]
    name: str
    mac_address: _Mac | None = None
    mtu: _Mtu | None = None
    subnets: tuple[_Subnet, ...] = ()


class _NameServer(_Table):
    type: Literal["nameserver"]
    address: tuple[_Address, ...] | _Address = ()
    search: tuple[str, ...] | str = ()


class _Version1(_Table):
    version: Literal[1]
    config: tuple[Annotated[_Physical | _NameServer, Field(discriminator="type")], ...]


def read_network_config(document: Any) -> tuple[Interface, ...]:
    """The interfaces that a document (already read from YAML) names; raises Failure."""
    if isinstance(document, dict) and set(document) == {"network"}:
        document = document["network"]
    version = document.get("version") if isinstance(document, dict) else None
    if version not in (1, 2):
        raise Failure(
            f"network-config is of version {version!r}; versions 1 and 2 are known.", _REMEDY
        )
    try:
        if version == 2:
            found = _of_version_2(_Version2.model_validate(document))
        else:
            found = _of_version_1(_Version1.model_validate(document))
    except (ValidationError, ValueError) as error:
        raise Failure(f"network-config cannot be used: {_told(error)}.", _REMEDY) from error
    if not found:
        raise Failure("network-config names no interface.", _REMEDY)
    return found


def _of_version_2(said: _Version2) -> tuple[Interface, ...]:
    return tuple(
        Interface(
            name=name,
            mac_address=one.match.macaddress.lower() if one.match else "",
            dhcp4=one.dhcp4,
            dhcp6=one.dhcp6,
            addresses=one.addresses,
            routes=(
                *_default_routes(one.gateway4, one.gateway6),
                *(Route(route.to, route.via, route.metric) for route in one.routes),
            ),
            name_servers=one.nameservers.addresses,
            search=one.nameservers.search,
            mtu=one.mtu,
        )
        for name, one in said.ethernets.items()
    )


def _of_version_1(said: _Version1) -> tuple[Interface, ...]:
    servers = [one for one in said.config if isinstance(one, _NameServer)]
    everywhere = [address for one in servers for address in _many(one.address)]
    search = [domain for one in servers for domain in _many(one.search)]
    found = []
    for one in said.config:
        if not isinstance(one, _Physical):
            continue
        kinds = [subnet.type for subnet in one.subnets]
        fixed = [subnet for subnet in one.subnets if subnet.type in ("static", "static6")]
        gateways = [subnet.gateway for subnet in fixed if subnet.gateway]
        found.append(
            Interface(
                name=one.name,
                mac_address=(one.mac_address or "").lower(),
                dhcp4="dhcp" in kinds or "dhcp4" in kinds,
                dhcp6="dhcp6" in kinds,
                addresses=tuple(_address_of(subnet) for subnet in fixed),
                routes=tuple(Route(_default_for(gateway), gateway) for gateway in gateways),
                name_servers=(
                    *(server for each in fixed for server in _many(each.dns_nameservers)),
                    *everywhere,
                ),
                search=(*(name for each in fixed for name in _many(each.dns_search)), *search),
                mtu=one.mtu,
            )
        )
    return tuple(found)


def _address_of(subnet: _Subnet) -> str:
    text = subnet.address
    if "/" not in text and subnet.netmask:
        text = f"{text}/{subnet.netmask}"
    return _interface(text)


def _default_routes(*gateways: str) -> tuple[Route, ...]:
    return tuple(Route(_default_for(gateway), gateway) for gateway in gateways if gateway)


def _default_for(gateway: str) -> str:
    return "0.0.0.0/0" if ipaddress.ip_address(gateway).version == 4 else "::/0"


def _many(said: tuple[str, ...] | str) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else said


def _told(error: ValidationError | ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(
        f"{'.'.join(map(str, each['loc']))}: {each['msg']}"
        for each in error.errors(include_input=False, include_url=False)
    )
