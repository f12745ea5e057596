from __future__ import annotations

from pathlib import Path

import pytest

from foundation.failure import Failure
from foundation.kernel_command_line import KernelCommandLine
from host.document.model import HostDocument
from host.document.network import VLAN, Ethernet, Network
from installer.machine.model import Machine, NetworkPort
from installer.machine.probe import read_network_ports
from installer.network_devices import find_network_devices
from kickstart.install_plan import InstallPlan, NetworkDevice

MACHINE = Machine(
    network_ports=(
        NetworkPort(name="eno1", mac="52:54:00:00:00:01", link=False),
        NetworkPort(name="eno2", mac="52:54:00:00:00:02", link=True),
    )
)
NO_ARGUMENTS = KernelCommandLine.parse("")


def plan_with(*devices: NetworkDevice, vlan: bool = False) -> InstallPlan:
    interfaces: list[Ethernet | VLAN] = [Ethernet(name=device.name) for device in devices]
    if vlan:
        interfaces.append(VLAN(name="link.7", parent="link", id=7))
    network = Network(interfaces=tuple(interfaces), management=interfaces[-1].name)
    return InstallPlan(
        document=HostDocument(network=network),
        network_devices=devices,
        network_active=(devices[0].name,),
    )


def names(plan: InstallPlan) -> list[str]:
    return [interface.name for interface in plan.document.network.interfaces]


def test_the_first_port_with_a_link_and_all_that_builds_on_it() -> None:
    found = find_network_devices(
        plan_with(NetworkDevice(name="link", by="link"), vlan=True), MACHINE, NO_ARGUMENTS
    )
    assert names(found) == ["eno2", "eno2.7"]
    assert found.document.network.management == "eno2.7"
    assert found.network_active == ("eno2",)
    assert found.network_devices == ()


def test_without_any_link_the_first_port_is_taken() -> None:
    dark = Machine(
        network_ports=tuple(
            port.model_copy(update={"link": None}) for port in MACHINE.network_ports
        )
    )
    found = find_network_devices(
        plan_with(NetworkDevice(name="link", by="link")), dark, NO_ARGUMENTS
    )
    assert names(found) == ["eno1"]


@pytest.mark.parametrize("bootif", ["01-52-54-00-00-00-02", "52:54:00:00:00:02"])
def test_the_port_the_machine_booted_from(bootif: str) -> None:
    found = find_network_devices(
        plan_with(NetworkDevice(name="bootif", by="bootif")),
        MACHINE,
        KernelCommandLine.parse(f"BOOTIF={bootif}"),
    )
    assert names(found) == ["eno2"]


def test_a_pinned_port_keeps_its_address_in_the_document() -> None:
    device = NetworkDevice(name="x", by="mac", mac="52:54:00:00:00:01", pin=True)
    (interface,) = find_network_devices(
        plan_with(device), MACHINE, NO_ARGUMENTS
    ).document.network.interfaces
    assert isinstance(interface, Ethernet)
    assert (interface.name, interface.mac) == ("eno1", "52:54:00:00:00:01")


@pytest.mark.parametrize(
    ("device", "said"),
    [
        (NetworkDevice(name="x", by="mac", mac="52:54:00:00:00:99", where="ks.cfg:7"), "00:99"),
        (NetworkDevice(name="bootif", by="bootif", where="ks.cfg:7"), "BOOTIF"),
    ],
)
def test_a_port_that_is_not_there_is_told_with_its_line(device: NetworkDevice, said: str) -> None:
    with pytest.raises(Failure) as caught:
        find_network_devices(plan_with(device), MACHINE, NO_ARGUMENTS)
    assert caught.value.where == "ks.cfg:7"
    assert said in str(caught.value)


def test_a_port_that_two_lines_mean_is_told_by_its_name() -> None:
    devices = (
        NetworkDevice(name="eno2", by="name", where="ks.cfg:6"),
        NetworkDevice(name="link", by="link", where="ks.cfg:7"),
    )
    with pytest.raises(Failure, match=r"the same port: eno2\.") as caught:
        find_network_devices(plan_with(*devices), MACHINE, NO_ARGUMENTS)
    assert caught.value.where == "ks.cfg:7"


def test_ports_are_counted_as_people_count(tmp_path: Path) -> None:
    for name in ("enp0s16", "enp0s4", "lo"):
        (tmp_path / name).mkdir()
        if name != "lo":
            (tmp_path / name / "device").mkdir()
    assert [port.name for port in read_network_ports(tmp_path)] == ["enp0s4", "enp0s16"]
