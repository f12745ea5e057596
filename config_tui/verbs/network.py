"""The network as it is now: show, try, blink, renew; others' profiles; the emergency reset."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from config_tui.applying_verb import apply_changed, consent_options, tell_pending
from config_tui.verb import (
    Verbs,
    answer_job,
    ask,
    print_json,
    print_plan,
    print_step,
    until_interrupted,
    yes_option,
)
from foundation.command_line import EXIT_FAILED, EXIT_OK
from foundation.failure import Failure
from host.api import HostApi
from host.audit import this_actor

if TYPE_CHECKING:
    from host.document.model import HostDocument

_MARKS = {"ok": "  ", "warning": "! ", "unknown": "? ", "failed": "!!"}
_BLINK = 15  # seconds
_RESET_TIMEOUT = 120  # seconds


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    network = verbs.group("network", "look at the network, try it, and get out of trouble")
    network.add("show", _show, "every interface as it is now: link, addresses, ports, switch")
    network.add(
        "test",
        _test,
        "try link, addresses, duplicates, gateway, DNS, and the way to you; 1 if one failed",
    )
    identify = network.add("identify", _identify, "have the lamp of a wired port blink")
    identify.add_argument("port", help="the port, as `network show` tells it")
    identify.add_argument("--seconds", type=int, default=_BLINK, help="how long (%(default)s)")
    renew = network.add("renew", _renew, "ask DHCP and the routers anew")
    renew.add_argument("interface", help="the interface, as `network show` tells it")
    network.add("profiles", _profiles, "NetworkManager's profiles that are not the document's")
    adopt = network.add("adopt", _adopt, "take such a profile into the host document")
    adopt.add_argument("profile", help="its UUID or name, as `network profiles` tells it")
    adopt.add_argument(
        "--switch-off",
        action="store_true",
        help="keep the profile itself from coming up at boot, once the change is kept",
    )
    consent_options(adopt)
    switch_off = network.add(
        "switch-off", _switch_off, "keep such a profile from coming up by itself"
    )
    switch_off.add_argument("profile", help="its UUID or name, as `network profiles` tells it")
    reset = network.add(
        "reset",
        _reset,
        "a network to fall back on: every wired port asks DHCP, or one has an address",
        description="When nothing works: every wired port asks DHCP, or one port alone has an "
        "address. No guest is stopped; bridges that guests are on stay, with what carries them.",
    )
    reset.add_argument("--port", help="the only port that is to be used")
    reset.add_argument("--address", default="", help="its address with prefix, as in 10.0.4.13/24")
    reset.add_argument("--gateway", default="", help="the router, as in 10.0.4.1")
    reset.add_argument(
        "--confirm-timeout",
        type=int,
        default=_RESET_TIMEOUT,
        metavar="SECONDS",
        help="put it back unless `flexvdi-config confirm` comes in time (%(default)s; 0 keeps it "
        "at once)",
    )
    yes_option(reset)


def _show(host: HostApi, options: argparse.Namespace) -> int:
    found = host.network.interfaces()
    if options.json:
        print_json([one.as_dict() for one in found])
        return EXIT_OK
    for one in found:
        link = "link" if one.carrier else "no link"
        speed = f" {one.speed} Mbit/s" if one.speed and one.carrier else ""
        above = f"  port of {one.controller}" if one.controller else ""
        name = one.name
        if one.described_as not in (None, one.name):
            name = f"{one.name} ({one.described_as})"
        print(f"{name}  {one.kind}  {one.mac}  {link}{speed}  {one.state}{above}")
        for words in (
            one.alias,
            one.reason,
            *one.addresses,
            f"gateway {one.gateway}" if one.gateway else "",
            f"ports: {', '.join(one.ports)}" if one.ports else "",
            f"guests: {', '.join(one.guests)}" if one.guests else "",
            *(f"switch {n.system} {n.port} {n.description}".rstrip() for n in one.neighbours),
        ):
            if words:
                print(f"    {words}")
    return EXIT_OK


def _test(host: HostApi, options: argparse.Namespace) -> int:
    probes = until_interrupted(lambda cancel: host.network.test(this_actor(), cancel))
    if options.json:
        print_json([probe.as_dict() for probe in probes])
    else:
        for probe in probes:
            about = " ".join(word for word in (probe.kind, probe.interface, probe.target) if word)
            print(f"{_MARKS[probe.state]} {about}: {probe.reason}")
            if probe.remedy and probe.state != "ok":
                print(f"     {probe.remedy}")
    return EXIT_FAILED if any(probe.state == "failed" for probe in probes) else EXIT_OK


def _identify(host: HostApi, options: argparse.Namespace) -> int:
    host.network.identify(options.port, options.seconds, this_actor())
    return _done(options, f"The lamp of {options.port} has blinked.")


def _renew(host: HostApi, options: argparse.Namespace) -> int:
    host.network.renew(options.interface, this_actor())
    return _done(options, f"{options.interface} has asked for its addresses anew.")


def _done(options: argparse.Namespace, words: str) -> int:
    if options.json:
        print_json(None)
    else:
        print(words)
    return EXIT_OK


def _profiles(host: HostApi, options: argparse.Namespace) -> int:
    found = host.network.foreign_profiles()
    if options.json:
        print_json([one.as_dict() for one in found])
        return EXIT_OK
    for one in found:
        active = f"active on {one.device}" if one.device else "not active"
        active += ", comes up by itself" if one.autoconnect else ""
        print(f"{one.uuid}  {one.name}  {one.kind}  {one.interface or '-'}  {active}")
    if not found:
        print("All profiles are the host document's.")
    return EXIT_OK


def _adopt(host: HostApi, options: argparse.Namespace) -> int:
    from config_tui.storage_words import made
    from host.document.network import Network

    interface = host.network.adopt(options.profile)
    profile = next(
        one for one in host.network.foreign_profiles() if options.profile in (one.uuid, one.name)
    )
    document = host.document()
    others = (one for one in document.network.interfaces if one.name != interface.name)
    network = made(Network, **{**dict(document.network), "interfaces": (*others, interface)})
    code = apply_changed(host, document.replacing(network=network), options)
    if options.switch_off and host.pending() is None:
        host.network.switch_off(profile.uuid, this_actor())
    elif profile.autoconnect and not options.json:
        print(
            f"The profile {profile.name} stays, and comes up by itself at boot. Once the change is "
            f"kept: flexvdi-config network switch-off {profile.uuid}"
        )
    return code


def _switch_off(host: HostApi, options: argparse.Namespace) -> int:
    host.network.switch_off(options.profile, this_actor())
    return _done(options, f"{options.profile} no longer comes up by itself.")


def _document(host: HostApi) -> HostDocument:
    """The document in force; an empty one where none can be used, as a reset must work then."""
    from host.document.model import HostDocument

    try:
        return host.document()
    except Failure:
        return HostDocument()


def _reset(host: HostApi, options: argparse.Namespace) -> int:
    network = host.network.reset_network(options.port, options.address, options.gateway)
    if not options.json:
        print_plan(host.plan(_document(host).replacing(network=network)))
    if not options.yes:
        ask("Reset the network?")
    record = until_interrupted(
        lambda cancel: host.network.reset(
            network,
            this_actor(),
            (lambda event: None) if options.json else print_step,
            cancel,
            options.confirm_timeout or None,
        )
    )
    code = answer_job(options, record, "The network is like that already.")
    tell_pending(options, record)
    return code
