"""The installer's log: a file in the live system, and a syslog server when one is named."""

from __future__ import annotations

import logging
import logging.handlers
from collections.abc import Callable
from pathlib import Path

LOG_NAME = "install.log"
_FORM = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class _Masking(logging.Formatter):
    """Formats a record and masks secrets in the result, tracebacks included."""

    def __init__(self, form: str, mask: Callable[[str], str]) -> None:
        super().__init__(form)
        self._mask = mask

    def format(self, record: logging.LogRecord) -> str:
        return self._mask(super().format(record))


def keep_log(folder: Path, mask: Callable[[str], str]) -> Path:
    """Log everything of the product into ``folder``, secrets masked; returns the file's path."""
    path = folder / LOG_NAME
    path.touch(mode=0o600)
    handler = logging.FileHandler(path)
    handler.setFormatter(_Masking(_FORM, mask))
    logger = logging.getLogger("flexvdi")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    return path


def forward_log(host: str, port: int, mask: Callable[[str], str]) -> None:
    """Send the log from now on to a syslog server over UDP (RFC 3164 lines), as it is written.

    UDP does not tell whether anybody listens; a host name that is not known raises OSError.
    """
    handler = logging.handlers.SysLogHandler(
        address=(host, port), facility=logging.handlers.SysLogHandler.LOG_LOCAL1
    )
    handler.setLevel(logging.INFO)
    handler.setFormatter(_Masking("flexvdi-install: %(levelname)s %(name)s: %(message)s", mask))
    logging.getLogger("flexvdi").addHandler(handler)
