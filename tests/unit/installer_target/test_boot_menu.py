from __future__ import annotations

import shutil
import subprocess

import pytest

from foundation.kernel_command_line import KernelCommandLine
from foundation.secret import Secret
from installer.storage.planning import plan_layout
from installer.target.boot_menu import (
    BootPlace,
    arguments_text,
    environment_block,
    menu_text,
    serial_line,
    stub_text,
)
from installer.target.bootloader import entries_labelled
from installer.target.kernel_arguments import carried_over, kernel_arguments
from tests.unit.installer_storage.lab_machines import IMAGE, automatic, machine, mirrored

HASH = Secret("grub.pbkdf2.sha512.10000.AA.BB")


def menu(**more) -> str:
    return menu_text(
        **{
            "place": BootPlace("1234-uuid", ""),
            "product": "flexVDI 1.0",
            "timeout": None,
            "password_hash": None,
            "live": KernelCommandLine.parse("console=tty0 console=ttyS1,9600n8"),
            **more,
        }
    )


@pytest.mark.skipif(not shutil.which("grub-script-check"), reason="needs grub-common")
@pytest.mark.parametrize("password", [None, HASH])
def test_grub_accepts_every_script(tmp_path, password):
    place = BootPlace("1234-uuid", "/boot")
    texts = {
        "menu": menu(password_hash=password, place=place),
        "stub": stub_text(place, "grub2"),
        "arguments": arguments_text('root=UUID=x rw dyndbg="it\'s\\ here"'),
    }
    for name, text in texts.items():
        path = tmp_path / name
        path.write_text(text)
        subprocess.run(["grub-script-check", str(path)], check=True)


def test_paths_follow_where_boot_lies():
    assert "linux /$1/vmlinuz" in menu()
    assert "linux /boot/$1/vmlinuz" in menu(place=BootPlace("1234-uuid", "/boot"))
    assert "set prefix=($root)/boot/grub2" in stub_text(BootPlace("u", "/boot"), "grub2")


def test_both_slots_have_an_entry_and_grubenv_chooses():
    text = menu()
    for slot in "ab":
        assert f"--id slot-{slot} --unrestricted" in text
        assert f"if [ -e /{slot}/vmlinuz ]" in text
    assert "set default=slot-$slot" in text


def test_a_password_is_asked_for_all_but_the_default_entries():
    text = menu(password_hash=HASH)
    assert f"password_pbkdf2 root {HASH.reveal()}" in text
    assert "superusers" not in menu()


def test_the_menu_speaks_on_the_serial_line_that_the_kernel_line_names():
    assert "serial --unit=1 --speed=9600" in menu()
    assert serial_line(KernelCommandLine.parse("quiet")) == (0, 115200)


def test_a_timeout_of_zero_is_kept():
    assert "set timeout=0\n" in menu(timeout=0)
    assert "set timeout=5\n" in menu()


def test_grubenv_is_one_block():
    block = environment_block(slot="a")
    assert len(block) == 1024
    assert block.startswith("# GRUB Environment Block\nslot=a\n#")


def arguments(plan, name: str, **more) -> list[str]:
    layout = plan_layout(plan, machine(name), IMAGE)
    return kernel_arguments(
        **{
            "root_uuid": "root-uuid",
            "layout": layout,
            "array_uuids": {a.path: f"uuid-of-{a.name}" for a in layout.arrays},
            "base": (),
            "append": "",
            "live": KernelCommandLine.parse(
                "root=live:x console=tty0 console=ttyS0,115200 inst.ks=y"
            ),
            "selinux": None,
            **more,
        }
    ).split()


def test_a_mirrored_root_names_volume_and_every_array_and_does_not_wait_long():
    words = arguments(mirrored("sda", "sdb"), "two-blank-disks")
    assert words[:2] == ["root=UUID=root-uuid", "ro"]
    assert "rd.lvm.lv=flexvdi/root_a" in words
    assert "rd.md.uuid=uuid-of-boot" in words
    assert "rd.md.uuid=uuid-of-pv" in words
    assert words.count("rd.retry=20") == 1


def test_the_images_own_retry_time_is_not_doubled():
    words = arguments(mirrored("sda", "sdb"), "two-blank-disks", base=("rd.retry=30",))
    assert [word for word in words if word.startswith("rd.retry")] == ["rd.retry=30"]


def test_consoles_are_carried_over_and_answers_are_not():
    words = arguments(automatic(), "one-blank-disk")
    assert [w for w in words if w.startswith("console=")] == [
        "console=tty0",
        "console=ttyS0,115200",
    ]
    assert not [w for w in words if w.startswith(("inst.", "root=live"))]


def test_what_the_author_appends_comes_last():
    words = arguments(automatic(), "one-blank-disk", append="quiet nosmt=force")
    assert words[-2:] == ["quiet", "nosmt=force"]


def test_a_root_on_multipath_starts_multipath():
    assert "rd.multipath=default" in arguments(automatic(), "multipath-san")


def test_network_arguments_are_kept_for_iscsi_only():
    live = KernelCommandLine.parse("ip=dhcp rd.iscsi.firmware console=tty0")
    assert carried_over(live) == ["console=tty0"]
    assert carried_over(live, iscsi=True) == ["ip=dhcp", "rd.iscsi.firmware", "console=tty0"]


def test_only_our_own_entries_of_the_firmware_are_replaced():
    listing = (
        "BootCurrent: 0001\nBootOrder: 0001,0000,0003\n"
        "Boot0000* flexVDI host\tHD(2,GPT,…)\n"
        "Boot0001* flexVDI host (sdb)\tHD(2,GPT,…)\n"
        "Boot0002* flexVDI hosting\tHD(2,GPT,…)\n"
        "Boot000A* Windows Boot Manager\tHD(1,GPT,…)\n"
    )
    assert entries_labelled(listing, "flexVDI host") == ["0000", "0001"]
