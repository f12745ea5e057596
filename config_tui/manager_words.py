"""The Manager's guest in words: what pages and commands say alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foundation.joining import readable_fingerprint

if TYPE_CHECKING:
    from host.api.manager import DeploymentResult
    from host.deployment.plan import DeploymentPlan


def plan_lines(plan: DeploymentPlan) -> list[str]:
    """Steps, then the definition, then the seed, its secrets masked."""
    lines = [f"{number:2}. {title}" for number, (_name, title) in enumerate(plan.steps(), 1)]
    lines += ["", "The guest's definition:", *_indented(plan.xml)]
    for name, text in plan.shown_seed.items():
        lines += ["", f"The seed's {name}:", *_indented(text)]
    return lines


def result_lines(result: DeploymentResult) -> list[str]:
    """Where the Manager is, what it is known by, and what is left to be done."""
    lines = [
        f"The Manager is at https://{result.address}",
        f"Fingerprint of its authority: {readable_fingerprint(result.fingerprint)}",
    ]
    if result.setup_secret:
        lines.append(
            "Open that address and finish the set-up; it asks for this secret, which is shown "
            f"only here: {result.setup_secret.reveal()}"
        )
    return lines


def _indented(text: str) -> list[str]:
    return [f"    {line}" for line in text.splitlines()]
