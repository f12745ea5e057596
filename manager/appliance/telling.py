"""How far the start is: a line on the serial console, and a file that the consoles show."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from foundation.appliance_seed import ApplianceProgress, progress_line
from foundation.atomic_file import write_atomically
from foundation.failure import Failure
from manager.appliance.places import CONSOLE, Places

log = logging.getLogger("flexvdi.appliance")


@dataclass(frozen=True)
class Teller:
    """Tells the same to whoever deploys (console), whoever looks (state file) and the journal."""

    places: Places
    version: str
    console: Path = CONSOLE

    def tell(self, progress: ApplianceProgress, addresses: tuple[str, ...] = ()) -> None:
        """Say ``progress``; a console that cannot be written to stops nothing."""
        level = logging.ERROR if progress.state == "failed" else logging.INFO
        log.log(level, "%s: %s", progress.step, progress.words or progress.state)
        with suppress(OSError):
            # A line of its own, whatever stands before it.
            self.console.write_text(f"\n{progress_line(progress)}\n")
        said = {"version": self.version, "addresses": list(addresses)}
        said |= progress.model_dump(exclude_defaults=True)
        with suppress(OSError):
            self.places.run.mkdir(parents=True, exist_ok=True)
            write_atomically(self.places.state, json.dumps(said).encode(), 0o644)

    @contextmanager
    def step(self, step: str, words: str, done: str = "") -> Iterator[None]:
        """A step with its beginning, its end, or its failure."""
        self.tell(ApplianceProgress(step=step, state="running", words=words))
        try:
            yield
        except Failure as failure:
            self.tell(
                ApplianceProgress(
                    step=step, state="failed", words=failure.cause, remedy=failure.remedy
                )
            )
            raise
        self.tell(ApplianceProgress(step=step, state="done", words=done))
