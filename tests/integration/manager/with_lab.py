"""The real command, with one area and one route more: parts are found by where they lie."""

from __future__ import annotations

from pathlib import Path

import manager
import manager.api

_HERE = Path(__file__).parent
manager.__path__.append(str(_HERE / "lab_areas"))
manager.api.__path__.append(str(_HERE / "lab_api"))

from manager.command_line import main  # noqa: E402 - only now does it find them

main()
