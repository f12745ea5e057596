"""Which accelerator counts, by what a QEMU does with the guest of one sector."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.backends.real import virtualization

_RAN = f"exit {(0x21 << 1) | 1}"
_REFUSED = "exit 1"
_HANGS = "while :; do :; done"


@pytest.mark.parametrize(
    ("with_kvm", "emulated", "accelerator", "words"),
    [
        (_RAN, _RAN, "kvm", "with hardware virtualization"),
        (_RAN, _REFUSED, "kvm", "with hardware virtualization"),
        (_REFUSED, _RAN, "tcg", "emulated and slow"),
        (_HANGS, _RAN, "tcg", "at the speed of a machine"),
        (_REFUSED, _REFUSED, None, "No guest starts"),
    ],
)
def test_kvm_counts_where_it_is_not_slower_than_emulation(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    with_kvm: str,
    emulated: str,
    accelerator: str | None,
    words: str,
) -> None:
    program = tmp_path / "qemu"
    choose = f'case "$*" in\n*accel=kvm*) {with_kvm} ;;\n*) {emulated} ;;\nesac'
    program.write_text(f"#!/bin/sh\n{choose}\n")
    program.chmod(0o755)
    device = tmp_path / "kvm"
    device.touch()
    monkeypatch.setattr(virtualization, "_PROGRAMS", (str(program),))
    monkeypatch.setattr(virtualization, "_DEVICE", device)
    monkeypatch.setattr(virtualization, "_KVM_LEAST", 1.0)
    found = virtualization.probe(tmp_path / "kept.json")
    assert found.accelerator == accelerator and words in found.reason
    program.unlink()
    assert virtualization.probe(tmp_path / "kept.json") == found, "asked once in a boot"
