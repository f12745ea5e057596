"""The control of a machine's network, which NetworkManager owns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from host.document.network import Network

CheckpointState = Literal["open", "gone", "lost"]


@dataclass(frozen=True)
class LoadedProfile:
    """A profile that NetworkManager has loaded.

    ``file`` is where it is kept, empty when nowhere; ``device`` the one it is active on, None when
    it is not. ``controller`` is the controller's UUID or name, for profiles of ports.
    """

    uuid: str
    name: str
    kind: str
    interface: str
    file: str
    autoconnect: bool = True
    device: str | None = None
    controller: str | None = None


@dataclass(frozen=True)
class Checkpoint:
    """NetworkManager's promise to put things back: its object, and the process that promised."""

    path: str
    owner: str


class NetworkDaemon(Protocol):
    """org.freedesktop.NetworkManager, and what the kernel knows of ports.

    Files of profiles are put where they belong by :class:`host.machine.files.Files`; this port
    makes NetworkManager follow them.
    """

    def permanent_macs(self) -> Mapping[str, str]:
        """Permanent MAC address of every wired port by name."""

    def knows_profiles(self, network: Network) -> bool:
        """Whether a profile is loaded for every interface of ``network``."""

    def profiles(self) -> tuple[LoadedProfile, ...]:
        """Every profile that is loaded, ours and others'."""

    def reload(self) -> None:
        """Have the profiles in the folders read again; what is up stays as it is."""

    def load_and_activate(self, network: Network, changed_files: tuple[str, ...]) -> None:
        """Have the profiles in the folders read again, and those that changed brought up."""

    def deactivate(self, uuids: tuple[str, ...]) -> None:
        """Take these profiles down where they are up."""

    def restore(
        self,
        before: tuple[LoadedProfile, ...],
        devices: tuple[str, ...],
        guests: Mapping[str, tuple[str, ...]],
    ) -> None:
        """Have the profiles read again, and bring up those that were up ``before``.

        What is up and as its profile says is not touched. Virtual devices that no profile needs
        any more, and that are not among ``devices``, are removed. ``guests`` go back into their
        bridges, where they are not.
        """

    def guest_ports(self) -> Mapping[str, tuple[str, ...]]:
        """The interfaces of guests on each bridge that has any."""

    def devices(self) -> tuple[str, ...]:
        """The names of all devices."""

    def open_checkpoint(self, devices: tuple[str, ...], seconds: int) -> Checkpoint:
        """Have NetworkManager put back by itself, in ``seconds``, what changes from now on.

        ``devices`` are those that the change touches; names that do not exist are passed over.
        """

    def checkpoint_state(self, checkpoint: Checkpoint) -> CheckpointState:
        """Whether it is still ``open``; ``gone`` when it was used or ran out of time, ``lost``
        when NetworkManager was restarted and forgot it."""

    def extend_checkpoint(self, checkpoint: Checkpoint, seconds: int) -> None:
        """Let it run out ``seconds`` from now; raises Failure when it is no longer open."""

    def discard_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep what was changed; raises Failure when it is no longer open."""

    def roll_back(self, checkpoint: Checkpoint) -> bool:
        """Put things back now; False when it was no longer open."""

    def renew(self, device: str) -> None:
        """Ask DHCP and the routers anew."""

    def arm_guard(self, seconds: int) -> None:
        """Have a process of its own look, in ``seconds``, whether a change was left unconfirmed.

        It survives ours and NetworkManager's; arming it again replaces it.
        """

    def disarm_guard(self) -> None:
        """Call the guard off; harmless when there is none."""
