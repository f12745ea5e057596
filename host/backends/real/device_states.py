"""NetworkManager's states of a device, and its reasons for them, in words.

After NMDeviceState and NMDeviceStateReason of its D-Bus interface.
"""

from __future__ import annotations

from collections.abc import Mapping

_STATES: Mapping[int, str] = {
    10: "unmanaged",
    20: "unavailable",
    30: "disconnected",
    40: "connecting",
    50: "connecting",
    60: "connecting",
    70: "getting an address",
    80: "checking",
    90: "waiting for another interface",
    100: "up",
    110: "going down",
    120: "failed",
}
_UP = 100
_REASONS: Mapping[int, str] = {
    1: "",
    4: "The configuration does not fit this device.",
    5: "No address could be had.",
    6: "The lease of its address ran out and was not renewed.",
    7: "Credentials are missing.",
    11: "The authentication (802.1X) takes too long.",
    15: "The DHCP client did not start.",
    16: "The DHCP client failed.",
    17: "No DHCP server answers.",
    36: "The device was removed.",
    38: "Its profile was removed.",
    39: "It was taken down by a person.",
    40: "There is no link: the cable is out, or the switch's port is off.",
    42: "A supplicant is available now.",
    53: "Something it depends on failed.",
    54: "What it stands on does not exist.",
    57: "A port of it is not managed.",
    60: "A newer activation took its place.",
    61: "Its parent is not managed.",
    63: "Its parent has gone.",
    64: "The address is already used by another station.",
}
_OF_STATES: Mapping[int, str] = {
    10: "NetworkManager leaves this device to others.",
    20: "There is no link: the cable is out, or the switch's port is off.",
    30: "No profile brings it up.",
}


def state_in_words(state: int) -> str:
    """One or a few words."""
    return _STATES.get(state, "unknown")


def reason_in_words(state: int, reason: int) -> str:
    """A sentence, empty where a device is up and nothing is to be said."""
    if state == _UP:
        return ""
    return _REASONS.get(reason, "") or _OF_STATES.get(state, "")
