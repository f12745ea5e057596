"""Completion and manual say what the parser knows, in forms that bash and groff can read."""

from __future__ import annotations

import argparse
import shutil
import subprocess

import pytest

from config_tui.command_line import make_parser
from config_tui.manual import manual_page
from foundation.completion import bash_completion
from foundation.verb_tree import tree_of

TREE = tree_of(make_parser())
SCRIPT = bash_completion(TREE, "flexvdi-config")


def complete(line: str) -> list[str]:
    """What bash offers with the cursor at the end of ``line``."""
    words = line.split(" ")
    script = (
        f"{SCRIPT}\ncompopt() {{ :; }}\n"
        f"COMP_WORDS=({' '.join(words[:-1])} '{words[-1]}')\nCOMP_CWORD={len(words) - 1}\n"
        '_flexvdi_config; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("flexvdi-config mai", {"maintenance"}),
        ("flexvdi-config maintenance ", {"enter", "leave", "show", "--help"}),
        ("flexvdi-config password set root --p", {"--password-file"}),
        ("flexvdi-config logs --priority e", {"emerg", "err"}),
        ("flexvdi-config logs --unit sshd.service --au", {"--audit"}),
        ("flexvdi-config --simulate machine.json maintenance e", {"enter"}),
        ("flexvdi-config log-target test --ca-file /etc/host", {"/etc/hosts", "/etc/hostname"}),
        ("flexvdi-config nonsense x", set()),
    ],
)
def test_bash_offers_what_may_follow(line: str, offered: set[str]) -> None:
    assert offered <= set(complete(line))
    if not offered:
        assert complete(line) == []


def test_every_verb_is_in_manual_and_completion() -> None:
    page = manual_page(TREE)
    for node in TREE.walk():
        if node.path and not node.children:
            words = " ".join(node.path)
            assert f'.SS "{words.replace("-", chr(92) + "-")}"' in page
            assert f"['flexvdi-config {words}']" in SCRIPT


def test_every_verb_and_option_is_explained() -> None:
    for node in TREE.walk():
        assert node.description, node.path
        for option in node.options:
            assert option.help, (node.path, option.names)


@pytest.mark.skipif(shutil.which("groff") is None, reason="needs groff")
def test_groff_has_nothing_against_the_manual() -> None:
    command = ["groff", "-man", "-ww", "-z", "-Tutf8"]
    done = subprocess.run(
        command, input=manual_page(TREE), capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == ""


def test_what_roff_would_take_for_its_own_is_escaped() -> None:
    parser = argparse.ArgumentParser(prog="flexvdi-config", description="")
    verbs = parser.add_subparsers()
    verbs.add_parser("odd", description=".so /etc/passwd \\fB 'a' 100%").add_argument(
        "--x", help="'starts with a quote"
    )
    page = manual_page(tree_of(parser))
    assert "\n\\&.so /etc/passwd \\efB" in page and "\n\\&'starts" in page
