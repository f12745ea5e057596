"""The network of this machine (host.machine.network.NetworkDaemon)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from host.backends.real import (
    guest_ports,
    network_checkpoints,
    network_guard,
    network_manager,
    network_profiles,
)
from host.backends.real.bus import Bus
from host.document.network import Network
from host.machine.network import Checkpoint, CheckpointState, LoadedProfile


class RealNetwork:
    """NetworkManager, and sysfs."""

    def permanent_macs(self) -> Mapping[str, str]:
        """Addresses of the wired ports that have hardware of their own, from sysfs.

        A port in a bond shows the bond's address there; the bond driver keeps the port's own.
        """
        macs = {}
        for port in sorted(Path("/sys/class/net").glob("*/device")):
            own = port.parent / "bonding_slave/perm_hwaddr"
            source = own if own.exists() else port.parent / "address"
            macs[port.parent.name] = source.read_text().strip()
        return macs

    def knows_profiles(self, network: Network) -> bool:
        """Ask NetworkManager."""
        return network_manager.knows_profiles(network)

    def profiles(self) -> tuple[LoadedProfile, ...]:
        """Ask NetworkManager."""
        with Bus() as bus:
            return network_profiles.loaded_profiles(bus)

    def reload(self) -> None:
        """Tell NetworkManager."""
        with Bus() as bus:
            network_manager.reload_profiles(bus)

    def load_and_activate(self, network: Network, changed_files: tuple[str, ...]) -> None:
        """Tell NetworkManager, and the kernel where guests' interfaces belong."""
        guests = guest_ports.guest_ports()
        network_manager.load_and_activate(network, changed_files)
        guest_ports.put_back(guests)

    def deactivate(self, uuids: tuple[str, ...]) -> None:
        """Tell NetworkManager."""
        if uuids:
            with Bus() as bus:
                network_profiles.deactivate(bus, uuids)

    def restore(
        self,
        before: tuple[LoadedProfile, ...],
        devices: tuple[str, ...],
        guests: Mapping[str, tuple[str, ...]],
    ) -> None:
        """Tell NetworkManager, and the kernel where guests' interfaces belong."""
        with Bus(timeout=60.0) as bus:
            network_manager.reload_profiles(bus)
            network_profiles.restore(bus, before, devices)
        guest_ports.put_back(guests)

    def guest_ports(self) -> Mapping[str, tuple[str, ...]]:
        """Ask the kernel."""
        return guest_ports.guest_ports()

    def devices(self) -> tuple[str, ...]:
        """Ask NetworkManager."""
        with Bus() as bus:
            return tuple(network_profiles.devices_by_name(bus))

    def open_checkpoint(self, devices: tuple[str, ...], seconds: int) -> Checkpoint:
        """See network_checkpoints."""
        return network_checkpoints.open_checkpoint(devices, seconds)

    def checkpoint_state(self, checkpoint: Checkpoint) -> CheckpointState:
        """See network_checkpoints."""
        return network_checkpoints.checkpoint_state(checkpoint)

    def extend_checkpoint(self, checkpoint: Checkpoint, seconds: int) -> None:
        """See network_checkpoints."""
        network_checkpoints.extend_checkpoint(checkpoint, seconds)

    def discard_checkpoint(self, checkpoint: Checkpoint) -> None:
        """See network_checkpoints."""
        network_checkpoints.discard_checkpoint(checkpoint)

    def roll_back(self, checkpoint: Checkpoint) -> bool:
        """See network_checkpoints."""
        return network_checkpoints.roll_back(checkpoint)

    def renew(self, device: str) -> None:
        """Activate the device's profile anew, which asks DHCP and the routers."""
        with Bus(timeout=60.0) as bus:
            network_profiles.activate_again(bus, device)

    def arm_guard(self, seconds: int) -> None:
        """See network_guard."""
        network_guard.arm_guard(seconds)

    def disarm_guard(self) -> None:
        """See network_guard."""
        network_guard.disarm_guard()
