"""A small volume labelled OEMDRV, as a vendor's stick with answers on it."""

from __future__ import annotations

import subprocess
from pathlib import Path


def answers_volume(folder: Path, kickstart: str) -> Path:
    """A FAT image that holds ``ks.cfg``; made without mounting anything."""
    image, answers = folder / "oemdrv.img", folder / "oemdrv-ks.cfg"
    answers.write_text(kickstart)
    with image.open("wb") as stream:
        stream.truncate(16 << 20)
    subprocess.run(["mkfs.vfat", "-n", "OEMDRV", str(image)], check=True, capture_output=True)
    subprocess.run(["mcopy", "-i", str(image), str(answers), "::ks.cfg"], check=True)
    return image
