"""What managerctl keeps between calls: which Manager, its CA, and the session of who signed in.

A folder for its owner alone; ``FLEXVDI_MANAGERCTL`` names another one than
``~/.config/flexvdi-managerctl``, for scripts that speak with several Managers.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from foundation.failure import Failure
from foundation.secret import Secret

_FOLDER = "~/.config/flexvdi-managerctl"
_FILE = "manager.json"


class Session(BaseModel):
    """Somebody who is signed in: the session's cookies, and the token that goes with changes."""

    model_config = ConfigDict(frozen=True)
    name: str
    cookies: dict[str, Secret]
    csrf: Secret


class KnownManager(BaseModel):
    """``url`` as in ``https://manager.example.org:8443``; ``ca`` in PEM, ``fingerprint`` of it."""

    model_config = ConfigDict(frozen=True)
    url: str
    fingerprint: str
    ca: str
    session: Session | None = None


@dataclass(frozen=True)
class Profile:
    """The folder that holds it."""

    folder: Path

    @property
    def ca_file(self) -> Path:
        """The CA's certificate, as the TLS library wants it."""
        return self.folder / "ca.pem"

    def load(self) -> KnownManager:
        """The Manager that is known; raises Failure when there is none, or the file is damaged."""
        try:
            return KnownManager.model_validate_json((self.folder / _FILE).read_text())
        except FileNotFoundError:
            raise Failure(
                "No Manager is known yet.",
                "Name it with `flexvdi-managerctl connect ADDRESS`.",
            ) from None
        except (OSError, ValidationError) as error:
            raise Failure(
                f"{self.folder / _FILE} cannot be used.",
                "Connect again with `flexvdi-managerctl connect ADDRESS`.",
                details=str(error) if isinstance(error, OSError) else "",
            ) from None

    def save(self, known: KnownManager) -> None:
        """Keep ``known``; the files are readable for their owner alone."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_private(self.ca_file, known.ca)
        _write_private(self.folder / _FILE, known.model_dump_json(indent=2))


def this_profile() -> Profile:
    """The profile of who calls."""
    return Profile(Path(os.environ.get("FLEXVDI_MANAGERCTL") or _FOLDER).expanduser())


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    fresh.replace(path)
