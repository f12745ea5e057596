"""What a simulated machine tells of itself for support (host.machine.inspection.Inspection)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from host.backends.simulated.files import SimulatedFiles
from host.backends.simulated.simulation import Simulation


class SimulatedInspection:
    """The machine's interfaces, texts of its JSON (``texts``), and all of its files."""

    def __init__(self, simulation: Simulation, files: SimulatedFiles) -> None:
        """Texts are read when they are asked for."""
        self._simulation = simulation
        self._files = files

    def texts(self) -> Mapping[str, Callable[[], str]]:
        """A fault named ``inspection`` hits each of them."""
        facts = self._simulation.facts
        contents = {
            "network/addresses.json": json.dumps(facts.get("interfaces", [])),
            **facts.get("texts", {}),
        }
        return {name: self._text(str(text)) for name, text in contents.items()}

    def configuration(self) -> tuple[str, ...]:
        """Everything below /etc."""
        return tuple(sorted(self._files.content))

    def _text(self, text: str) -> Callable[[], str]:
        def read() -> str:
            self._simulation.meet("inspection")
            return text

        return read
