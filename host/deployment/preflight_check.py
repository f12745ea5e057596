"""What one check of the preflight looks at, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from foundation.failure import Failure
from host.deployment.appliance import Appliance
from host.document.deployment import DeploymentRequest
from host.machine import Machine
from host.status import CheckState, Virtualization


@dataclass(frozen=True)
class Preflight:
    """One thing that was looked at: ``name`` is what it is acknowledged by."""

    name: str
    state: CheckState
    measured: str
    remedy: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True)
class Situation:
    """What the checks look at; ``image`` may be the reason why there is none."""

    machine: Machine
    request: DeploymentRequest
    image: Appliance | Failure
    virtualization: Callable[[], Virtualization]
    host_version: str


Check = Callable[[Situation], "Preflight | tuple[Preflight, ...]"]
