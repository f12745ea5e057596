"""What the program says of itself to other programs: completion for bash, and a manual page."""

from __future__ import annotations

import argparse

from config_tui.verb import Verbs
from foundation.command_line import EXIT_OK
from host.api import HostApi


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    completion = verbs.group("completion", "write completion for a shell")
    completion.add(
        "bash",
        _bash,
        "completion for bash, on standard output",
        as_json=False,
        description="Write completion for bash on standard output. In a shell: "
        "source <(flexvdi-config completion bash).",
    )
    verbs.add(
        "manual",
        _manual,
        "write the manual page, on standard output",
        as_json=False,
        description="Write the manual page on standard output. To read it: "
        "flexvdi-config manual | man -l -.",
    )


def _bash(host: HostApi, options: argparse.Namespace) -> int:
    from config_tui.command_line import make_parser
    from foundation.completion import bash_completion
    from foundation.verb_tree import tree_of

    print(bash_completion(tree_of(make_parser()), "flexvdi-config"), end="")
    return EXIT_OK


def _manual(host: HostApi, options: argparse.Namespace) -> int:
    from config_tui.command_line import make_parser
    from config_tui.manual import manual_page
    from foundation.verb_tree import tree_of

    print(manual_page(tree_of(make_parser())), end="")
    return EXIT_OK
