"""What the verbs of storage share: sizes in words, secrets from files, values that are checked."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foundation.failure import Failure
from foundation.secret import Secret

if TYPE_CHECKING:
    from host.document.storage import Chap

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def size_in_words(size: int) -> str:
    """Bytes as in ``1.8 TiB``."""
    amount, unit = float(size), 0
    while amount >= 1024 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{amount:.1f} {_UNITS[unit]}" if unit else f"{size} B"


def as_json(values: Any) -> Any:
    """Dataclasses, or a tuple of them, as JSON-ready values."""
    if isinstance(values, tuple | list):
        return [asdict(value) for value in values]
    return asdict(values)


def chap_options(verb: argparse.ArgumentParser, what: str) -> None:
    """Options for CHAP; secrets come from files, because command lines can be seen by all."""
    verb.add_argument("--chap-user", metavar="NAME", help=f"this host's CHAP name at {what}")
    verb.add_argument(
        "--chap-secret-file", metavar="FILE", help="its secret, in a file; - reads standard input"
    )
    verb.add_argument("--target-user", metavar="NAME", help="CHAP name that the storage proves")
    verb.add_argument("--target-secret-file", metavar="FILE", help="its secret, in a file")


def chap_from(options: argparse.Namespace) -> Chap | None:
    """The CHAP that the options say; None where they say none. Raises Failure."""
    words = ("chap_user", "chap_secret_file", "target_user", "target_secret_file")
    if all(getattr(options, word) is None for word in words):
        return None
    if options.chap_user is None or options.chap_secret_file is None:
        raise Failure(
            "CHAP needs a user name and a secret.", "Give --chap-user and --chap-secret-file."
        )
    from host.document.storage import Chap

    target = options.target_secret_file
    chap: Chap = made(
        Chap,
        username=options.chap_user,
        password=secret_in(options.chap_secret_file),
        target_username=options.target_user,
        target_password=secret_in(target) if target is not None else None,
    )
    return chap


def secret_in(name: str) -> Secret:
    """The first line of a file, or of standard input."""
    try:
        text = sys.stdin.readline() if name == "-" else Path(name).read_text()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise Failure(f"{name} cannot be read: {why}.") from error
    return Secret(text.partition("\n")[0].rstrip("\r"))


def made(kind: Any, **values: Any) -> Any:
    """A checked value of the document; raises Failure with everything that is wrong."""
    from pydantic import ValidationError

    try:
        return kind(**values)
    except ValidationError as error:
        messages = dict.fromkeys(
            str(detail["msg"]).removeprefix("Value error, ")
            for detail in error.errors(include_url=False, include_input=False)
            if detail["type"] != "is_instance_of"
        )
        words = "; ".join(messages)
        raise Failure(f"{words[:1].upper()}{words[1:]}.") from None
