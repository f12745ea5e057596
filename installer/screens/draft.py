"""What a person has answered so far, and the InstallPlan that it comes to. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

from foundation.secret import Secret
from host.document.model import Access, HostDocument, Identity, Time
from host.document.network import (
    VLAN,
    Ethernet,
    IPv4Settings,
    IPv6Settings,
    Network,
)
from installer.machine.model import Disk, Machine
from installer.storage.product_layout import product_storage
from kickstart.install_plan import Clearing, DiskUse, InstallPlan, RootPassword, Storage

Address = IPv4Interface | IPv6Interface
Server = IPv4Address | IPv6Address


@dataclass(frozen=True)
class NetworkDraft:
    """The management network; ``address`` None is DHCP, ``port`` empty leaves all ports to DHCP."""

    port: str = ""
    vlan: int | None = None
    address: Address | None = None
    gateway: Server | None = None
    dns_servers: tuple[Server, ...] = ()


@dataclass(frozen=True)
class Draft:
    """All answers, with defaults. The root password is kept as a hash only."""

    language: str = "en_US.UTF-8"
    keyboard: str = "us"
    disks: tuple[str, ...] = ()
    network: NetworkDraft = NetworkDraft()
    hostname: str = "flexvdi-host"
    timezone: str = "UTC"
    ntp_servers: tuple[str, ...] = ()
    root_password_hash: Secret | None = None
    root_ssh_key: str | None = None


def plan_of(draft: Draft, machine: Machine, unpacked_size: int) -> InstallPlan:
    """The plan that ``draft`` means on ``machine``; raises ValueError for a bad network.

    The disks chosen get the product's own layout; several are mirrored. Everything on them is
    erased: the person confirms that by typing their names.
    """
    disks = tuple(machine.disk(name) for name in draft.disks)
    keys = (draft.root_ssh_key,) if draft.root_ssh_key else ()
    document = HostDocument(
        identity=Identity(
            hostname=draft.hostname, language=draft.language, keyboard=draft.keyboard
        ),
        time=Time(timezone=draft.timezone, ntp_servers=draft.ntp_servers),
        network=network_of(draft.network, machine),
        access=Access(root_password_hash=draft.root_password_hash, root_ssh_keys=keys),
    )
    return InstallPlan(
        document=document,
        storage=_storage(disks, machine, unpacked_size),
        root_password=RootPassword(password=draft.root_password_hash, crypted=True),
        root_ssh_keys=keys,
        finish="reboot",
    )


def _storage(disks: tuple[Disk, ...], machine: Machine, unpacked_size: int) -> Storage:
    names = tuple(disk.name for disk in disks)
    storage = Storage(
        use=DiskUse(only=names),
        clearing=Clearing(scope="all", disks=names, initialize_labels=True, zerombr=True),
    )
    return product_storage(storage, disks, memory=machine.memory, unpacked_size=unpacked_size)


def network_of(draft: NetworkDraft, machine: Machine) -> Network:
    """The host document's network: a port, maybe a VLAN on it, DHCP or one address."""
    if not draft.port:
        return Network()
    mac = next((port.mac for port in machine.network_ports if port.name == draft.port), None)
    ipv4, ipv6 = _addressing(draft)
    if draft.vlan is None:
        only = Ethernet(
            name=draft.port, mac=mac, ipv4=ipv4, ipv6=ipv6, dns_servers=draft.dns_servers
        )
        return Network(interfaces=(only,), management=only.name)
    parent = Ethernet(
        name=draft.port,
        mac=mac,
        ipv4=IPv4Settings(method="disabled"),
        ipv6=IPv6Settings(method="disabled"),
    )
    tagged = VLAN(
        name=f"{draft.port}.{draft.vlan}"[-15:],
        parent=draft.port,
        id=draft.vlan,
        ipv4=ipv4,
        ipv6=ipv6,
        dns_servers=draft.dns_servers,
    )
    return Network(interfaces=(parent, tagged), management=tagged.name)


def _addressing(draft: NetworkDraft) -> tuple[IPv4Settings, IPv6Settings]:
    address, gateway = draft.address, draft.gateway
    if address is None:
        return IPv4Settings(), IPv6Settings()
    if isinstance(address, IPv6Interface):
        if isinstance(gateway, IPv4Address):
            raise ValueError("the gateway is of the other IP version than the address")
        return IPv4Settings(method="disabled"), IPv6Settings(
            method="manual", addresses=(address,), gateway=gateway
        )
    if isinstance(gateway, IPv6Address):
        raise ValueError("the gateway is of the other IP version than the address")
    return (
        IPv4Settings(method="manual", addresses=(address,), gateway=gateway),
        IPv6Settings(),
    )
