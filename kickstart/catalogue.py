"""The templates that there are, each with its variables."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.failure import WrongArgument
from kickstart.variables import Variable

_FIXED_MIB = 1 + 4
"""The BIOS boot area, and what a GPT and the alignment of partitions cost."""

_SYSTEM = (
    Variable("hostname", "host name", "the name of the host", "flexvdi-host"),
    Variable("language", "language", "the language of the console", "en_US.UTF-8"),
    Variable("keyboard", "keyboard", "the keyboard layout of the console", "us"),
    Variable("timezone", "time zone", "the time zone, as in Europe/Madrid", "UTC"),
    Variable("ntp_servers", "servers", "time servers, separated by commas", ""),
    Variable("root_password", "password", "root's password, or its hash", ""),
    Variable("ssh_key", "SSH key", "a public key with which root may log in", ""),
    Variable("kernel_arguments", "text", "kernel arguments, as in console=ttyS0,115200", ""),
    Variable("report_url", "URL", "where the report of the installation is posted", ""),
    Variable("finish", "ending", "what to do at the end: reboot, poweroff or halt", "reboot"),
)
_NETWORK = (
    Variable(
        "network_device",
        "text",
        "the management port: a name, a MAC address, link (the first with a link) or bootif",
        "link",
    ),
    Variable(
        "address",
        "own address",
        "a fixed address, IPv6 with its prefix length; without it DHCP and routers are asked",
        "",
    ),
    Variable("netmask", "netmask", "the mask of a fixed IPv4 address", "255.255.255.0"),
    Variable("gateway", "address", "the router, with a fixed address", ""),
    Variable("nameservers", "addresses", "DNS servers, separated by commas", ""),
)
_SIZES = (
    Variable("esp_size", "size", "the EFI System Partition (MiB)", "512", 64),
    Variable("boot_size", "size", "/boot (MiB)", "1024", 512),
    Variable(
        "root_size", "size", "the root slot (MiB); as much is kept free for slot B", "8192", 5120
    ),
    Variable("swap_size", "size", "swap (MiB)", "2048", 256),
    Variable("var_size", "size", "/var (MiB)", "4096", 1024),
    Variable("images_size", "size", "the least room for images (MiB); it grows", "1024", 512),
)


@dataclass(frozen=True)
class Template:
    """A template: its name, what it is for, and its variables in the order people meet them."""

    name: str
    description: str
    variables: tuple[Variable, ...]

    @property
    def file(self) -> str:
        """Its file in ``kickstart/templates``."""
        return f"{self.name}.ks.j2"

    def minimum_disk(self, values: dict[str, str] | None = None) -> int:
        """MiB that each disk needs with ``values``, or with the least sizes."""
        sizes = [variable for variable in self.variables if variable.kind == "size"]
        total = _FIXED_MIB
        for variable in sizes:
            size = int(values[variable.name]) if values else variable.minimum
            total += size * (2 if variable.name == "root_size" else 1)
        return total


TEMPLATES: tuple[Template, ...] = (
    Template(
        "one-disk",
        "one disk",
        (
            Variable("disk", "disk", "the disk to install on; it is erased"),
            *_SYSTEM,
            *_NETWORK,
            *_SIZES,
        ),
    ),
    Template(
        "mirrored-disks",
        "two disks that mirror each other, each of which boots alone",
        (
            Variable("disk", "disk", "the first disk; it is erased"),
            Variable("second_disk", "disk", "the second disk; it is erased"),
            *_SYSTEM,
            *_NETWORK,
            *_SIZES,
        ),
    ),
    Template(
        "san-boot",
        "a disk in a storage network, found by its WWN, by one path or several",
        (
            Variable("wwn", "WWN", "the volume's WWN (0x…), or with multipath its WWID (3600…)"),
            Variable("multipath", "yes or no", "whether several paths lead to it", "yes"),
            *_SYSTEM,
            *_NETWORK,
            *_SIZES,
        ),
    ),
    Template(
        "bond-vlan",
        "one disk, and management on a VLAN on a bond",
        (
            Variable("disk", "disk", "the disk to install on; it is erased"),
            Variable("ports", "interfaces", "the ports of the bond, separated by commas"),
            Variable("bond_mode", "bond mode", "how the ports share the work", "active-backup"),
            Variable("vlan", "number", "the VLAN of the management network, 1 to 4094", None, 1),
            *_SYSTEM,
            *_NETWORK[1:],
            *_SIZES,
        ),
    ),
    Template(
        "full",
        "an example of everything: mirror, bond, bridge, thin pool, people, scripts",
        (
            Variable("disk", "disk", "the first disk; it is erased"),
            Variable("second_disk", "disk", "the second disk; it is erased"),
            Variable("ports", "interfaces", "the ports of the bond, separated by commas"),
            Variable("bond_mode", "bond mode", "how the ports share the work", "active-backup"),
            Variable("vlan", "number", "the VLAN of the management network, 1 to 4094", "100", 1),
            Variable("administrator", "user name", "a person who administers the host", "admin"),
            Variable("administrator_password", "password", "their password, or its hash"),
            Variable("selinux", "SELinux mode", "how SELinux works, on bases that have it", ""),
            Variable("log_host", "servers", "the syslog server that follows the installation", ""),
            Variable("image_url", "URL", "another host image than the medium's", ""),
            Variable("image_sha256", "SHA-256", "its checksum", ""),
            *_SYSTEM,
            *_NETWORK[1:],
            *_SIZES,
        ),
    ),
)


def find_template(name: str) -> Template:
    """The template of that name; raises WrongArgument that lists those there are."""
    for template in TEMPLATES:
        if template.name == name:
            return template
    names = ", ".join(template.name for template in TEMPLATES)
    raise WrongArgument(f"There is no template {name}.", f"There are {names}.")
