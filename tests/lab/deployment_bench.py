"""How fast a deployment copies: its own copying against a plain sparse ``qemu-img convert``.

Run alone with ``python -m tests.lab.deployment_bench``.
"""

from __future__ import annotations

import os
import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from foundation.process import run
from host.backends.real.manager.sparse_copy import copy_sparse
from tests.lab.figures import MIB, Figure
from tests.lab.places import LAB

_SIZE = 4 << 30  # bytes that a guest sees
_PIECES = 48  # of 8 MiB of data each, apart from one another
_ROUNDS = 3


def deployment_figures() -> list[Figure]:
    """Both copy the same sparse qcow2, to disk and forced there, in turns; medians count."""
    folder = LAB / "deployment-bench"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        image = _image(folder)
        target = folder / "copy.qcow2"

        def ours() -> None:
            copy_sparse(image, target, lambda _done, _total: None)

        def plain() -> None:
            argv = ["qemu-img", "convert", "-f", "qcow2", "-O", "qcow2", str(image), str(target)]
            run(argv, timeout=600)
            run(["sync", str(target)], timeout=600)

        pairs = [(_seconds(ours, target), _seconds(plain, target)) for _round in range(_ROUNDS)]
        size = image.stat().st_blocks * 512 / MIB
    finally:
        shutil.rmtree(folder)
    copied = statistics.median(ours for ours, _plain in pairs)
    converted = statistics.median(plain for _ours, plain in pairs)
    return [
        Figure("image that is deployed", size, "MiB"),
        Figure("qemu-img convert of it", converted, "s"),
        Figure("deployment's copy of it", copied, "s"),
        Figure("deployment's copy / qemu-img convert", copied / converted, "x", 1.2),
    ]


def _seconds(copy: Callable[[], None], target: Path) -> float:
    target.unlink(missing_ok=True)
    start = time.perf_counter()
    copy()
    return time.perf_counter() - start


def _image(folder: Path) -> Path:
    """Data that no compression helps with, in pieces with holes between them."""
    raw = folder / "image.raw"
    with raw.open("wb") as stream:
        stream.truncate(_SIZE)
        for piece in range(_PIECES):
            stream.seek(piece * (_SIZE // _PIECES))
            stream.write(os.urandom(8 * MIB))
    image = folder / "image.qcow2"
    run(["qemu-img", "convert", "-O", "qcow2", str(raw), str(image)], timeout=600)
    raw.unlink()
    return image


if __name__ == "__main__":
    print("\n".join(figure.row() for figure in deployment_figures()))
