"""NetworkManager in memory (host.machine.network.NetworkDaemon)."""

from __future__ import annotations

from collections.abc import Mapping

from foundation.failure import Failure
from host.backends.simulated.simulation import Simulation
from host.document.network import Network, ports_of
from host.document.network_profiles import profile_uuid
from host.document.system_files import PROFILE_DIRECTORY
from host.machine.files import Files
from host.machine.network import Checkpoint, CheckpointState, LoadedProfile
from host.network_profiles_found import read_profile
from host.staged_network import STAGING_DIRECTORY


class SimulatedNetwork:
    """``active`` is the network that is up; ``guard`` the seconds it was armed with.

    Time stands still until a test lets it run out: :meth:`let_time_run_out` does what
    NetworkManager's timer does, :meth:`restart` what restarting NetworkManager does.
    """

    def __init__(self, simulation: Simulation, files: Files) -> None:
        """The ports are those of the machine's JSON, the profiles those among its files."""
        self._simulation = simulation
        self._files = files
        self.active: Network | None = None
        self.guard: int | None = None
        self._owner = 1
        self._checkpoints: dict[str, Network | None] = {}
        self._made = 0
        self._before: Network | None = None

    def permanent_macs(self) -> Mapping[str, str]:
        """As the machine's JSON says."""
        return {
            interface["name"]: interface["mac"]
            for interface in self._simulation.facts.get("interfaces", ())
            if interface["kind"] == "ethernet"
        }

    def knows_profiles(self, network: Network) -> bool:
        """Whether it is the one that is up."""
        return self.active == network

    def profiles(self) -> tuple[LoadedProfile, ...]:
        """Those among the files; the ones below /run hide the others."""
        self._simulation.meet("network.profiles")
        devices = self._devices_of_profiles()
        found: dict[str, LoadedProfile] = {}
        for folder in (PROFILE_DIRECTORY, STAGING_DIRECTORY):
            for name in self._files.folder(folder):
                content = self._files.read(f"{folder}/{name}")
                connection = dict(read_profile(content.text if content else "")["connection"])
                uuid = connection["uuid"]
                found[uuid] = LoadedProfile(
                    uuid=uuid,
                    name=connection["id"],
                    kind=connection["type"],
                    interface=connection.get("interface-name", ""),
                    file=f"/{folder}/{name}",
                    autoconnect=connection.get("autoconnect", "true") == "true",
                    device=devices.get(uuid),
                    controller=connection.get("master"),
                )
        return tuple(found.values())

    def reload(self) -> None:
        """Nothing comes up by that alone."""
        self._simulation.changes("network.reload")

    def load_and_activate(self, network: Network, changed_files: tuple[str, ...]) -> None:
        """Take it."""
        self._simulation.changes("network.load_and_activate", "network")
        self.active = network

    def deactivate(self, uuids: tuple[str, ...]) -> None:
        """What is up changes as a whole here, so there is nothing to take down alone."""
        if uuids:
            self._simulation.changes("network.deactivate")

    def restore(
        self,
        before: tuple[LoadedProfile, ...],
        devices: tuple[str, ...],
        guests: Mapping[str, tuple[str, ...]],
    ) -> None:
        """Bring up what was up when the last checkpoint was made."""
        self._simulation.changes("network.restore")
        self.active = self._before

    def guest_ports(self) -> Mapping[str, tuple[str, ...]]:
        """As the machine's JSON says."""
        ports: dict[str, list[str]] = self._simulation.facts.get("guest_ports", {})
        return {bridge: tuple(names) for bridge, names in ports.items()}

    def devices(self) -> tuple[str, ...]:
        """Ports, and what is up on them."""
        network = self.active or Network()
        names = [*self.permanent_macs(), *(one.name for one in network.interfaces)]
        return tuple(dict.fromkeys(names))

    def open_checkpoint(self, devices: tuple[str, ...], seconds: int) -> Checkpoint:
        """Remember what is up."""
        self._simulation.changes("network.open_checkpoint")
        self._made += 1
        checkpoint = Checkpoint(f"/Checkpoint/{self._made}", f":1.{self._owner}")
        self._checkpoints = {checkpoint.path: self.active}
        self._before = self.active
        return checkpoint

    def checkpoint_state(self, checkpoint: Checkpoint) -> CheckpointState:
        """Whether it is still there."""
        self._simulation.meet("network.checkpoint_state")
        if checkpoint.owner != f":1.{self._owner}":
            return "lost"
        return "open" if checkpoint.path in self._checkpoints else "gone"

    def extend_checkpoint(self, checkpoint: Checkpoint, seconds: int) -> None:
        """Time stands still here, so there is only something to check."""
        self._simulation.changes("network.extend_checkpoint")
        self._must_be_open(checkpoint)

    def discard_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Forget it."""
        self._simulation.changes("network.discard_checkpoint")
        self._must_be_open(checkpoint)
        del self._checkpoints[checkpoint.path]

    def roll_back(self, checkpoint: Checkpoint) -> bool:
        """Bring back what was remembered."""
        self._simulation.changes("network.roll_back")
        if self.checkpoint_state(checkpoint) != "open":
            return False
        self.active = self._checkpoints.pop(checkpoint.path)
        return True

    def renew(self, device: str) -> None:
        """Only a device with a profile can."""
        self._simulation.changes("network.renew")
        if device not in self.devices():
            raise Failure(f"No profile of NetworkManager's is up on {device}.")

    def arm_guard(self, seconds: int) -> None:
        """Note it."""
        self._simulation.changes("network.arm_guard")
        self.guard = seconds

    def disarm_guard(self) -> None:
        """Note it."""
        self._simulation.changes("network.disarm_guard")
        self.guard = None

    def let_time_run_out(self) -> None:
        """NetworkManager's timer fires: what a checkpoint remembers comes back."""
        for before in self._checkpoints.values():
            self.active = before
        self._checkpoints.clear()

    def restart(self) -> None:
        """NetworkManager restarts: its checkpoints are forgotten, what is up stays."""
        self._owner += 1
        self._checkpoints.clear()

    def _must_be_open(self, checkpoint: Checkpoint) -> None:
        if self.checkpoint_state(checkpoint) != "open":
            raise Failure("NetworkManager no longer holds the old network in readiness.")

    def _devices_of_profiles(self) -> dict[str, str]:
        network = self.active or Network()
        names = [one.name for one in network.interfaces]
        names += [port for one in network.interfaces for port in ports_of(one)]
        return {profile_uuid(name): name for name in names}
