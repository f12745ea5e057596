"""NetworkApi on the ports of a machine (host.api.network)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Event

from foundation.failure import Failure
from host.api.network import ForeignProfile, LiveInterface, Neighbour, Probe
from host.applying import apply_document
from host.audit import Actor, record
from host.confirming import pending_document
from host.document.interfaces import Interface
from host.document.network import Network
from host.document.system_files import FileContent, is_profile_of_ours
from host.in_force import document_in_force
from host.jobs import JobEvent, JobRecord, Jobs
from host.machine import Machine
from host.machine.links import DefaultRoute, Link
from host.machine.network import LoadedProfile
from host.network_adoption import adopted
from host.network_probes import kernel_name, probe_network
from host.network_profiles_found import switched_off
from host.network_reset import fallback_network

_LONGEST_BLINK = 300  # seconds


class NetworkDoor:
    """See host.api.network.NetworkApi."""

    def __init__(self, machine: Machine, jobs: Jobs) -> None:
        """The door to ``machine``."""
        self._machine = machine
        self._jobs = jobs

    def interfaces(self) -> tuple[LiveInterface, ...]:
        """As kernel and NetworkManager have them, beside what the document calls them."""
        found = self._machine.links.links()
        described = {kernel_name(one, found): one for one in self._network().interfaces}
        routes = self._machine.links.default_routes()
        return tuple(
            _live(link, described.get(link.name), found, routes)
            for link in found
            if not link.is_guests
        )

    def test(self, actor: Actor, cancel: Event | None = None) -> tuple[Probe, ...]:
        """See host.network_probes; of a change that waits for its confirmation, if one does."""
        pending = pending_document(self._jobs)
        network = pending.network if pending is not None else self._network()
        return probe_network(network, self._machine.links, actor.origin, cancel)

    def identify(self, port: str, seconds: int, actor: Actor) -> None:
        """Blink."""
        if not 1 <= seconds <= _LONGEST_BLINK:
            raise Failure(
                f"A lamp cannot blink for {seconds} s.", f"Say 1 to {_LONGEST_BLINK} seconds."
            )
        name = self._kernel_name(port)
        record(actor, "identify", "done", f"The lamp of {name} blinks for {seconds} s.")
        self._machine.links.blink(name, seconds)

    def renew(self, interface: str, actor: Actor) -> None:
        """Have NetworkManager bring it up anew, which asks."""
        name = self._kernel_name(interface)
        try:
            self._machine.network.renew(name)
        except Failure as failure:
            record(actor, "renew", "failed", f"{name}: {failure.cause}")
            raise
        record(actor, "renew", "done", f"{name} asked for its addresses anew.")

    def foreign_profiles(self) -> tuple[ForeignProfile, ...]:
        """Those in files that last; what NetworkManager makes up for devices is no profile."""
        return tuple(
            ForeignProfile(
                one.uuid,
                one.name,
                one.kind,
                one.interface or one.device or "",
                one.file,
                one.device,
                one.autoconnect,
            )
            for one in self._foreign()
        )

    def adopt(self, profile: str) -> Interface:
        """See host.network_adoption."""
        known = self._machine.network.profiles()
        chosen = self._foreign_named(profile)
        macs = self._machine.network.permanent_macs()
        return adopted(self._keyfile(chosen).text, chosen, known, macs)

    def switch_off(self, profile: str, actor: Actor) -> None:
        """Park the files of the profile and of its ports."""
        chosen = self._foreign_named(profile)
        mine = (chosen.uuid, chosen.name, chosen.interface or chosen.device)
        for one in (chosen, *(port for port in self._foreign() if port.controller in mine)):
            content = self._keyfile(one)
            path = one.file.lstrip("/")
            self._machine.files.put(path, replace(content, text=switched_off(content.text)))
        self._machine.network.reload()
        words = f"The profile {chosen.name} no longer comes up by itself."
        record(actor, "switch-off", "done", words, verb=f"network switch-off {chosen.uuid}")

    def _foreign_named(self, profile: str) -> LoadedProfile:
        chosen = [one for one in self._foreign() if profile in (one.uuid, one.name)]
        if not chosen:
            raise Failure(
                f"No profile of somebody else's is called {profile}.",
                "`flexvdi-config network profiles` lists them.",
            )
        if len(chosen) > 1:
            raise Failure(
                f"{len(chosen)} profiles are called {profile}.",
                f"Give a UUID: {', '.join(one.uuid for one in chosen)}.",
            )
        return chosen[0]

    def _keyfile(self, profile: LoadedProfile) -> FileContent:
        content = self._machine.files.read(profile.file.lstrip("/"))
        if content is None:
            raise Failure(
                f"{profile.name} is in no keyfile that could be read.",
                "Describe the interface in the host document by hand.",
            )
        return content

    def reset_network(
        self, port: str | None = None, address: str = "", gateway: str = ""
    ) -> Network:
        """See host.network_reset."""
        return fallback_network(
            self._network(),
            self._machine.links.links(),
            self._machine.network.guest_ports(),
            port,
            address,
            gateway,
        )

    def reset(
        self,
        network: Network,
        actor: Actor,
        on_event: Callable[[JobEvent], None] = lambda event: None,
        cancel: Event | None = None,
        confirm_timeout: int | None = None,
    ) -> JobRecord | None:
        """Apply it. Whoever resets means it, so no risk has to be acknowledged."""
        return apply_document(
            self._machine,
            self._jobs,
            document_in_force(self._machine.files).replacing(network=network),
            actor,
            on_event,
            cancel,
            title="Reset the network",
            confirm_timeout=confirm_timeout,
            acknowledge=None,
            verb="network reset",
        )

    def _network(self) -> Network:
        return document_in_force(self._machine.files).network

    def _kernel_name(self, name: str) -> str:
        """The kernel's name for an interface by that name, or by the document's."""
        found = self._machine.links.links()
        described = self._network().interface(name)
        wanted = kernel_name(described, found) if described is not None else name
        if wanted not in {link.name for link in found}:
            raise Failure(
                f"There is no interface {name}.", "`flexvdi-config network show` lists them."
            )
        return wanted

    def _foreign(self) -> tuple[LoadedProfile, ...]:
        return tuple(
            one
            for one in self._machine.network.profiles()
            if one.file
            and not one.file.startswith("/run/")
            and not is_profile_of_ours(one.file.rpartition("/")[2])
        )


def _live(
    link: Link,
    described: Interface | None,
    found: tuple[Link, ...],
    routes: tuple[DefaultRoute, ...],
) -> LiveInterface:
    below = [other for other in found if other.controller == link.name]
    return LiveInterface(
        name=link.name,
        described_as=described.name if described is not None else None,
        alias=described.alias if described is not None else "",
        kind=link.kind,
        mac=link.mac,
        permanent_mac=link.permanent_mac,
        carrier=link.carrier,
        speed=link.speed,
        duplex=link.duplex,
        driver=link.driver,
        mtu=link.mtu,
        addresses=tuple(one.address for one in link.addresses),
        gateway=next((one.gateway for one in routes if one.interface == link.name), None),
        controller=link.controller,
        ports=tuple(other.name for other in below if not other.is_guests),
        guests=tuple(other.name for other in below if other.is_guests),
        profile=link.profile,
        state=link.state,
        reason=link.reason,
        neighbours=tuple(
            Neighbour(one.system, one.port, one.description) for one in link.neighbours
        ),
    )
