"""That this Manager's state was restored: of when the backup was, and when that was done."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from foundation.atomic_file import write_atomically

log = logging.getLogger("flexvdi.manager.backup")

_FILE = "restored.json"


class Restored(BaseModel):
    """``backup`` is when the backup was made, ``at`` when it was restored."""

    model_config = ConfigDict(frozen=True)

    backup: datetime
    at: datetime


def note_restored(state: Path, restored: Restored) -> None:
    """Keep it in the state folder; only the last restore counts."""
    write_atomically(state / _FILE, restored.model_dump_json() + "\n", 0o600)


def read_restored(state: Path) -> Restored | None:
    """The last restore; None where there was none."""
    try:
        return Restored.model_validate_json((state / _FILE).read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        log.warning("%s cannot be read: %s", state / _FILE, error)
        return None
