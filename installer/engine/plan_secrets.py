"""Every secret that a plan holds, so that it can be masked wherever text leaves the installer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from foundation.secret import Secret, redact
from kickstart.install_plan import InstallPlan


def secrets_in(value: Any) -> tuple[Secret, ...]:
    """All secrets inside a model, sequence or mapping, longest first, each once."""
    found = {secret for secret in _walk(value) if secret}
    return tuple(sorted(found, key=lambda secret: (-len(secret.reveal()), secret.reveal())))


def _walk(value: Any) -> Iterator[Secret]:
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _walk(getattr(value, name))
    elif isinstance(value, dict):
        for part in value.values():
            yield from _walk(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _walk(part)


def masking_for(folder: Path) -> Callable[[str], str]:
    """What masks the secrets of the plan that an engine keeps in ``folder``, if there is one."""
    try:
        plan = InstallPlan.model_validate_json((folder / "plan.json").read_text())
    except (OSError, ValidationError):
        return lambda text: text
    secrets = secrets_in(plan)
    return lambda text: redact(text, secrets)
