"""GRUB's environment block: 1024 bytes of ``name=value`` lines, as ``load_env`` reads them.

The format is GRUB's (its manual, "Environment block"): a first line that marks it, one line for
each variable, a backslash before backslashes and newlines in values, and ``#`` up to the end.
"""

from __future__ import annotations

from foundation.failure import Failure

SIZE = 1024
_SIGNATURE = b"# GRUB Environment Block\n"


def write_block(variables: dict[str, str]) -> bytes:
    """The block that holds ``variables``; raises Failure when they do not fit."""
    lines = b"".join(
        f"{name}={value.replace(chr(92), chr(92) * 2)}\n".encode()
        for name, value in variables.items()
    )
    block = _SIGNATURE + lines
    if len(block) > SIZE:
        raise Failure(
            f"The boot settings need {len(block)} bytes; the medium has room for {SIZE}.",
            "Give fewer kernel arguments.",
        )
    return block.ljust(SIZE, b"#")


def read_block(block: bytes) -> dict[str, str]:
    """The variables of a block; raises Failure when it is none."""
    if len(block) != SIZE or not block.startswith(_SIGNATURE):
        raise Failure("The boot settings of the medium are damaged.", "Make the medium again.")
    lines = block[len(_SIGNATURE) :].rstrip(b"#").decode(errors="replace").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {name: value.replace(chr(92) * 2, chr(92)) for name, _, value in pairs}
