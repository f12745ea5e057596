"""The options of a bond: what each takes, in which modes it means anything, and which exclude
each other.

After the kernel's Documentation/networking/bonding.rst and NetworkManager's NMSettingBond, which
drops a whole profile when one option does not fit. A value may be the driver's word or its number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import IPv4Address
from typing import Literal, get_args

BondMode = Literal[
    "balance-rr",
    "active-backup",
    "balance-xor",
    "broadcast",
    "802.3ad",
    "balance-tlb",
    "balance-alb",
]
BOND_MODES: tuple[BondMode, ...] = get_args(BondMode)

_ONE_ACTIVE = ("active-backup", "balance-tlb", "balance-alb")
_NO_ARP = ("802.3ad", "balance-tlb", "balance-alb")
_BY_ARP = tuple(mode for mode in BOND_MODES if mode not in _NO_ARP)
_LACP = ("802.3ad",)
_HASHING = ("balance-xor", "802.3ad", "balance-tlb")
_MOST_ARP_TARGETS = 16

Check = Callable[[str], str | None]


@dataclass(frozen=True)
class BondOption:
    """One option: ``check`` returns what is wrong with a value, None if it is fine."""

    check: Check
    modes: tuple[str, ...] = BOND_MODES
    needs: tuple[str, ...] = ()


def _number(least: int, most: int) -> Check:
    def check(value: str) -> str | None:
        if re.fullmatch(r"[0-9]{1,10}", value) and least <= int(value) <= most:
            return None
        return f"takes a number from {least} to {most}"

    return check


def _word(*words: str) -> Check:
    def check(value: str) -> str | None:
        if value in words or (value.isdecimal() and int(value) < len(words)):
            return None
        return f"takes one of {', '.join(words)}"

    return check


def _arp_targets(value: str) -> str | None:
    targets = value.split(",")
    try:
        for target in targets:
            IPv4Address(target.strip())
    except ValueError:
        return "takes IPv4 addresses separated by commas"
    return None if len(targets) <= _MOST_ARP_TARGETS else f"takes {_MOST_ARP_TARGETS} at most"


def _system(value: str) -> str | None:
    if re.fullmatch(r"[0-9A-Fa-f][02468aceACE](:[0-9A-Fa-f]{2}){5}", value) and value.strip("0:"):
        return None
    return "takes a unicast MAC address, as in 02:00:00:00:00:01"


def _port(value: str) -> str | None:
    return None if value else "takes the name of a port"


_MILLISECONDS = _number(0, 2147483647)
_SWITCH = _number(0, 1)

BOND_OPTIONS: Mapping[str, BondOption] = {
    "active_slave": BondOption(_port, _ONE_ACTIVE),
    "ad_actor_sys_prio": BondOption(_number(1, 65535), _LACP),
    "ad_actor_system": BondOption(_system, _LACP),
    "ad_select": BondOption(_word("stable", "bandwidth", "count"), _LACP),
    "ad_user_port_key": BondOption(_number(0, 1023), _LACP),
    "all_slaves_active": BondOption(_SWITCH),
    "arp_all_targets": BondOption(_word("any", "all"), ("active-backup",), ("arp_interval",)),
    "arp_interval": BondOption(_MILLISECONDS, _BY_ARP, ("arp_ip_target",)),
    "arp_ip_target": BondOption(_arp_targets, _BY_ARP, ("arp_interval",)),
    "arp_validate": BondOption(
        _word("none", "active", "backup", "all", "filter", "filter_active", "filter_backup"),
        _BY_ARP,
        ("arp_interval",),
    ),
    "downdelay": BondOption(_MILLISECONDS),
    "fail_over_mac": BondOption(_word("none", "active", "follow"), ("active-backup",)),
    "lacp_rate": BondOption(_word("slow", "fast"), _LACP),
    "lp_interval": BondOption(_number(1, 2147483647), ("balance-tlb", "balance-alb")),
    "miimon": BondOption(_MILLISECONDS),
    "min_links": BondOption(_number(0, 2147483647), _LACP),
    "num_grat_arp": BondOption(_number(0, 255), _ONE_ACTIVE),
    "num_unsol_na": BondOption(_number(0, 255), _ONE_ACTIVE),
    "packets_per_slave": BondOption(_number(0, 65535), ("balance-rr",)),
    "peer_notif_delay": BondOption(_number(0, 300_000), _ONE_ACTIVE),
    "primary": BondOption(_port, _ONE_ACTIVE),
    "primary_reselect": BondOption(_word("always", "better", "failure"), _ONE_ACTIVE),
    "resend_igmp": BondOption(_number(0, 255), ("balance-rr", *_ONE_ACTIVE)),
    "tlb_dynamic_lb": BondOption(_SWITCH, ("balance-tlb", "balance-alb")),
    "updelay": BondOption(_MILLISECONDS),
    "use_carrier": BondOption(_SWITCH),
    "xmit_hash_policy": BondOption(
        _word("layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac"), _HASHING
    ),
}
_NEED_MIIMON = ("updelay", "downdelay", "peer_notif_delay")


def check_bond(name: str, mode: str, ports: Sequence[str], options: Mapping[str, str]) -> None:
    """Raise ValueError, with words for a person, unless the options fit the mode and each other."""
    for option, value in options.items():
        known = BOND_OPTIONS.get(option)
        if known is None:
            close = get_close_matches(option, sorted(BOND_OPTIONS), 1)
            hint = f"; did you mean {close[0]}" if close else ""
            raise ValueError(f"bond {name}: unknown option {option}{hint}")
        wrong = known.check(value)
        if wrong:
            raise ValueError(f"bond {name}: {option} {wrong}, not “{value}”")
        if mode not in known.modes:
            modes = ", ".join(known.modes)
            raise ValueError(f"bond {name}: {option} does not fit mode {mode}, only {modes}")
        for needed in known.needs:
            if needed not in options:
                raise ValueError(f"bond {name}: {option} needs {needed} as well")
        if known.check is _port and value not in ports:
            raise ValueError(
                f"bond {name}: {option} is {value}, which is none of its ports {', '.join(ports)}"
            )
    _check_monitoring(name, options)


def _check_monitoring(name: str, options: Mapping[str, str]) -> None:
    by_arp = int(options.get("arp_interval", "0")) > 0
    miimon = options.get("miimon")
    if by_arp and miimon is not None and int(miimon) > 0:
        raise ValueError(
            f"bond {name}: miimon and arp_interval exclude each other; keep one way of watching"
        )
    for option in _NEED_MIIMON:
        if int(options.get(option, "0")) > 0 and (by_arp or miimon == "0"):
            raise ValueError(f"bond {name}: {option} needs miimon, which is off")
    notices = {options[key] for key in ("num_grat_arp", "num_unsol_na") if key in options}
    if len(notices) > 1:
        raise ValueError(
            f"bond {name}: num_grat_arp and num_unsol_na are one setting; give them one value"
        )
