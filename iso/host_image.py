"""The host's image: what is in it of ours, and what a root tree must bring for it."""

from __future__ import annotations

from pathlib import Path

from iso import contract
from iso.image_kind import GrubCore, ImageKind

# Everything the menu uses is built in, so that the medium carries no folder of GRUB modules.
_GRUB_MODULES = (
    "iso9660", "biosdisk", "part_gpt", "part_msdos", "fat", "ext2", "normal", "configfile",
    "search", "search_fs_file", "search_label", "linux", "echo", "test", "regexp", "loadenv",
    "serial", "terminal", "chain", "boot", "reboot", "halt", "minicmd", "ls", "cat", "sleep",
    "true", "all_video",
)  # fmt: skip

HOST = ImageKind(
    name="host",
    product="flexVDI host",
    packages=("agent", "config_tui", "foundation", "host", "installer", "kickstart"),
    overlay=Path(__file__).parent / "overlay",
    grub=GrubCore("eltorito.img", "i386-pc-eltorito", "/{grub_directory}", _GRUB_MODULES),
    checks=contract.HOST_CHECKS,
    # What flexvdi-config writes about itself, from its own parser.
    written={
        "usr/share/bash-completion/completions/flexvdi-config": (
            "/usr/bin/flexvdi-config",
            "completion",
            "bash",
        ),
        "usr/share/man/man8/flexvdi-config.8": ("/usr/bin/flexvdi-config", "manual"),
    },
    finishing=(("systemctl", "preset-all", "--preset-mode=full"),),
)
