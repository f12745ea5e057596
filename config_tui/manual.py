"""The manual page of flexvdi-config(8), in the man macros of groff_man(7)."""

from __future__ import annotations

from collections.abc import Iterator

from foundation.command_line import EXIT_CANCELLED, EXIT_FAILED, EXIT_OK, EXIT_USAGE
from foundation.verb_tree import Option, VerbNode

_PROGRAM = "flexvdi-config"
_ABOUT = (
    "Without a verb it opens the text UI, on the console or over SSH. Each verb does at once what "
    "a page of the text UI does; the pages tell the verb that would have done the same.",
    "What a host is to be is written in its host document. Verbs that change it show the plan, "
    "ask, and carry it out as a job: when a step fails everything is put back, and a job that was "
    "interrupted is rolled back at the next boot, or with `job rollback`.",
    "Verbs with --json answer in JSON alone; one that fails writes an object with failure, which "
    "has its cause and remedy, and says the same in words on standard error.",
    "No secret is taken from the command line, which everybody on a host can see: passwords and "
    "keys are read from files, from standard input, or typed.",
)
_STATUSES = {
    EXIT_OK: "It worked; or nothing was to be done.",
    EXIT_FAILED: "It did not work, and nothing was changed unless the message says so. Also when "
    "something asked for was found to be wrong, by `support diagnose` and `certificate check`.",
    EXIT_USAGE: "A word of the command line means nothing here.",
    EXIT_CANCELLED: "It was cancelled, with Ctrl-C, and what had been changed was put back.",
}
_FILES = {
    "/etc/flexvdi/host.yaml": "The host document.",
    "/var/lib/flexvdi/jobs": "The journals of jobs, and what interrupted ones had found.",
}
_EXAMPLES = {
    "Show how the host is": "flexvdi-config status",
    "Try an address out for two minutes": "flexvdi-config apply -f host.yaml --confirm-timeout 120",
    "Give an administrator a password": "flexvdi-config password set ana --password-file -",
    "Leave what support needs on a stick": "flexvdi-config support bundle usb:/dev/sdb1",
}


def manual_page(tree: VerbNode) -> str:
    """The page as roff text."""
    return "\n".join(_lines(tree)) + "\n"


def _lines(tree: VerbNode) -> Iterator[str]:
    yield f'.TH FLEXVDI\\-CONFIG 8 "" "flexVDI" "{_plain("Administration of flexVDI hosts")}"'
    yield ".SH NAME"
    yield f"{_plain(_PROGRAM)} \\- show and change this host"
    yield ".SH SYNOPSIS"
    yield f".B {_plain(_PROGRAM)}"
    yield _plain("[--simulate FILE] [VERB ...]")
    yield ".SH DESCRIPTION"
    for paragraph in _ABOUT:
        yield ".PP"
        yield _plain(paragraph)
    yield ".SH OPTIONS"
    yield from _options(tree.options)
    yield ".SH VERBS"
    for node in tree.walk():
        if node.path and not node.children:
            yield from _verb(node)
    yield ".SH EXIT STATUS"
    for status, words in _STATUSES.items():
        yield from _entry(f".B {status}", words)
    yield ".SH FILES"
    for path, words in _FILES.items():
        yield from _entry(f".I {_plain(path)}", words)
    yield ".SH EXAMPLES"
    for words, command in _EXAMPLES.items():
        yield from (".PP", f"{_plain(words)}:", ".PP", ".EX", _plain(f"    {command}"), ".EE")
    yield ".SH SEE ALSO"
    yield ".BR journalctl (1),"
    yield ".BR virsh (1)"


def _verb(node: VerbNode) -> Iterator[str]:
    yield f'.SS "{_plain(" ".join(node.path))}"'
    required = [f"{option.names[-1]} {option.value}" for option in node.options if option.required]
    optional = [option for option in node.options if not option.required and _is_told(option)]
    usage = [*node.path, *required, *(["[OPTIONS]"] if optional else [])]
    yield f".B {_plain(' '.join(usage))}"
    if node.places:
        yield f".I {_plain(' '.join(place.shown for place in node.places))}"
    yield ".PP"
    yield _plain(node.description)
    for place in node.places:
        if place.help:
            yield from _entry(f".I {_plain(place.name)}", place.help)
    yield from _options(node.options)


def _options(options: tuple[Option, ...]) -> Iterator[str]:
    for option in options:
        if _is_told(option):
            shown = f'"{_plain(", ".join(option.names))}"'
            yield from _entry(
                f'.BI {shown} " {_plain(option.value)}"' if option.value else f".B {shown}",
                option.help,
            )


def _is_told(option: Option) -> bool:
    """Whether an option is worth a line at each verb; --help is the same at all of them."""
    return "--help" not in option.names


def _entry(head: str, words: str) -> Iterator[str]:
    yield ".TP"
    yield head
    yield _plain(f"{words[:1].upper()}{words[1:]}") if words else "\\&"


def _plain(text: str) -> str:
    """``text`` with what roff would take for its own escaped (groff(7), "Escape sequences")."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    for sign, escape in (("…", "..."), ("“", "\\(lq"), ("”", "\\(rq"), ("`", "\\(ga")):
        text = text.replace(sign, escape)
    return f"\\&{text}" if text.startswith((".", "'")) else text
