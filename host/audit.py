"""One journal record for each thing that was changed: who, from where, what, and how it ended.

The parts are fields of their own: ``journalctl FLEXVDI_ACTION=apply``. No field may hold a secret.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from foundation.journal import send

log = logging.getLogger("flexvdi.audit")

IDENTIFIER = "flexvdi-config"
"""What ``journalctl -t`` finds these records by, and what this program logs."""
RESULTS = ("done", "failed", "refused")
_NO_LOGIN = "4294967295"


@dataclass(frozen=True)
class Actor:
    """Who acts: a user's name, and the terminal or address they act from."""

    name: str
    origin: str

    def __str__(self) -> str:
        """As in ``root (/dev/tty1)``."""
        return f"{self.name} ({self.origin})" if self.origin else self.name


def session_user() -> str | None:
    """The user who logged in to the session this process belongs to; None outside of sessions.

    A console that systemd started has none: there, a person must log in first.
    """
    try:
        number = Path("/proc/self/loginuid").read_text().strip()
    except OSError:
        return None
    return None if number in ("", _NO_LOGIN) else _user_name(int(number))


def this_actor(name: str | None = None) -> Actor:
    """Who runs this process, and from where: the SSH peer, else the terminal."""
    peer = os.environ.get("SSH_CONNECTION", "").partition(" ")[0]
    origin = peer
    if not origin:
        try:
            origin = os.ttyname(0)
        except OSError:
            origin = "no terminal"
    return Actor(name or session_user() or _user_name(os.getuid()), origin)


def _user_name(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def record(actor: Actor, action: str, result: str, message: str, **fields: str) -> None:
    """Write one record. ``action`` is a verb, ``result`` ``done``, ``failed`` or ``refused``."""
    entry = {
        "MESSAGE": message,
        "PRIORITY": "6" if result == "done" else "4",
        "SYSLOG_IDENTIFIER": IDENTIFIER,
        "FLEXVDI_ACTION": action,
        "FLEXVDI_RESULT": result,
        "FLEXVDI_WHO": actor.name,
        "FLEXVDI_FROM": actor.origin,
        **{f"FLEXVDI_{name.upper()}": value for name, value in fields.items()},
    }
    log.info("%s by %s: %s (%s)", action, actor, result, message)
    try:
        send(entry)
    except OSError as error:
        log.info("the journal took no record: %s", error.strerror)
