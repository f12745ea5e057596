"""pykickstart's parser, restricted to our dialect and told to go on after errors."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pykickstart.constants import (
    KS_SCRIPT_ONERROR,
    KS_SCRIPT_POST,
    KS_SCRIPT_PRE,
    KS_SCRIPT_PREINSTALL,
)
from pykickstart.errors import KickstartError
from pykickstart.handlers.rhel10 import RHEL10Handler
from pykickstart.parser import KickstartParser, PutBackIterator
from pykickstart.sections import NullSection

from foundation.secret import MASK
from kickstart.install_plan import Note, Script
from kickstart.reader.complaints import Complaints
from kickstart.reader.dialect import (
    CARRIED_OUT,
    NO_DIFFERENCE,
    NOT_CARRIED_OUT,
    SECRET_BEARING,
    SECTIONS_REFUSED,
    remedy_for_command,
)
from kickstart.reader.source import Line

_STAGES = {
    KS_SCRIPT_PRE: "pre",
    KS_SCRIPT_PREINSTALL: "pre-install",
    KS_SCRIPT_POST: "post",
    KS_SCRIPT_ONERROR: "onerror",
}
_RAW_SECTIONS = ("%addon", "%anaconda", "%packages", *SECTIONS_REFUSED)


@dataclass(frozen=True)
class Command:
    """One line: its name, where it stands, pykickstart's object with its options, its words."""

    name: str
    where: str
    options: Any
    words: tuple[str, ...] = ()

    def gives(self, option: str) -> bool:
        """Whether the line has ``option``, be it with an empty value."""
        return any(word.partition("=")[0] == option for word in self.words)


@dataclass(frozen=True)
class Section:
    """A section that is not a script: the words after its name, and its lines."""

    name: str
    where: str
    words: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass
class Parsed:
    """What a kickstart says, line by line, before anything is made of it.

    ``unread`` are the names of commands of which a line was not understood.
    """

    commands: list[Command] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    scripts: tuple[Script, ...] = ()
    notes: list[Note] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    def all(self, *names: str) -> list[Command]:
        """The commands of these names, in their order."""
        return [command for command in self.commands if command.name in names]

    def last(self, *names: str) -> Command | None:
        """The last command of these names: for those of which the last one counts."""
        found = self.all(*names)
        return found[-1] if found else None


# pykickstart has no types, so its classes are Any, which mypy does not let us inherit from.
class _Lines(PutBackIterator):  # type: ignore[misc]
    """The parser's input; knows how many lines were taken, whatever the parser counts."""

    def __init__(self, lines: list[Line]) -> None:
        super().__init__([f"{line.text}\n" for line in lines] + [""])
        self.taken = 0

    def next(self) -> str:
        self.taken += 1
        return str(super().next())

    def put(self, s: str) -> None:
        self.taken -= 1
        super().put(s)


class _RawSection(NullSection):  # type: ignore[misc]  # as above
    """A section whose lines we read ourselves."""

    def __init__(self, handler: Any, name: str, parser: _Parser) -> None:
        super().__init__(handler, sectionOpen=name)
        self._parser = parser
        self._start = 0

    def handleHeader(self, lineno: int, args: list[str]) -> None:
        self._start, self._words = lineno, tuple(args[1:])

    def handleLine(self, line: str) -> None:
        """Nothing: the lines are cut out of the source at the end."""

    def finalize(self) -> None:
        lines = self._parser.source[self._start : self._parser.input.taken - 1]
        where = self._parser.where(self._start)
        self._parser.parsed.sections.append(
            Section(self.sectionOpen, where, self._words, tuple(lines))
        )


class _Parser(KickstartParser):  # type: ignore[misc]
    """Collects commands with their places, and errors instead of stopping at the first."""

    def __init__(self, source: list[Line], complaints: Complaints, pre_only: bool) -> None:
        names = CARRIED_OUT | NO_DIFFERENCE.keys()
        commands = {name: RHEL10Handler.commandMap[name] for name in names}
        super().__init__(RHEL10Handler(mapping=commands, dataMapping=RHEL10Handler.dataMap))
        self.source = source
        self.input = _Lines(source)
        self.complaints = complaints
        self.parsed = Parsed()
        self.pre_only = pre_only
        self._header = 0
        for name in _RAW_SECTIONS:
            self.registerSection(_RawSection(self.handler, name, self))

    def where(self, lineno: int) -> str:
        """The ``file:line`` of a line that pykickstart counted, from 1."""
        return self.source[min(max(lineno, 1), len(self.source)) - 1].where

    def handleCommand(self, lineno: int, args: list[str]) -> None:
        name, where = args[0], self.where(lineno)
        if self.pre_only:
            return
        if name not in self.handler.commands:
            self.complaints.add(
                where, f"The command {name} is not supported.", remedy_for_command(name)
            )
            return
        try:
            options = self.handler.dispatcher(args, lineno)
        except KickstartError as error:
            self.complaints.add(where, _sentence(error, args))
            self.parsed.unread.add(name)
            return
        except (ValueError, TypeError, AssertionError, IndexError) as error:
            self.complaints.add(
                where, f"The line could not be understood: {_censored(str(error), args)}."
            )
            self.parsed.unread.add(name)
            return
        if name in NO_DIFFERENCE:
            text = f"{name} makes no difference: {NO_DIFFERENCE[name]}."
            self.parsed.notes.append(Note(where=where, text=text))
        else:
            self._refuse_options(name, where, options)
            self.parsed.commands.append(Command(name, where, options, tuple(args[1:])))

    def _refuse_options(self, name: str, where: str, options: Any) -> None:
        untouched = type(options)()
        told = set()
        for attribute, reason in NOT_CARRIED_OUT.get(name, {}).items():
            value = getattr(options, attribute)
            if value and value != getattr(untouched, attribute) and reason not in told:
                told.add(reason)
                option = self._option(name, attribute)
                self.complaints.add(where, f"{name} {option} is not supported.", reason)

    def _option(self, name: str, attribute: str) -> str:
        """The option of a command that sets ``attribute``."""
        for action in self.handler.commands[name].op._actions:
            if action.dest.strip("_") == attribute and action.option_strings:
                return str(action.option_strings[0])
        return f"--{attribute}"

    def _tryFunc(self, fn: Callable[[], None]) -> None:
        """Section headers go through here as well as commands; errors are collected."""
        self._header = self.input.taken
        try:
            fn()
        except KickstartError as error:
            self.complaints.add(self.where(self.input.taken), _sentence(error, []))

    def read(self) -> Parsed:
        """Parse everything; raises Unreadable where pykickstart cannot go on."""
        try:
            self._stateMachine(self.input)
        except KickstartError as error:
            if self._state.startswith("%"):
                where = self.where(self._header)
                cause = f"The section {self._state} is not closed."
                raise self.complaints.stop(where, cause, "Close it with %end.") from error
            where = self.where(error.lineno or self.input.taken)
            raise self.complaints.stop(where, _sentence(error, [])) from error
        except ValueError as error:  # shlex
            where = self.where(self.input.taken)
            raise self.complaints.stop(
                where, "A quotation is not closed.", "Close it on the same line."
            ) from error
        self.parsed.scripts = tuple(self._script(script) for script in self.handler.scripts)
        return self.parsed

    def _script(self, script: Any) -> Script:
        return Script.model_validate(
            {
                "where": self.where(script.lineno),
                "stage": _STAGES[script.type],
                "text": script.script,
                "interpreter": script.interp,
                "in_target": script.type == KS_SCRIPT_POST and script.inChroot,
                "stop_on_error": script.errorOnFail,
                "log": script.logfile,
            }
        )


def parse(source: list[Line], complaints: Complaints, pre_only: bool = False) -> Parsed:
    """The commands, scripts and sections of a kickstart; ``pre_only`` looks at %pre alone.

    Errors in single lines go to ``complaints`` and parsing goes on; raises Unreadable at errors
    after which it cannot.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations and repetitions are judged by our tables
        return _Parser(source, complaints, pre_only).read()


def _censored(text: str, words: list[str]) -> str:
    """``text`` without the values of a line that may hold a password."""
    if not words or words[0] not in SECRET_BEARING:
        return text
    values = {word.partition("=")[2] if word.startswith("--") else word for word in words[1:]}
    for value in sorted(values - {""}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", MASK, text)
    return text


_UNKNOWN_OPTIONS = re.compile(
    r"unexpected arguments to \w+ command: \[(.*)\]|unrecognized arguments: (.*)", re.IGNORECASE
)


def _sentence(error: KickstartError, words: list[str]) -> str:
    message = _censored(str(error.message).strip(), words) or "The line is not understood"
    message = " ".join(message.split())
    if unknown := _UNKNOWN_OPTIONS.fullmatch(message):
        options = (unknown[1] or unknown[2]).replace("'", "")
        return f"{words[0] if words else 'The section'} does not know {options}."
    return message[0].upper() + message[1:] + ("" if message.endswith(".") else ".")
