"""The boot menus: valid for GRUB, the same live system behind every entry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from foundation.process import run
from iso import bases
from iso.boot_menu import BootTexts, boot_texts, label_of, marker_of


@pytest.fixture(scope="module")
def texts() -> BootTexts:
    return boot_texts(bases.load("debian-12"), "0.1.0", "FLEXVDI-0_1_0-ABCDEF")


@pytest.mark.parametrize("name", ["menu", "esp"])
def test_grub_accepts_the_menus(texts: BootTexts, tmp_path: Path, name: str) -> None:
    path = tmp_path / "grub.cfg"
    path.write_text(getattr(texts, name))
    run(["grub-script-check", str(path)])


def test_every_kernel_line_boots_this_medium_on_both_consoles(texts: BootTexts) -> None:
    (live,) = re.findall(r'^set live="(.*)"', texts.menu, re.M)
    assert "root=live:CDLABEL=FLEXVDI-0_1_0-ABCDEF" in live.split()
    assert {"rd.live.image", "rd.auto=0", "rd.lvm=0", "rd.md=0"} <= set(live.split())
    lines = re.findall(r"^\s+linux (.*)$", texts.menu, re.M)
    assert len(lines) == 4
    for line in lines:
        assert {"$live", "console=ttyS0,115200", "console=tty0", "$kernel_arguments"} <= set(
            line.split()
        )


def test_entries_differ_by_their_argument(texts: BootTexts) -> None:
    for argument in ("inst.ks=cdrom:/flexvdi/ks.cfg", "flexvdi.verify", "inst.rescue"):
        assert len(re.findall(rf" {re.escape(argument)} ", texts.menu)) == 1


def test_both_menus_find_the_medium_by_its_marker(texts: BootTexts) -> None:
    marker = marker_of("FLEXVDI-0_1_0-ABCDEF")
    assert f"search --no-floppy --set=root --file {marker}" in texts.menu
    assert f"search --no-floppy --set=root --file {marker}" in texts.esp


def test_network_boot_takes_everything_from_where_the_script_came(texts: BootTexts) -> None:
    assert texts.ipxe.startswith("#!ipxe\n")
    assert "root=live:${flexvdi-url}host.squashfs" in texts.ipxe
    assert "CDLABEL" not in texts.ipxe
    assert "rd.neednet=1" in texts.ipxe


@pytest.mark.parametrize("version", ["0.1.0", "10.20.30.dev4+local.build.with.a.long.name"])
def test_labels_fit_iso_9660(version: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,32}", label_of(version, "0123456789abcdef"))


def test_labels_of_two_builds_differ() -> None:
    assert label_of("0.1.0", "0123456789abcdef") != label_of("0.1.0", "fedcba9876543210")
