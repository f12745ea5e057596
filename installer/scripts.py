"""Running the scripts of a kickstart: where, with which interpreter, and what their ending means.

The meaning is that of Anaconda: ``%pre`` runs before the answers are read to the end,
``%pre-install`` once the new filesystems are mounted, ``%post`` in the new system unless
``--nochroot``, ``%onerror`` when something failed. ``--log`` names a file where the script runs;
``--erroronfail`` stops the installation. Scripts outside the new system find it at
``$ANA_INSTALL_PATH``.
"""

from __future__ import annotations

import logging
import shlex
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event

from foundation.failure import Failure
from foundation.process import ProcessFailed, run
from foundation.secret import Secret, redact
from kickstart.install_plan import Script

log = logging.getLogger("flexvdi.installer")

PATIENCE = 6 * 3600.0
"""Seconds after which a script counts as hanging: scripts may fetch large things."""
_SHOWN_LINES = 40


def run_scripts(
    scripts: Sequence[Script],
    stage: str,
    *,
    target: Path,
    log_folder: Path,
    say: Callable[[str], None],
    cancel: Event | None = None,
    secrets: Sequence[Secret] = (),
) -> None:
    """Run the scripts of ``stage`` in the order they were written.

    Each leaves its output in ``log_folder``. Raises Failure at the first that fails and was told
    to stop the installation (``--erroronfail``); other failures are only told.
    """
    for number, script in enumerate((s for s in scripts if s.stage == stage), 1):
        say(f"Running %{stage} from {script.where or 'the answers'}")
        record = log_folder / f"script-{stage}-{number}.log"
        _run_one(script, record, target=target, say=say, cancel=cancel, secrets=secrets)


def _run_one(
    script: Script,
    record: Path,
    *,
    target: Path,
    say: Callable[[str], None],
    cancel: Event | None,
    secrets: Sequence[Secret],
) -> None:
    root = target if script.in_target else Path("/")
    lines: list[str] = []

    def keep(line: str) -> None:
        line = redact(line, list(secrets))
        lines.append(line)
        log.info("script %s: %s", script.where, line)

    folder = root / "tmp"
    try:
        folder.mkdir(mode=0o1777, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", prefix="ks-script-", dir=folder) as file:
            file.write(script.text)
            file.flush()
            inside = Path("/") / Path(file.name).relative_to(root)
            words = [*shlex.split(script.interpreter), str(inside)]
            chroot = ["chroot", str(target)] if script.in_target else []
            completed = run(
                [*chroot, *words],
                timeout=PATIENCE,
                accept=tuple(range(256)),
                environment={"HOME": "/root", "ANA_INSTALL_PATH": str(target)},
                on_line=keep,
                cancel=cancel,
                secrets=secrets,
            )
        status, said = completed.returncode, "\n".join(lines)
    except ProcessFailed as failure:
        status, said = failure.completed.returncode, failure.cause
    except OSError as error:
        status, said = 1, f"The script could not be written: {error}"
    _write_logs(script, root, record, said + "\n" if said else "")
    if status == 0:
        return
    how = f"ended with status {status}" if status >= 0 else f"was ended by signal {-status}"
    cause = f"The %{script.stage} script {how}."
    if not script.stop_on_error:
        say(f"Warning: {script.where}: {cause} Going on, as it lacks --erroronfail.")
        return
    raise Failure(
        cause,
        "Its output is shown; correct the script, then retry or start again.",
        where=script.where,
        log=str(record),
        details="\n".join(said.splitlines()[-_SHOWN_LINES:]),
    )


def _write_logs(script: Script, root: Path, record: Path, said: str) -> None:
    record.write_text(said)
    record.chmod(0o600)
    if script.log is None:
        return
    wanted = root / script.log.lstrip("/")
    try:
        wanted.parent.mkdir(parents=True, exist_ok=True)
        wanted.write_text(said)
        wanted.chmod(0o600)
    except OSError as error:
        log.warning("the log %s of the script %s: %s", wanted, script.where, error)
