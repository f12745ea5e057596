"""Levels of x86-64 processors (the psABI's micro-architecture levels), and this machine's."""

from __future__ import annotations

from pathlib import Path

from foundation.failure import Failure

# Names as in /proc/cpuinfo. Level 2 includes what every 64-bit processor has.
_LEVEL_2 = ("cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3")
FLAGS = {
    "x86-64-v2": _LEVEL_2,
    "x86-64-v3": (*_LEVEL_2, "abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave"),
}


def lacking(level: str, cpuinfo: str) -> list[str]:
    """The flags of ``level`` that the first processor in ``cpuinfo`` does not have."""
    line = next((line for line in cpuinfo.splitlines() if line.startswith("flags")), "")
    have = set(line.partition(":")[2].split())
    return [flag for flag in FLAGS.get(level, ()) if flag not in have]


def refuse_older_processor(
    title: str, level: str, alternative: str, cpuinfo: Path = Path("/proc/cpuinfo")
) -> None:
    """Building runs the distribution's own programs: this machine must be able to.

    ``title`` is the distribution's, ``alternative`` the base for older processors, if any.
    """
    missing = lacking(level, cpuinfo.read_text())
    if missing:
        way_out = f", or build {alternative}, which runs on older ones" if alternative else ""
        raise Failure(
            f"{title} needs a processor of level {level}, also to be built; "
            f"this one lacks {', '.join(missing)}.",
            f"Build on a newer machine{way_out}.",
        )
