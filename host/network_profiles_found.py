"""Profiles that are found on a machine, as text: what they are, and parking one.

Files are of nm-settings-keyfile(5), written by whomever.
"""

from __future__ import annotations

import configparser
import io

_NETWORK_KINDS = ("ethernet", "802-3-ethernet", "bond", "vlan", "bridge")
_OF_PORTS = ("master", "slave-type", "controller", "port-type", "autoconnect-slaves")


def read_profile(text: str) -> configparser.RawConfigParser:
    """The profile's sections; none where the text is no keyfile."""
    parser = _parser()
    try:
        parser.read_string(text)
    except configparser.Error:
        return _parser()
    return parser


def uuid_in(text: str) -> str:
    """The UUID of a profile's text, empty when it has none."""
    return read_profile(text).get("connection", "uuid", fallback="")


def is_network_profile(text: str) -> bool:
    """Whether it is of a kind that a host document can describe."""
    return read_profile(text).get("connection", "type", fallback="") in _NETWORK_KINDS


def parked(text: str) -> str:
    """A profile as it is, except that nothing brings it up any more."""
    profile = read_profile(text)
    if not profile.has_section("connection"):
        return text
    for key in _OF_PORTS:
        profile.remove_option("connection", key)
    profile.set("connection", "autoconnect", "false")
    return _text_of(profile)


def switched_off(text: str) -> str:
    """A profile as it is, except that it does not come up by itself."""
    profile = read_profile(text)
    if not profile.has_section("connection"):
        return text
    profile.set("connection", "autoconnect", "false")
    return _text_of(profile)


def _text_of(profile: configparser.RawConfigParser) -> str:
    written = io.StringIO()
    profile.write(written, space_around_delimiters=False)
    return written.getvalue()


def _parser() -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(
        delimiters=("=",), comment_prefixes=("#",), strict=False, allow_no_value=True
    )
    # As its documentation says to have keys keep their case; the type knows only a method.
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    return parser
