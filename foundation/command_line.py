"""How every command of the product ends: exit statuses, one-line errors, no tracebacks."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from foundation.failure import Cancelled, Failure, WrongArgument
from foundation.secret import mask_living
from foundation.unexpected import system_failure

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_CANCELLED = 130
# Lines; what a program says last is mostly why it failed.
_SHOWN_DETAILS = 12


class OneLineParser(argparse.ArgumentParser):
    """An argument parser that answers wrong arguments with one line and exit status 2."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how to see the usage."""
        self.exit(EXIT_USAGE, f"{self.prog}: {message} (see {self.prog} --help)\n")


def run_command(main: Callable[[Sequence[str]], int | None], arguments: Sequence[str]) -> int:
    """Call ``main`` and turn whatever ends it into an exit status and at most a few lines.

    An unexpected exception is a defect of ours: its traceback goes to the log and into a file
    whose name is printed, never onto the screen.
    """
    program = Path(sys.argv[0]).name
    try:
        return main(arguments) or EXIT_OK
    except Cancelled as failure:
        print(f"{program}: {failure}", file=sys.stderr)
        return EXIT_CANCELLED
    except Failure as failure:
        _tell(program, failure)
        return EXIT_USAGE if isinstance(failure, WrongArgument) else EXIT_FAILED
    except KeyboardInterrupt:
        print(f"\n{program}: cancelled", file=sys.stderr)
        return EXIT_CANCELLED
    except BrokenPipeError:
        sys.stderr.close()
        return EXIT_FAILED
    except Exception as error:  # the last place before a traceback on somebody's screen
        if (known := system_failure(error)) is not None:
            _tell(program, known)
            return EXIT_FAILED
        log = logging.getLogger("flexvdi")
        if log.hasHandlers():  # else logging's last resort would print the traceback
            log.exception("unexpected error")
        print(
            f"{program}: an unexpected error, which is a defect in this program; "
            f"its details are in {_kept_traceback(program)}",
            file=sys.stderr,
        )
        return EXIT_FAILED


def _tell(program: str, failure: Failure) -> None:
    """One line for the reader, and below it, indented, the end of what a program said."""
    print(f"{program}: {failure}", file=sys.stderr)
    for line in failure.details.strip().splitlines()[-_SHOWN_DETAILS:]:
        print(f"    {line}".rstrip(), file=sys.stderr)
    if failure.log:
        print(f"{program}: details are in {failure.log}", file=sys.stderr)


def _kept_traceback(program: str) -> str:
    """The file with the present traceback; the log has it as well, if no file can be written."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix=f"{program}-", suffix=".log", delete=False
        ) as record:
            record.write(mask_living(traceback.format_exc()))
    except OSError:
        return "the journal"
    return record.name


class ScreenFormatter(logging.Formatter):
    """Lines for a person's screen: a traceback is for the log, so it is left out."""

    def format(self, record: logging.LogRecord) -> str:
        """The line alone."""
        bare = logging.makeLogRecord({**record.__dict__, "exc_info": None, "exc_text": None})
        return super().format(bare)
