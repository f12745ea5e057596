"""The reader's command line: a kickstart in, an InstallPlan as JSON out.

Exit status 0: the plan (or with ``--scripts pre`` a list of scripts) is on stdout. Exit status 1:
``{"failures": [{"cause", "remedy", "where"}, …]}`` is on stderr. Plans hold password hashes, so
the output belongs into pipes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from foundation.command_line import EXIT_FAILED, EXIT_OK, OneLineParser, run_command
from foundation.failure import Failure
from foundation.kernel_command_line import KernelCommandLine
from kickstart.reader.complaints import Complaints, Unreadable
from kickstart.reader.plan import read_plan, read_pre_scripts
from kickstart.reader.source import Location


def main(arguments: Sequence[str]) -> int:
    """Read the file that ``arguments`` name and print what it means."""
    parser = OneLineParser(prog="python -m kickstart.reader", description=__doc__)
    parser.add_argument("file", help="the kickstart")
    parser.add_argument("--origin", default="", help="the URL or name the file came from")
    parser.add_argument("--scripts", choices=["pre"], help="print only these scripts")
    parser.add_argument("--kernel-command-line-file", type=Path, metavar="FILE")
    options = parser.parse_args(list(arguments))
    complaints = Complaints()
    start = Location.of(options.file, options.origin)
    answer = ""
    try:
        if options.scripts:
            scripts = read_pre_scripts(start, complaints)
            answer = json.dumps([script.model_dump(mode="json") for script in scripts])
        else:
            answer = read_plan(start, _kernel(options), complaints).model_dump_json()
    except Unreadable:
        assert complaints.failures
    except Failure as failure:
        complaints.failures.append(failure)
    if complaints.failures:
        failures = [failure.as_dict() for failure in complaints.failures]
        print(json.dumps({"failures": failures}), file=sys.stderr)
        return EXIT_FAILED
    print(answer)
    return EXIT_OK


def _kernel(options: object) -> KernelCommandLine | None:
    path = getattr(options, "kernel_command_line_file", None)
    return KernelCommandLine.of_this_machine(path) if path else None


if __name__ == "__main__":
    sys.exit(run_command(main, sys.argv[1:]))
