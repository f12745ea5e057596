"""Every template renders, passes ksvalidator, and means what its variables say."""

from pathlib import Path

import pytest

from foundation.failure import Failure
from foundation.process import run
from foundation.secret import Secret
from kickstart.catalogue import TEMPLATES, Template, find_template
from kickstart.reading import KickstartRefused, read_kickstart
from kickstart.rendering import render

PASSWORDS = {"root_password": Secret("first secret\n")}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB admin@example"
REQUIRED = {
    "disk": "/dev/disk/by-id/wwn-0x5000c500a1b2c3d4",
    "second_disk": "vdb",
    "wwn": "3600508b400105e210000900000490000",
    "ports": "eth0,eth1",
    "vlan": "100",
    "administrator_password": "$6$salt$" + "a" * 86,
}
EVERYTHING = {
    "hostname": "host1.example.com",
    "language": "es_ES.UTF-8",
    "keyboard": "us(intl)",
    "timezone": "Europe/Madrid",
    "ntp_servers": "ntp1.example,192.0.2.123",
    "ssh_key": KEY,
    "kernel_arguments": "console=tty0 console=ttyS0,115200",
    "report_url": "https://reports.example/install?host=1",
    "finish": "poweroff",
    "network_device": "52:54:00:12:34:56",
    "address": "192.0.2.10",
    "netmask": "255.255.255.128",
    "gateway": "192.0.2.1",
    "nameservers": "192.0.2.53,192.0.2.54",
    "multipath": "no",
    "bond_mode": "802.3ad",
    "selinux": "permissive",
    "log_host": "log.example",
    "image_url": "https://images.example/host.squashfs",
    "image_sha256": "0" * 64,
    "root_size": "5120",
}


def values_for(template: Template, everything: bool) -> dict[str, str]:
    names = {variable.name for variable in template.variables}
    wanted = {**REQUIRED, **(EVERYTHING if everything else {})}
    if everything and template.name == "san-boot":
        wanted["wwn"] = "0x5000c500a1b2c3d4"
    return {name: value for name, value in wanted.items() if name in names}


@pytest.mark.parametrize("everything", [False, True], ids=["least", "everything"])
@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_renders_for_us_and_for_anaconda(
    template: Template, everything: bool, tmp_path: Path
) -> None:
    text = render(template, values_for(template, everything), PASSWORDS)
    assert "first secret" not in text
    file = tmp_path / "ks.cfg"
    file.write_text(text)
    run(["ksvalidator", "-v", "RHEL10", str(file)], environment=_tools())
    plan = read_kickstart(file)
    assert plan.document.access.root_password_hash is not None
    mount_points = {volume.mount_point for volume in plan.storage.volumes}
    assert {"/", "swap", "/var", "/var/lib/flexvdi/images"} <= mount_points
    root = next(volume for volume in plan.storage.volumes if volume.mount_point == "/")
    assert plan.storage.groups[0].reserved == root.size
    if everything:
        assert plan.document.identity.hostname == "host1.example.com"
        assert plan.document.access.root_ssh_keys == (KEY,)
        assert plan.bootloader.append.startswith("console=tty0 console=ttyS0,115200")
        assert plan.addon.report_url == EVERYTHING["report_url"]
        assert plan.finish == "poweroff"
        addresses = [i.ipv4.addresses for i in plan.document.network.interfaces]
        assert "192.0.2.10/25" in str(addresses)


IPV6 = {"address": "fd00:4::13/64", "gateway": "fe80::1", "nameservers": "fd00:4::2"}


@pytest.mark.parametrize("name", ["one-disk", "bond-vlan"])
def test_a_host_may_have_ipv6_alone(name: str, tmp_path: Path) -> None:
    template = find_template(name)
    file = tmp_path / "ks.cfg"
    file.write_text(render(template, {**values_for(template, False), **IPV6}, PASSWORDS))
    run(["ksvalidator", "-v", "RHEL10", str(file)], environment=_tools())
    network = read_kickstart(file).document.network
    (own,) = [one for one in network.interfaces if one.ipv6.addresses]
    assert (str(own.ipv6.addresses[0]), str(own.ipv6.gateway)) == ("fd00:4::13/64", "fe80::1")
    assert own.ipv4.method == "disabled" and str(own.dns_servers[0]) == "fd00:4::2"


def _tools() -> dict[str, str]:
    import sys

    return {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}


def test_mirror_is_declared_on_both_disks(tmp_path: Path) -> None:
    template = find_template("mirrored-disks")
    file = tmp_path / "ks.cfg"
    file.write_text(render(template, {"disk": "vda", "second_disk": "vdb"}, PASSWORDS))
    storage = read_kickstart(file).storage
    places = sorted((part.role, part.disk) for part in storage.partitions)
    assert places == [
        ("bios-boot", "vda"),
        ("bios-boot", "vdb"),
        ("efi", "vda"),
        ("raid-member", "vda"),
        ("raid-member", "vda"),
        ("raid-member", "vdb"),
        ("raid-member", "vdb"),
    ]
    assert [(raid.device, raid.level) for raid in storage.raids] == [("boot", "1"), ("system", "1")]


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ({}, "needs disk"),
        ({"disk": "vda", "colour": "red"}, "has no variable colour"),
        ({"disk": "vda\nreboot"}, "quotes, backslashes"),
        ({"disk": "vda --grow"}, "is not a disk"),
        ({"disk": "vda", "root_size": "100"}, "below the least value"),
        ({"disk": "vda", "root_size": "big"}, "is not a size in MiB"),
        ({"disk": "vda", "timezone": "Mars/Phobos"}, "is not a time zone"),
        ({"disk": "vda", "hostname": "-x"}, "is not a host name"),
        ({"disk": "vda", "gateway": "192.0.2.1"}, "gateway is given without an address"),
        ({"disk": "vda", "address": "fd00:4::13"}, "has no prefix length, as in fd00:4::13/64"),
        ({"disk": "vda", **IPV6, "gateway": "10.0.4.1"}, "of two families"),
        ({"disk": "vda", "root_password": "clear"}, "given in clear"),
    ],
)
def test_refuses_variables(given: dict[str, str], cause: str) -> None:
    secrets = {} if "root_password" in given else PASSWORDS
    with pytest.raises(Failure, match=cause) as refused:
        render(find_template("one-disk"), given, secrets)
    assert "clear'" not in str(refused.value)


def test_values_that_do_not_fit_together_are_refused() -> None:
    given = {"disk": "vda", "address": "192.0.2.10", "gateway": "198.51.100.1"}
    with pytest.raises(KickstartRefused, match="outside the subnet"):
        render(find_template("one-disk"), given, PASSWORDS)


def test_somebody_must_be_able_to_log_in() -> None:
    with pytest.raises(Failure, match="Nobody could log in"):
        render(find_template("one-disk"), {"disk": "vda"})
