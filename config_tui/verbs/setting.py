"""Changing single places of the host document: set. It is what the pages say they did."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from config_tui.applying_verb import apply_changed, consent_options
from config_tui.verb import Verbs
from foundation.failure import Failure
from host.api import HostApi


def register(verbs: Verbs) -> None:
    """Add the verb."""
    verb = verbs.add(
        "set",
        _set,
        "change places of the host document, and apply it",
        description=(
            "Change places of the host document and apply it. VALUE is YAML, as in "
            "'network.interfaces[br0].mtu=9000' or 'time.ntp_servers=[a, b]'; @FILE reads it "
            "from a file, so that a secret stays out of the list of processes."
        ),
    )
    verb.add_argument("places", nargs="*", metavar="PATH=VALUE", help="a place and its new value")
    verb.add_argument(
        "--unset",
        action="append",
        default=[],
        metavar="PATH",
        help="take away what is said at PATH; its default holds then",
    )
    consent_options(verb)


def _set(host: HostApi, options: argparse.Namespace) -> int:
    if not options.places and not options.unset:
        raise Failure("Nothing is to be set.", "Write it as in time.timezone=Europe/Madrid.")
    document = changed_document(host.document(), options.places, options.unset)
    return apply_changed(host, document, options)


def changed_document(document: Any, places: list[str], unset: list[str]) -> Any:
    """``document`` with some places changed; raises Failure for what cannot be."""
    import yaml

    from host.document.paths import drop, parse_place, put
    from host.document.reading import parse_document
    from host.document.writing import stated_document

    tree = stated_document(document, show_secrets=True)
    for path in unset:
        try:
            drop(tree, parse_place(path))
        except KeyError as error:
            raise Failure(
                f"The document says nothing at {path}.", "`flexvdi-config export` shows it."
            ) from error
    for words in places:
        path, equals, value = words.partition("=")
        if not equals:
            raise Failure(f"“{words}” has no value.", "Write it as in time.timezone=UTC.")
        try:
            put(tree, parse_place(path), _value(value))
        except (KeyError, TypeError) as error:
            raise Failure(f"There is no place {path} in the document.") from error
    return parse_document(yaml.safe_dump(tree, sort_keys=False), "the changed document")


def _value(text: str) -> Any:
    import yaml

    if text.startswith("@"):
        path = Path(text[1:])
        try:
            return path.read_text().removesuffix("\n")
        except OSError as error:
            raise Failure(f"{path} cannot be read: {error.strerror}.") from error
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Failure(
            f"“{text}” is not YAML.", "Put texts with special signs in quotes."
        ) from error
    # As in the document's file: only true, false, null and numbers are no texts.
    return text if isinstance(value, bool) and text not in ("true", "false") else value
