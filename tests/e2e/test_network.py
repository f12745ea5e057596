"""Netboot over HTTP, a kickstart over HTTP or NFS, and a management VLAN on a bond."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.lab.host_shell import HostShell
from tests.lab.installation import BOOT_SECONDS, DISK_GIB, STATUS_SCREEN, watch_installation
from tests.lab.kickstarts import render
from tests.lab.machine import Machine, create_disk, keep_firmware_variables, running
from tests.lab.netboot import served_set
from tests.lab.nfs_server import missing_for_nfs, nfs_server, port_mapper
from tests.lab.phases import Phases
from tests.lab.serving import serving
from tests.lab.sockets import free_port

# As the kernel names the ports of the machine below, by their places on its PCI bus.
BONDED = ("enp0s4", "enp0s5")
APART = "enp0s6"
# This machine, as QEMU's network shows it to its guests.
LAB_ADDRESS = "10.0.2.2"


def netboot_machine(folder: Path, url: str) -> Machine:
    """Three network ports; the first boots by iPXE from ``url``."""
    disk = create_disk(folder / "disk.qcow2", DISK_GIB, serial="netboot")
    return Machine(
        "netboot", memory=3072, disks=(disk,), networks=3, network_boot=url, extra=("-no-reboot",)
    )


@pytest.mark.full
def test_netboot_installs_a_bond_with_a_vlan(folder: Path) -> None:
    kickstart = render(
        "bond-vlan",
        disk="vda",
        ports=",".join(BONDED),
        vlan=42,
        address="192.0.2.10",
        netmask="255.255.255.0",
        gateway="192.0.2.1",
        hostname="vlan.flexvdi.test",
    )
    # A third port beside the bond, through which this test looks inside.
    kickstart = f"network --device={APART} --bootproto=dhcp --nodefroute\n{kickstart}"
    served = served_set(folder, kickstart)
    phases = Phases()
    with serving(served) as server:
        arguments = f"inst.ks={server.url}/ks.cfg inst.report={server.url}/report"
        (served / "site.ipxe").write_text(
            f"#!ipxe\nset flexvdi-url {server.url}/\nset flexvdi-arguments {arguments}\n"
            f"chain {server.url}/boot.ipxe\n"
        )
        machine = netboot_machine(folder, f"{server.url}/site.ipxe")
        with running(machine, folder / "installing") as run:
            watch_installation(run.console, phases)
        assert any(json.loads(post)["result"] == "finished" for post in server.posts)
    port = free_port()
    installed = replace(machine, network_boot="", ports={port: 22}, ports_network=2, memory=2048)
    keep_firmware_variables(folder / "installing", folder / "host")
    with running(installed, folder / "host") as run:
        run.console.wait_for_screen(STATUS_SCREEN, BOOT_SECONDS)
        shell = HostShell(port)
        shell.wait_until_ready(BOOT_SECONDS)
        links = {link["ifname"]: link for link in json.loads(shell.run("ip -d -j addr"))}
        vlan = next(
            link for link in links.values() if link.get("linkinfo", {}).get("info_kind") == "vlan"
        )
        assert vlan["linkinfo"]["info_data"]["id"] == 42
        assert links[vlan["link"]]["linkinfo"]["info_kind"] == "bond"
        assert any(address["local"] == "192.0.2.10" for address in vlan["addr_info"])
        ports = {name for name, link in links.items() if link.get("master") == vlan["link"]}
        assert ports == set(BONDED)
        assert "192.0.2.1" in shell.run("ip route show default")


@pytest.mark.full
@pytest.mark.skipif(bool(missing_for_nfs()), reason=missing_for_nfs())
def test_answers_come_over_nfs(folder: Path) -> None:
    port = free_port()
    with port_mapper(), nfs_server(folder / "nfs", port) as exported:
        kickstart = render("one-disk", disk="vda", hostname="nfs.flexvdi.test")
        (exported / "sites").mkdir()
        (exported / "sites/ks.cfg").write_text(kickstart)
        served = served_set(folder, "")
        with serving(served) as server:
            answers = f"inst.ks=nfs:port={port}:{LAB_ADDRESS}:/images/sites/ks.cfg"
            arguments = f"{answers} inst.report={server.url}/report"
            (served / "site.ipxe").write_text(
                f"#!ipxe\nset flexvdi-url {server.url}/\nset flexvdi-arguments {arguments}\n"
                f"chain {server.url}/boot.ipxe\n"
            )
            with running(netboot_machine(folder, f"{server.url}/site.ipxe"), folder / "run") as run:
                watch_installation(run.console, Phases())
            assert any(json.loads(post)["result"] == "finished" for post in server.posts)
