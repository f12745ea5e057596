"""Programs run inside a root tree, in a mount namespace of their own.

The mounts belong to the namespace and the processes to a PID namespace: whatever kills the
build, no mount and no daemon is left behind, and removing a tree can never reach the machine's
own /dev.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from foundation.process import Completed, run

# Mounts what programs expect; the tree's own folders for temporary files stay untouched.
_ENTER = """
set -e
tree=$1; exchange=$2; shift 2
mount --rbind /dev "$tree/dev"
mount -t proc proc "$tree/proc"
mount -t sysfs -o ro sysfs "$tree/sys"
for folder in tmp var/tmp run; do mount -t tmpfs -o mode=1777 tmpfs "$tree/$folder"; done
if [ -n "$exchange" ]; then
    mkdir "$tree/run/exchange"
    mount --bind "$exchange" "$tree/run/exchange"
fi
exec chroot "$tree" "$@"
"""
# The same for a program that itself fills the tree from outside and changes root for scripts. It
# may set owners and times of /dev, so it gets one of its own.
_SURROUND = """
set -e
tree=$1; shift
for folder in dev tmp var/tmp run; do mount -t tmpfs -o mode=0755 tmpfs "$tree/$folder"; done
chmod 1777 "$tree/tmp" "$tree/var/tmp"
for device in null zero full random urandom tty; do
    : > "$tree/dev/$device"
    mount --bind "/dev/$device" "$tree/dev/$device"
done
ln -s /proc/self/fd "$tree/dev/fd"
mount -t proc proc "$tree/proc"
mount -t sysfs -o ro sysfs "$tree/sys"
exec "$@"
"""
EXCHANGE = Path("/run/exchange")


def alone(argv: Sequence[str]) -> list[str]:
    """``argv`` in mount and PID namespaces of its own, ended when its parent ends."""
    return [
        "unshare",
        "--mount",
        "--propagation=private",
        "--pid",
        "--fork",
        "--kill-child",
        *argv,
    ]


def around(tree: Path, argv: Sequence[str]) -> list[str]:
    """``argv``, run outside ``tree`` while the tree has what programs in it expect."""
    return alone(["/bin/sh", "-c", _SURROUND, "sh", str(tree), *argv])


def run_in(
    tree: Path,
    argv: Sequence[str],
    *,
    exchange: Path | None = None,
    timeout: float = 120.0,
    accept: tuple[int, ...] = (0,),
    environment: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
) -> Completed:
    """Run ``argv`` inside ``tree`` as root; ``exchange`` is seen there as ``EXCHANGE``.

    ``timeout`` is in seconds. Raises ProcessFailed as :func:`foundation.process.run` does.
    """
    return run(
        alone(["/bin/sh", "-c", _ENTER, "sh", str(tree), str(exchange or ""), *argv]),
        timeout=timeout,
        accept=accept,
        environment={"PYTHONHASHSEED": "0", "SYSTEMD_OFFLINE": "1", **(environment or {})},
        on_line=on_line,
    )
