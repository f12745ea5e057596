"""A newer image of the real appliance: built from these sources, with another version in them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

_REPOSITORY = Path(__file__).parents[3]
_BUILD = "import sys; from manager_image.command_line import main; sys.exit(main())"
VERSION = "9.9.9"


def build_newer_image(folder: Path, base: str) -> Path:
    """Build it below ``folder`` and return its own folder; half a minute with packages cached."""
    sources, image = folder / "sources", folder / "image"
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=_REPOSITORY, check=True, capture_output=True, text=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (_REPOSITORY / name).is_file():
            (sources / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(_REPOSITORY / name, sources / name)
    project = sources / "pyproject.toml"
    text = re.sub(r'(?m)^version = ".*"$', f'version = "{VERSION}"', project.read_text(), count=1)
    project.write_text(text)
    argv = [sys.executable, "-c", _BUILD, "build", "--base", base]
    argv += ["--output", str(image / "manager.qcow2")]
    subprocess.run(argv, cwd=sources, check=True, stdout=subprocess.DEVNULL)
    return image
