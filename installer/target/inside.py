"""Running the new system's own programs inside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from foundation.process import Completed, run
from foundation.secret import Secret


def run_inside(
    target: Path,
    argv: Sequence[str],
    *,
    input_text: str | None = None,
    accept: tuple[int, ...] = (0,),
    secrets: Sequence[Secret] = (),
    timeout: float = 300.0,
) -> Completed:
    """Run ``argv`` with ``target`` as its root; as :func:`foundation.process.run` otherwise."""
    return run(
        ["chroot", str(target), *argv],
        input_text=input_text,
        accept=accept,
        secrets=secrets,
        timeout=timeout,
    )
