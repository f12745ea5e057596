"""What the Agent says of itself on the host: for ``flexvdi-agent status`` and flexVDI Config."""

from __future__ import annotations

import json
import logging
import os
import time
from typing import Any

from agent import service_manager
from foundation.failure import Failure
from host.api.membership import ConnectionState
from host.document.system_files import FileContent
from host.machine.files import Files
from host.membership_files import REPORT_FILE

log = logging.getLogger("flexvdi.agent")


class Report:
    """The report; it is written when something changes."""

    def __init__(self, files: Files) -> None:
        """Nothing is written yet."""
        self._files = files
        self._said: dict[str, Any] = {}
        self._last: dict[str, Any] = {}

    def say(self, state: ConnectionState, failure: Failure | None = None) -> None:
        """The Agent is in ``state``, because of ``failure`` if it is not as it should be."""
        words = {"cause": failure.cause, "remedy": failure.remedy} if failure else {}
        said: dict[str, Any] = {"state": state, **words}
        if said == self._last:
            return
        self._last = said
        since = self._said.get("since") if self._said.get("state") == state else time.time()
        self._said = {**said, "since": since, "process": os.getpid()}
        level = logging.WARNING if failure is not None else logging.INFO
        log.log(level, "%s%s", state, f": {failure}" if failure is not None else "")
        service_manager.tell(STATUS=f"{state}{f': {failure.cause}' if failure else ''}")
        try:
            self._files.put(REPORT_FILE, FileContent(json.dumps(self._said) + "\n"))
        except Failure as unwritten:
            log.warning("%s", unwritten)


def read_report(files: Files) -> dict[str, Any]:
    """What the Agent said last; empty when it does not run, or never did."""
    content = files.read(REPORT_FILE)
    try:
        said = json.loads(content.text) if content is not None else {}
    except ValueError:
        return {}
    if not isinstance(said, dict) or not _is_alive(said.get("process")):
        return {}
    return said


def _is_alive(process: Any) -> bool:
    try:
        os.kill(int(process), 0)
    except (TypeError, ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
