"""The kickstart language that this product speaks, as tables.

The grammar is that of RHEL 10. ``CARRIED_OUT`` are the commands an installation acts on;
``NO_DIFFERENCE`` are accepted with a note saying why they change nothing; every other command is
refused, with a remedy where there is something else to write. ``NOT_CARRIED_OUT`` lists options
of known commands that are refused, because an option that is passed over is an answer that is lost.
"""

from __future__ import annotations

CARRIED_OUT = frozenset(
    [
        "autopart",
        "bootloader",
        "clearpart",
        "firewall",
        "group",
        "halt",
        "ignoredisk",
        "keyboard",
        "lang",
        "liveimg",
        "logging",
        "logvol",
        "network",
        "part",
        "partition",
        "poweroff",
        "raid",
        "reboot",
        "reqpart",
        "rescue",
        "rootpw",
        "selinux",
        "services",
        "shutdown",
        "sshkey",
        "sshpw",
        "timesource",
        "timezone",
        "user",
        "volgroup",
        "zerombr",
    ]
)

NO_DIFFERENCE = {
    "cmdline": "the installer shows the same on every console and asks nothing",
    "eula": "the host image has no licence agreement to accept",
    "firstboot": "a host has no first boot assistant; flexVDI Config is always there",
    "graphical": "the installer has a text interface only",
    "mediacheck": "the image is always verified before a disk is written",
    "skipx": "the host image has no X server",
    "text": "the installer always has a text interface",
}

_IMAGE = "Leave it out: the medium holds a complete host image, so nothing else is installed."
_REMEDIES = {
    "auth": "Leave it out; accounts are local, and other sources are set up in flexVDI Config.",
    "authconfig": "Leave it out; accounts are local.",
    "authselect": "Leave it out; accounts are local.",
    "bootc": _IMAGE,
    "btrfs": "Use part, raid, volgroup and logvol with ext4 or xfs.",
    "cdrom": _IMAGE,
    "driverdisk": "Leave it out; the kernel of the host image carries all its drivers.",
    "fcoe": "Use Fibre Channel, iSCSI or local disks.",
    "harddrive": _IMAGE,
    "hmc": _IMAGE,
    "install": "Leave it out; installing is what a kickstart does.",
    "iscsi": "Write the iSCSI boot target on the kernel line (rd.iscsi…) or in the firmware.",
    "iscsiname": "Write the initiator name on the kernel line (rd.iscsi.initiator=).",
    "module": _IMAGE,
    "mount": "Describe the layout with part, raid, volgroup and logvol (--useexisting).",
    "multipath": "Leave it out; multipath devices are found, name them by /dev/disk/by-id/.",
    "nfs": _IMAGE,
    "ostreecontainer": _IMAGE,
    "ostreesetup": _IMAGE,
    "realm": "Leave it out; join directories from the Manager.",
    "repo": _IMAGE,
    "rdp": "Leave it out; use the serial console, or sshpw for a shell during the installation.",
    "snapshot": "Leave it out; a second root slot serves to go back.",
    "updates": "Leave it out; use a newer medium.",
    "url": "Use liveimg --url= to name another host image.",
    "vnc": "Leave it out; use the serial console, or sshpw for a shell during the installation.",
    "xconfig": "Leave it out; the host image has no X server.",
}

SECTIONS_REFUSED = {
    "%certificate": "Certificates are not imported by the installer. "
    "Write them in a %post script, where update-ca-certificates or update-ca-trust can be run.",
    "%traceback": "%traceback runs when Anaconda itself crashes. "
    "Use %onerror, which runs whenever an installation fails.",
}

_ENCRYPTION = (
    "Disk encryption is not supported: a host must start with nobody there to type a passphrase."
)
_ENCRYPTION_OPTIONS = dict.fromkeys(
    (
        "encrypted",
        "passphrase",
        "escrowcert",
        "backuppassphrase",
        "cipher",
        "luks_version",
        "pbkdf",
        "pbkdf_memory",
        "pbkdf_time",
        "pbkdf_iterations",
    ),
    _ENCRYPTION,
)
_PROFILE = {"fsprofile": "Use --mkfsoptions= instead of --fsprofile=."}
_RESIZE = {"resize": "Existing volumes are not resized. Make a new layout, or resize beforehand."}
_HIBERNATION = {
    "hibernation": "A host with running guests does not hibernate. Use --recommended or --size=."
}
_WIRELESS = "Wireless networks are not supported. Use a wired port."

NOT_CARRIED_OUT: dict[str, dict[str, str]] = {
    "autopart": {**_ENCRYPTION_OPTIONS, **_HIBERNATION},
    "bootloader": {
        "default": "There is one operating system. Leave --default out.",
        "extlinux": "The bootloader is GRUB. Leave --extlinux out.",
        "sdboot": "The bootloader is GRUB. Leave --sdboot out.",
        "nombr": "GRUB is always written to the boot disks. Leave --nombr out.",
        "md5pass": "Use --iscrypted --password= with a hash of grub-mkpasswd-pbkdf2.",
    },
    "clearpart": {"cdl": "DASD disks exist on IBM Z only. Leave --cdl out."},
    "logvol": {
        **_ENCRYPTION_OPTIONS,
        **_PROFILE,
        **_RESIZE,
        **_HIBERNATION,
        "profile": "LVM profiles are not supported. Use --metadatasize= and --chunksize=.",
        "cache_size": "LVM caches are not supported. Leave --cache… out.",
        "cache_mode": "LVM caches are not supported. Leave --cache… out.",
        "cache_pvs": "LVM caches are not supported. Leave --cache… out.",
    },
    "network": {
        "essid": _WIRELESS,
        "wepkey": _WIRELESS,
        "wpakey": _WIRELESS,
        "dhcpclass": "A DHCP class is not sent. Leave --dhcpclass out.",
        "ethtool": "Leave --ethtool out; drivers negotiate, and udev rules can be made in %post.",
        "notksdevice": "Use --no-activate to keep a device down during the installation.",
        "teamslaves": "Network teams are gone from RHEL 10. Use --bondslaves=.",
        "teamconfig": "Network teams are gone from RHEL 10. Use --bondslaves=.",
    },
    "part": {
        **_ENCRYPTION_OPTIONS,
        **_PROFILE,
        **_RESIZE,
        **_HIBERNATION,
        "onbiosdisk": "BIOS disk numbers are not known to Linux. Use --ondisk=.",
    },
    "raid": {**_ENCRYPTION_OPTIONS, **_PROFILE},
    "reboot": {"kexec": "The firmware starts the installed host. Leave --kexec out."},
    "keyboard": {
        "switch_options": "The console switches between no layouts. Name one layout.",
    },
    "firewall": {
        "trusts": "Whole interfaces are not trusted. Name services and ports.",
        "use_system_defaults": "Name the services and ports, or leave the firewall line out.",
    },
    "timesource": {
        "nts": "Network Time Security is not set up. Leave --nts out.",
    },
    "rescue": {
        "nomount": "The rescue shell mounts nothing by itself. Leave --nomount out.",
        "romount": "The rescue shell mounts nothing by itself. Leave --romount out.",
    },
}
for _alias, _name in {
    "partition": "part",
    **dict.fromkeys(("halt", "poweroff", "shutdown"), "reboot"),
}.items():
    NOT_CARRIED_OUT[_alias] = NOT_CARRIED_OUT[_name]

SECRET_BEARING = frozenset({"bootloader", "liveimg", "rootpw", "sshpw", "user"})
"""Commands whose words must not be repeated in messages."""


def remedy_for_command(name: str) -> str:
    """What to write instead of a command that is not supported."""
    return _REMEDIES.get(name, "Remove the line; see the supported commands in the documentation.")
