from __future__ import annotations

from xml.etree.ElementTree import fromstring

from host.document.system_files import zone_text
from installer.target.boot_menu import BootPlace, core_text


def test_the_zone_lets_through_what_the_document_names_and_dhcpv6() -> None:
    zone = fromstring(zone_text(("ssh", "ssh", "libvirt"), ("5900-5999/tcp",)).encode())
    services = [service.get("name") for service in zone.findall("service")]
    assert services == ["ssh", "libvirt", "dhcpv6-client"]
    (port,) = zone.findall("port")
    assert (port.get("port"), port.get("protocol")) == ("5900-5999", "tcp")


def test_the_core_of_grub_finds_boot_by_uuid_alone() -> None:
    alone = core_text(BootPlace("1234", ""), "grub")
    assert "--fs-uuid --set=root 1234" in alone
    assert "set prefix=($root)/grub\n" in alone
    inside = core_text(BootPlace("1234", "/boot"), "grub2")
    assert "set prefix=($root)/boot/grub2\n" in inside
