"""Which version of the appliance wrote the data last, and whether this one may use them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from foundation.atomic_file import write_atomically
from foundation.failure import Failure

LAYOUT = 1


class DataRecord(BaseModel):
    """Written once the Manager answered with these data; ``layout`` is that of the data disk."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    layout: int = LAYOUT
    version: str
    build_id: str


def read_record(path: Path) -> DataRecord | None:
    """The record at ``path``; None on a disk that no Manager has used yet. Raises Failure."""
    try:
        return DataRecord.model_validate_json(path.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        raise Failure(
            f"The record of the data's version, {path.name}, cannot be read.",
            "Nothing was started. Restore a backup into a new Manager.",
            details=str(error),
        ) from error


def write_record(path: Path, record: DataRecord) -> None:
    """Keep ``record`` at ``path``."""
    write_atomically(path, (record.model_dump_json() + "\n").encode(), 0o600)


def check_record(record: DataRecord | None, version: str) -> Literal["new", "same", "upgrade"]:
    """What this image, of ``version``, is to the data; raises Failure when they are newer."""
    if record is None:
        return "new"
    if record.layout > LAYOUT or _ordered(record.version) > _ordered(version):
        raise Failure(
            f"The data are of the Manager {record.version}; this image is the older {version}.",
            f"Nothing was changed. Start the image of version {record.version} or newer, or "
            f"restore a backup made by {version} into a new Manager.",
        )
    return "same" if record.version == version else "upgrade"


def _ordered(version: str) -> tuple[int, ...]:
    """Numbers of a version, for comparing: ``1.10.2`` is newer than ``1.9``."""
    return tuple(int(number) for number in re.findall(r"\d+", version))
