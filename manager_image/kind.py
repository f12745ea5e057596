"""The appliance's image: what is in it of ours, and what a root tree must bring for it."""

from __future__ import annotations

from pathlib import Path

from foundation.failure import WrongArgument
from iso import contract
from iso.bases.model import Base, read_base
from iso.image_kind import GrubCore, ImageKind

DATA = Path(__file__).parent / "bases"

# The partition of the disk that GRUB, kernel and initrd lie on, and GRUB's folder there.
BOOT_PARTITION = 2
GRUB_FOLDER = "grub"
_GRUB_MODULES = (
    "biosdisk", "part_gpt", "fat", "normal", "configfile", "linux", "serial", "terminal", "echo",
    "test", "boot", "reboot", "halt", "minicmd", "ls", "cat",
)  # fmt: skip
# What the appliance's own code runs (manager.appliance).
_PROGRAMS = (
    "bash", "chronyd", "e2fsck", "e2label", "hostname", "ip", "journalctl", "lsblk", "mkfs.ext4",
    "mount", "nft", "nmcli", "python3", "resize2fs", "runuser", "ssh-keygen", "systemctl",
    "systemd-tmpfiles", "umount", "wipefs",
)  # fmt: skip

MANAGER = ImageKind(
    name="Manager's appliance",
    product="flexVDI Manager",
    packages=("agent.protocol", "foundation", "manager"),
    extras=("manager",),
    overlay=Path(__file__).parent / "overlay",
    grub=GrubCore("core.img", "i386-pc", f"(,gpt{BOOT_PARTITION})/{GRUB_FOLDER}", _GRUB_MODULES),
    checks=(
        contract.kernel_with("squashfs", "overlay", "ext4", "virtio_blk", "virtio_net", "isofs"),
        contract.boot_files,
        contract.secure_boot,
        contract.programs(*_PROGRAMS),
        contract.python,
        contract.units,
        contract.places,
        contract.live_folders,
        contract.security,
    ),
    holds_boot_files=False,
    finishing=(
        ("systemd-sysusers", "/usr/lib/sysusers.d/flexvdi-manager.conf"),
        ("systemctl", "preset-all", "--preset-mode=full"),
    ),
)


def base_names() -> list[str]:
    """The names of all bases that the appliance can be made of, sorted."""
    return sorted(path.stem for path in DATA.glob("*.toml"))


def load_base(name: str) -> Base:
    """The base called ``name``, as the appliance uses it, or that of a data file (``….toml``).

    Raises Failure when there is none or its data file is wrong.
    """
    if name.endswith(".toml"):
        return read_base(Path(name))
    if name not in base_names():
        raise WrongArgument(
            f"The appliance has no base called {name!r}.",
            f"Choose one of: {', '.join(base_names())}.",
        )
    return read_base(DATA / f"{name}.toml")
