"""A small ISO with the areas and the manifest of an install medium, made by xorriso."""

from __future__ import annotations

from pathlib import Path

from foundation.manifest import Artefact, Manifest, measure
from foundation.process import run
from iso import embed, seal
from iso.boot_menu import DIRECTORY


def make_small_medium(folder: Path) -> Path:
    """An ISO of about a megabyte below ``folder``: no kernel, everything else in its place."""
    stage = folder / "stage"
    ours = stage / DIRECTORY
    ours.mkdir(parents=True)
    (ours / "host.squashfs").write_bytes(b"image " * 50_000)
    (stage / "boot/grub").mkdir(parents=True)
    (stage / "boot/grub/grub.cfg").write_text("# menu\n")
    esp = folder / "esp.img"
    esp.write_bytes(b"esp " * 1024)
    for name, content in embed.empty_areas().items():
        (ours / name).write_bytes(content)
    manifest = Manifest(
        product="flexVDI host",
        version="0.1.0",
        base="debian-12",
        base_release="12",
        kernel="6.1.0",
        build_id="0123456789abcdef",
        source_date_epoch=1_700_000_000,
        image=f"{DIRECTORY}/host.squashfs",
        unpacked_size=300_000,
        displays=("spice",),
        artefacts={
            **seal.describe_files(stage, {}),
            "boot/grub/grub.cfg": Artefact(size=7, sha256="0" * 64),
        },
        partitions={"EFI system partition": measure(esp)},
        packages={"bash": "5.2"},
    )
    text = seal.manifest_text(manifest)
    (ours / "manifest.json").write_bytes(text)
    (ours / "manifest.json.sha256").write_bytes(seal.checksum_line(text))
    iso = folder / "medium.iso"
    run(
        [
            "xorriso", "-as", "mkisofs", "-quiet", "-R", "-J", "-V", "FLEXVDI-TEST",
            "-iso-level", "3", "-partition_offset", "16", "-appended_part_as_gpt",
            "-append_partition", "2", "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", str(esp),
            "-o", str(iso), str(stage),
        ]
    )  # fmt: skip
    seal.complete(iso, manifest, ("boot/grub/grub.cfg",))
    return iso


def extract(iso: Path, path: str, target: Path) -> bytes:
    """A file's bytes as xorriso, not our reader, finds them."""
    run(["xorriso", "-osirrox", "on", "-indev", str(iso), "-extract", path, str(target)])
    return target.read_bytes()
