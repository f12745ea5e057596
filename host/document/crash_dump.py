"""kdump's configuration, in the forms that distributions read, and the memory set aside for it.

Which form a base reads is a fact of the base (``places``: ``crash-dump-form``).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping

from host.document.system import CrashDump
from host.document.system_files import OURS, FileContent, place_of

ARGUMENT_FILES = ("boot/a/arguments.cfg", "boot/b/arguments.cfg")
_DEFAULT_MEMORY = "1G-4G:192M,4G-64G:256M,64G-:512M"
_SET = re.compile(r"^set arguments='(?P<line>.*)'$", re.MULTILINE)
_CRASHKERNEL = re.compile(r"(?:^| )crashkernel=\S+")


def kdump_conf(crash: CrashDump) -> str:
    """kdump.conf(5), of kexec-tools and kdump-utils."""
    place = f"nfs {crash.nfs}\n" if crash.nfs else ""
    return (
        f"{OURS}{place}path {crash.directory}\n"
        "core_collector makedumpfile -l --message-level 7 -d 31\n"
    )


def kdump_tools(crash: CrashDump) -> str:
    """kdump-config(8)'s settings, which a shell reads; the host's own initrd serves for both."""
    nfs = f"NFS={shlex.quote(crash.nfs)}\n" if crash.nfs else ""
    return (
        f"{OURS}USE_KDUMP=1\n"
        "KDUMP_KERNEL=/boot/vmlinuz-$(uname -r)\n"
        "KDUMP_INITRD=/boot/initrd.img-$(uname -r)\n"
        f"KDUMP_COREDIR={shlex.quote(crash.directory)}\n{nfs}"
        'MAKEDUMP_ARGS="-c -d 31"\n'
    )


FORMS: Mapping[str, Callable[[CrashDump], str]] = {
    "kdump.conf": kdump_conf,
    "kdump-tools": kdump_tools,
}


def crash_dump_files(
    crash: CrashDump, places: Mapping[str, str] | None = None
) -> dict[str, FileContent]:
    """What kdump reads; nothing while it is off, for then nobody reads it."""
    if not crash.enabled:
        return {}
    text = FORMS[place_of("crash-dump-form", places)](crash)
    return {place_of("crash-dump", places): FileContent(text)}


def with_crashkernel(arguments: str, crash: CrashDump) -> str:
    """A slot's ``arguments.cfg`` whose kernel line sets aside what ``crash`` asks for."""
    found = _SET.search(arguments)
    if found is None:
        return arguments
    line = _CRASHKERNEL.sub("", found["line"]).strip()
    if crash.enabled:
        line = f"{line} crashkernel={_memory(crash)}".strip()
    return arguments[: found.start("line")] + line + arguments[found.end("line") :]


def _memory(crash: CrashDump) -> str:
    return f"{crash.memory}M" if crash.memory else _DEFAULT_MEMORY
