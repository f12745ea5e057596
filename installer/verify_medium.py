"""``flexvdi-install verify-medium``: every file of the medium compared with its manifest.

The last line of the result is for programs:
``verify-medium: result=ok|damaged files=N damaged=N``.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event

from foundation.command_line import EXIT_FAILED, EXIT_OK
from foundation.failure import Failure
from foundation.interactive import run_interactively
from foundation.kernel_command_line import KernelCommandLine
from foundation.manifest import MANIFEST_NAME, read_manifest, verify_artefact
from foundation.process import run
from installer.engine.medium import DIRECTORY, Medium, find_medium
from installer.machine.model import in_words

_MENU = "1) Reboot  2) Power off  3) Shell"


def verify_medium(folder: Path | None, *, menu: bool) -> int:
    """Verify, tell, and with ``menu`` ask what to do; 0 when all is well, 1 when not."""
    medium = _medium(folder)
    print(
        f"Verifying the medium of {medium.manifest.product} {medium.manifest.version}", flush=True
    )
    damaged = verify(medium, _say_line)
    count = len(medium.manifest.artefacts)
    if damaged:
        for failure in damaged:
            print(f"! {failure}")
        print("The medium is damaged. Do not install from it.")
    else:
        print(f"The medium is complete: {count} files match their checksums.")
    result = "damaged" if damaged else "ok"
    print(f"verify-medium: result={result} files={count} damaged={len(damaged)}", flush=True)
    if menu and sys.stdin.isatty():
        _ask_what_next()
    return EXIT_FAILED if damaged else EXIT_OK


def verify(medium: Medium, say: Callable[[str], None]) -> tuple[Failure, ...]:
    """A Failure for each file that is missing or damaged; ``say`` is told each 10 % of all bytes.

    Raises Failure when the manifest itself does not match its own checksum.
    """
    _verify_manifest(medium)
    artefacts = medium.manifest.artefacts
    total = sum(artefact.size for artefact in artefacts.values()) or 1
    before = 0
    told = 0
    damaged: list[Failure] = []
    for name, artefact in artefacts.items():

        def on_progress(done: int, before: int = before) -> None:
            nonlocal told
            tenth = (before + done) * 10 // total
            if tenth > told:
                told = tenth
                say(f"{tenth * 10:3} %  {in_words(before + done)} of {in_words(total)}")

        try:
            verify_artefact(medium.manifest, medium.folder, name, on_progress)
        except Failure as failure:
            damaged.append(failure)
        before += artefact.size
    return tuple(damaged)


def _verify_manifest(medium: Medium) -> None:
    for folder in (medium.folder / DIRECTORY, medium.folder):
        checksum = folder / f"{MANIFEST_NAME}.sha256"
        if checksum.is_file():
            expected = checksum.read_text().split()[:1]
            found = hashlib.sha256((folder / MANIFEST_NAME).read_bytes()).hexdigest()
            if expected != [found]:
                raise Failure(
                    f"{MANIFEST_NAME} does not match its checksum: the medium is damaged.",
                    "Make the medium again from a download whose checksum you compared.",
                )


def _medium(folder: Path | None) -> Medium:
    if folder is None:
        return find_medium(KernelCommandLine.of_this_machine(), say=_say_line, cancel=Event())
    for path in (folder / DIRECTORY / MANIFEST_NAME, folder / MANIFEST_NAME):
        if path.is_file():
            return Medium(folder, read_manifest(path))
    raise Failure(
        f"{folder} holds no {MANIFEST_NAME}, so it is no medium of ours.",
        "Name the folder at which the medium is mounted.",
    )


def _say_line(line: str) -> None:
    print(f"  {line}", flush=True)


def _ask_what_next() -> None:
    while True:
        print(f"Type a number and Enter: {_MENU}", flush=True)
        typed = sys.stdin.readline()
        if not typed:
            return
        match typed.strip():
            case "1":
                run(["systemctl", "reboot"])
                return
            case "2":
                run(["systemctl", "poweroff"])
                return
            case "3":
                run_interactively(("/bin/bash", "--login"))
