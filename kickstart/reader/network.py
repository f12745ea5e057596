"""``network`` lines into what they say about the host document's network."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Interface, NetmaskValueError
from typing import Any

from foundation.kernel_command_line import KernelCommandLine
from kickstart.install_plan import NetworkDevice, Note
from kickstart.reader.complaints import Complaints
from kickstart.reader.parser import Command, Parsed
from kickstart.reader.said import Said

_MAC = re.compile(r"([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")
_ONLY_GLOBAL = {"hostname", "lineno", "activate"}
_BRIDGE_OPTIONS = {"stp": "stp", "forward-delay": "forward_delay"}


@dataclass
class NetworkReading:
    """What came out of the network lines besides the document."""

    active: list[str] = field(default_factory=list)
    devices: list[NetworkDevice] = field(default_factory=list)


def read_network(
    parsed: Parsed, said: Said, kernel: KernelCommandLine | None, complaints: Complaints
) -> NetworkReading:
    """Say the interfaces of all ``network`` lines; ``kernel`` tells what ``bootif`` is.

    As in Anaconda the first device is activated during the installation, and others with
    ``--activate``; a line with nothing but ``--hostname`` is about no device.
    """
    reading = NetworkReading()
    described: dict[str, str] = {}
    for command in parsed.all("network"):
        options = command.options
        if options.hostname:
            said.say(("identity", "hostname"), options.hostname, command.where, complaints)
        if _says_nothing_of_a_device(options):
            continue
        name = _interface_name(command, parsed, kernel, reading, complaints)
        if name is None:
            continue
        if name in described:
            complaints.add(
                command.where,
                f"The network device {name} is already described at {described[name]}.",
                "Describe each device on one line.",
            )
            continue
        first = not described
        described[name] = command.where
        made = [(name, _interface(command, parsed, complaints))]
        if options.bondslaves and options.vlanid:
            described[options.device] = command.where
            made.insert(0, (options.device, _bond_below(command, complaints)))
        if options.activate or (first and options.activate is None):
            reading.active += [name for name, _ in made]
        for interface, values in made:
            for key, value in values.items():
                path = ("network", "interfaces", interface, *key)
                said.say(path, value, command.where, complaints)
    return reading


def _says_nothing_of_a_device(options: Any) -> bool:
    untouched = vars(type(options)())
    return all(
        value == untouched.get(name) or not (value or untouched.get(name))
        for name, value in vars(options).items()
        if name in untouched and name not in _ONLY_GLOBAL
    )


def _interface_name(
    command: Command,
    parsed: Parsed,
    kernel: KernelCommandLine | None,
    reading: NetworkReading,
    complaints: Complaints,
) -> str | None:
    options = command.options
    kinds = [k for k in ("bondslaves", "vlanid", "bridgeslaves") if getattr(options, k)]
    if kinds == ["bondslaves", "vlanid"]:  # Anaconda's form for a VLAN on a bond
        return str(options.interfacename or f"{options.device}.{options.vlanid}")
    if len(kinds) > 1:
        complaints.add(
            command.where,
            f"--{kinds[0]} and --{kinds[1]} describe two devices.",
            "Write one network line for each, the lower one with --noipv4 --noipv6.",
        )
        return None
    if command.gives("--bondslaves") and not options.bondslaves:
        complaints.add(
            command.where,
            "The bond has no ports.",
            "Name them with --bondslaves=, separated by commas.",
        )
        return None
    device = options.device
    if kinds and kinds != ["vlanid"]:
        if not device or _MAC.fullmatch(device) or device in ("link", "bootif"):
            complaints.add(
                command.where,
                f"The {'bond' if kinds == ['bondslaves'] else 'bridge'} has no name.",
                "Name it with --device=, as in --device=bond0.",
            )
            return None
        return str(device)
    for option, needed in (("bondopts", "bondslaves"), ("bridgeopts", "bridgeslaves")):
        if getattr(options, option):
            complaints.add(
                command.where,
                f"--{option} is given without --{needed}, so the device has no ports.",
                f"Name the ports with --{needed}=.",
            )
            return None
    found = _find_device(command, kernel, parsed, complaints)
    known = {device.name for device in reading.devices}
    if (found.by != "name" or found.pin) and found.name not in known:
        reading.devices.append(found)
    if kinds == ["vlanid"]:
        return str(options.interfacename or f"{found.name}.{options.vlanid}")
    if options.interfacename:
        complaints.add(
            command.where,
            "--interfacename is for VLANs only.",
            "Leave it out, or add --vlanid=.",
        )
    return found.name


def _find_device(
    command: Command, kernel: KernelCommandLine | None, parsed: Parsed, complaints: Complaints
) -> NetworkDevice:
    device, where = command.options.device, command.where
    pin = command.options.bindto == "mac"
    boot_mac = _boot_mac(kernel)
    if device == "" or device == "ibft":
        if device == "ibft":
            complaints.add(
                where, "--device=ibft is not supported.", "Write ip=ibft on the kernel line."
            )
        device = "bootif" if boot_mac else "link"
    if device == "bootif" and boot_mac:
        device = boot_mac
    elif device == "bootif" and kernel is not None:
        complaints.add(
            where,
            "--device=bootif, but the kernel line names no BOOTIF=.",
            "Use --device=link, a MAC address or a name; or boot with `ipappend 2`.",
        )
    if _MAC.fullmatch(device):
        mac = device.lower().replace("-", ":")
        return NetworkDevice(
            where=where, name="mac" + mac.replace(":", ""), by="mac", mac=mac, pin=True
        )
    if device in ("link", "bootif"):
        # Nobody gave it a name, and the kernel's may differ without the medium's drive plugged in.
        return NetworkDevice(where=where, name=device, by=device, pin=True)
    return NetworkDevice(where=where, name=device, by="name", pin=pin)


def _boot_mac(kernel: KernelCommandLine | None) -> str | None:
    """PXELINUX's ``BOOTIF=01-52-54-00-…``: the hardware type, then the MAC address."""
    given = kernel.last("BOOTIF") if kernel else None
    if given is None:
        return None
    mac = given.replace("-", ":").lower()
    mac = mac[3:] if len(mac) == 20 else mac
    return mac if _MAC.fullmatch(mac) else None


def _interface(command: Command, parsed: Parsed, complaints: Complaints) -> dict[Any, Any]:
    options = command.options
    values: dict[Any, Any] = {}
    if options.vlanid:
        values |= _vlan(command, parsed, complaints)
    elif options.bondslaves:
        values |= _bond(command, complaints)
    elif options.bridgeslaves:
        values |= _bridge(command, complaints)
    else:
        values[("kind",)] = "ethernet"
        if _MAC.fullmatch(options.device):
            values[("mac",)] = options.device.lower().replace("-", ":")
    if options.mtu:
        if options.mtu.isdigit():
            values[("mtu",)] = int(options.mtu)
        else:
            complaints.add(command.where, f"--mtu={options.mtu} is not a number.", "Give bytes.")
    values[("activate",)] = bool(options.onboot)
    values |= _ipv4(command, parsed, complaints)
    values |= _ipv6(command, complaints)
    if options.nameserver:
        values[("dns_servers",)] = _list(options.nameserver)
    search = [*_list(options.ipv4_dns_search), *_list(options.ipv6_dns_search)]
    if search:
        values[("dns_search",)] = list(dict.fromkeys(search))
    return values


def _ipv4(command: Command, parsed: Parsed, complaints: Complaints) -> dict[Any, Any]:
    options, where = command.options, command.where
    values: dict[Any, Any] = {}
    if options.noipv4:
        if options.ip or options.netmask or options.gateway:
            complaints.add(where, "--noipv4 is given together with IPv4 settings.", "Choose one.")
        return {("ipv4", "method"): "disabled"}
    if options.bootProto in ("query", "ibft"):
        complaints.add(
            where,
            f"--bootproto={options.bootProto} is not supported.",
            "Use --bootproto=dhcp, or static with --ip, --netmask and --gateway.",
        )
    if options.bootProto == "bootp":
        parsed.notes.append(Note(where=where, text="--bootproto=bootp is carried out as DHCP."))
    if options.nodefroute:
        values[("ipv4", "default_route")] = False
    if options.ipv4_ignore_auto_dns or options.nodns:
        values[("ipv4", "automatic_dns")] = False
    if options.bootProto != "static":
        values[("ipv4", "method")] = "auto"
        if options.ip or options.netmask or options.gateway:
            complaints.add(
                where,
                "An IPv4 address, netmask or gateway is given, but the device asks DHCP.",
                "Add --bootproto=static, or leave them out.",
            )
        return values
    if not options.ip and (options.ipv6 not in ("", "auto", "ignore")):
        return {**values, ("ipv4", "method"): "disabled"}
    if not options.ip or not options.netmask:
        missing = "--ip" if not options.ip else "--netmask"
        complaints.add(
            where,
            f"--bootproto=static needs {missing}.",
            "Write --ip=ADDRESS --netmask=MASK, as in --ip=192.0.2.10 --netmask=255.255.255.0.",
        )
        return values
    address = _ipv4_address(options.ip, "--ip", where, complaints)
    prefix = _prefix(options.netmask, where, complaints)
    if address and prefix is not None:
        if prefix < 31:
            network = IPv4Network(f"{address}/{prefix}", strict=False)
            if address in (network.network_address, network.broadcast_address):
                complaints.add(
                    where,
                    f"{address} is the network or broadcast address of {network}.",
                    "Give an address inside the subnet.",
                )
        values[("ipv4", "method")] = "manual"
        values[("ipv4", "addresses")] = [f"{address}/{prefix}"]
    if options.gateway:
        gateway = _ipv4_address(options.gateway, "--gateway", where, complaints)
        if gateway and ("ipv4", "method") in values:
            values[("ipv4", "gateway")] = str(gateway)
    return values


def _ipv4_address(text: str, option: str, where: str, complaints: Complaints) -> IPv4Address | None:
    try:
        return IPv4Address(text)
    except AddressValueError:
        complaints.add(
            where,
            f"{option}={text} is not an IPv4 address.",
            "Write four numbers from 0 to 255, as in 192.0.2.10.",
        )
        return None


def _prefix(netmask: str, where: str, complaints: Complaints) -> int | None:
    try:
        if "." in netmask:
            return IPv4Network(f"0.0.0.0/{netmask}").prefixlen
    except (NetmaskValueError, ValueError):
        pass
    complaints.add(
        where, f"--netmask={netmask} is not a netmask.", "Write one as in 255.255.255.0."
    )
    return None


def _ipv6(command: Command, complaints: Complaints) -> dict[Any, Any]:
    options, where = command.options, command.where
    ipv6 = options.ipv6
    values: dict[Any, Any] = {}
    if options.noipv6 or ipv6 == "ignore":
        if options.ipv6gateway or ipv6 not in ("", "ignore"):
            complaints.add(where, "--noipv6 is given together with IPv6 settings.", "Choose one.")
        return {("ipv6", "method"): "disabled"}
    if options.nodefroute:
        values[("ipv6", "default_route")] = False
    if options.ipv6_ignore_auto_dns or options.nodns:
        values[("ipv6", "automatic_dns")] = False
    if ipv6 in ("", "auto", "dhcp"):
        values[("ipv6", "method")] = "dhcp" if ipv6 == "dhcp" else "auto"
        if options.ipv6gateway:
            complaints.add(
                where, "--ipv6gateway is given without an address.", "Add --ipv6=ADDRESS/PREFIX."
            )
        return values
    try:
        address = IPv6Interface(ipv6 if "/" in ipv6 else f"{ipv6}/64")
    except ValueError:
        complaints.add(
            where,
            f"--ipv6={ipv6} is not an IPv6 address.",
            "Write auto, dhcp, ignore or an address as in 2001:db8::10/64.",
        )
        return values
    values[("ipv6", "method")] = "manual"
    values[("ipv6", "addresses")] = [str(address)]
    if options.ipv6gateway:
        values[("ipv6", "gateway")] = options.ipv6gateway
    return values


def _bond(command: Command, complaints: Complaints) -> dict[Any, Any]:
    options = _key_values(command.options.bondopts, command.where, complaints)
    values: dict[Any, Any] = {
        ("kind",): "bond",
        ("ports",): _list(command.options.bondslaves),
    }
    mode = options.pop("mode", None)
    if mode is not None:
        values[("mode",)] = _BOND_MODES.get(mode, mode)
    if options:
        values[("options",)] = options
    return values


def _bond_below(command: Command, complaints: Complaints) -> dict[Any, Any]:
    """The bond of a line that describes a VLAN on a bond; the addresses are the VLAN's."""
    if not command.options.device:
        complaints.add(command.where, "The bond has no name.", "Name it as in --device=bond0.")
    return {
        **_bond(command, complaints),
        ("activate",): bool(command.options.onboot),
        ("ipv4", "method"): "disabled",
        ("ipv6", "method"): "disabled",
    }


# The bonding driver takes its modes by number too.
_BOND_MODES = {
    "0": "balance-rr",
    "1": "active-backup",
    "2": "balance-xor",
    "3": "broadcast",
    "4": "802.3ad",
    "5": "balance-tlb",
    "6": "balance-alb",
}


def _vlan(command: Command, parsed: Parsed, complaints: Complaints) -> dict[Any, Any]:
    options = command.options
    if not options.vlanid.isdigit():
        complaints.add(
            command.where, f"--vlanid={options.vlanid} is not a number.", "Give 1 to 4094."
        )
        return {}
    device = options.device
    if _MAC.fullmatch(device):
        device = "mac" + re.sub("[:-]", "", device.lower())
    return {("kind",): "vlan", ("parent",): device or "link", ("id",): int(options.vlanid)}


def _bridge(command: Command, complaints: Complaints) -> dict[Any, Any]:
    values: dict[Any, Any] = {
        ("kind",): "bridge",
        ("ports",): _list(command.options.bridgeslaves),
    }
    given = _key_values(command.options.bridgeopts, command.where, complaints)
    for key, text in given.items():
        if key == "stp" and text in ("yes", "no", "on", "off", "1", "0"):
            values[("stp",)] = text in ("yes", "on", "1")
        elif key == "forward-delay" and text.isdigit():
            values[("forward_delay",)] = int(text)
        else:
            complaints.add(
                command.where,
                f"The bridge option {key}={text} is not supported.",
                "Supported are stp=yes|no and forward-delay=SECONDS.",
            )
    return values


def _key_values(text: str, where: str, complaints: Complaints) -> dict[str, str]:
    """``a=1,b=2``, or with semicolons where values hold commas."""
    pairs: dict[str, str] = {}
    for item in filter(None, text.split(";" if ";" in text else ",")):
        key, equals, value = item.partition("=")
        if not equals or not key or not value:
            complaints.add(where, f"“{item}” is not OPTION=VALUE.", "Write OPTION=VALUE,….")
            continue
        pairs[key] = value
    return pairs


def _list(text: str | None) -> list[str]:
    return [item.strip() for item in (text or "").split(",") if item.strip()]
