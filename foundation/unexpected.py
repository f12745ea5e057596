"""What becomes of an error that nobody expected: something a person can act on, and a record.

A full disk or a filesystem that was turned read-only can end any line that writes, so these are
told here once. Everything else is a defect of ours: its traceback goes to the log, which for
programs on a host is the journal, and a person is told only that there is one.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Mapping

from foundation.failure import Failure

_OF_THE_SYSTEM: Mapping[int, tuple[str, str]] = {
    errno.ENOSPC: (
        "There is no space left{at}.",
        "Remove what is not needed (`du -xh --max-depth=2 /var`), then try again.",
    ),
    errno.EDQUOT: ("The quota is used up{at}.", "Remove what is not needed, then try again."),
    errno.EROFS: (
        "The filesystem was turned read-only{at}, often after a disk error.",
        "Look at the kernel log (dmesg) and the disk's health (`flexvdi-config disks smart`).",
    ),
    errno.EIO: (
        "A disk could not be read or written{at}.",
        "Look at the kernel log (dmesg), cables, and the disk's health "
        "(`flexvdi-config disks smart`).",
    ),
    errno.ENOMEM: ("This machine is out of memory.", "Stop what is not needed, then try again."),
    errno.EMFILE: ("Too many files are open.", "End what is not needed, then try again."),
    errno.ENFILE: ("Too many files are open.", "End what is not needed, then try again."),
}


def system_failure(error: BaseException) -> Failure | None:
    """Cause and remedy of an error of the system itself; None for any other error."""
    if not isinstance(error, OSError) or (error.errno or 0) not in _OF_THE_SYSTEM:
        return None
    cause, remedy = _OF_THE_SYSTEM[error.errno or 0]
    at = f" ({error.filename})" if isinstance(error.filename, str) else ""
    return Failure(cause.format(at=at), remedy)


def as_failure(error: Exception, log: logging.Logger) -> Failure:
    """``error`` as a person is told of it; a defect is logged to ``log`` with its traceback."""
    if isinstance(error, Failure):
        return error
    known = system_failure(error)
    if known is not None:
        return known
    log.error("unexpected error", exc_info=error)
    return Failure(
        f"An unexpected error: {type(error).__name__}.",
        "This is a defect in this program; the journal has its details.",
    )
