"""What happens around the Manager's own start: its data's version, its settings, its readiness."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from foundation.failure import Failure
from foundation.image_release import ImageRelease
from foundation.process import run
from manager.appliance import database
from manager.appliance.data_record import DataRecord, check_record, read_record, write_record
from manager.appliance.places import Places
from manager.appliance.seed import Instance
from manager.appliance.upkeep import as_manager

PORT, AGENTS_PORT = 443, 8444
# Backups made before upgrades; older ones go.
_KEPT_BACKUPS = 3
_PATIENCE_SECONDS = 1200.0
# As every command of ours ends (foundation.command_line).
_LAST_WORDS = re.compile(r"flexvdi-manager(?:-appliance)?: (\S.*?)\s*$")
_ANSWER_SECONDS = 60.0


def environment(instance: Instance) -> str:
    """What the Manager's unit is told (systemd.exec(5), EnvironmentFile)."""
    names = dict.fromkeys((instance.host_name, *instance.names, *_addresses(instance)))
    return (
        f"FLEXVDI_DATABASE={database.URL}\n"
        f"FLEXVDI_LISTEN=[::]:{PORT}\n"
        f"FLEXVDI_AGENTS=[::]:{AGENTS_PORT}\n"
        f"FLEXVDI_NAMES={' '.join(f'--name {name}' for name in names if name)}\n"
    )


def keep_before_upgrade(places: Places, release: ImageRelease, programs: Path) -> Path | None:
    """Copy database and state aside when these data are of an older version; where to.

    The Manager changes them when it starts. Raises Failure when the data are newer.
    """
    record = read_record(places.record)
    if check_record(record, release.version) != "upgrade":
        return None
    assert record is not None
    folder = places.backups / f"before-{release.version}-from-{record.version}"
    if folder.exists():
        return folder
    new = places.backups / ".new"
    if new.exists():
        shutil.rmtree(new)
    new.mkdir()
    # The database's user has to get there, whatever mask the unit sets.
    new.chmod(0o711)
    places.backups.chmod(0o711)
    try:
        database.dump(programs, new / "database.dump")
    finally:
        places.backups.chmod(0o700)
    run(
        ["tar", "--create", "--zstd", "--file", str(new / "state.tar.zst"),
         "--directory", str(places.manager_state), "."],
        timeout=1800,
    )  # fmt: skip
    new.chmod(0o700)
    new.rename(folder)
    _forget_old(places)
    return folder


def hand_over_secrets(places: Places) -> None:
    """Give the seed's secrets to the Manager, and forget them once it has made use of them."""
    if not places.first_start.exists():
        return
    as_manager(places, "first-start", input_text=places.first_start.read_text())
    places.first_start.unlink()


def wait_until_ready(
    ask: Callable[[str], Any],
    pause: Callable[[float], None] = time.sleep,
    patience: float = _PATIENCE_SECONDS,
) -> str:
    """Wait until the Manager answers that it works; the fingerprint of its authority.

    ``ask`` fetches a path of the API. Raises Failure with the reasons that it gave last.
    """
    deadline = time.monotonic() + patience
    why = "it does not answer"
    while True:
        try:
            health = json.loads(ask("/health"))
            # One that works may have something to say all the same: of a host, of its backups.
            if health["status"] == "ok" or health.get("working"):
                return fingerprint_of(ask("/api/v1/ca"))
            why = "; ".join(health.get("reasons", [])) or str(health["status"])
        except (OSError, ValueError, KeyError) as error:
            why = f"it does not answer ({error})"
        if time.monotonic() > deadline:
            raise Failure(
                f"The Manager does not get ready: {why}.",
                "Look at its journal; restarting the machine is safe.",
            )
        pause(0.5)


def ask_here(path: str) -> str:
    """Fetch ``path`` from the Manager on this machine.

    Nobody stands between a machine and its own loopback, so its certificate needs no check; and
    at the first start there is nothing yet that it could be checked against.
    """
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    url = f"https://127.0.0.1:{PORT}{path}"
    try:
        with urllib.request.urlopen(url, timeout=_ANSWER_SECONDS, context=context) as answer:
            return str(answer.read(1 << 20).decode())
    except urllib.error.HTTPError as error:
        # A Manager that does not work says why, with an error status.
        return error.read(1 << 20).decode()


def fingerprint_of(certificate: str) -> str:
    """SHA-256 of a certificate in PEM, in hexadecimal digits."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.strip())).hexdigest()


def record_success(places: Places, release: ImageRelease) -> None:
    """The data are of this version from now on."""
    record = DataRecord(version=release.version, build_id=release.build_id)
    if read_record(places.record) != record:
        write_record(places.record, record)


def addresses_of_this_machine() -> tuple[str, ...]:
    """The addresses by which others reach this machine, as URLs."""
    return read_addresses(run(["ip", "--json", "address", "show", "scope", "global"]).stdout)


def read_addresses(text: str) -> tuple[str, ...]:
    """The same, from the JSON of ip-address(8), which leaves gaps for what was not asked for."""
    entries = [entry for link in json.loads(text) for entry in link.get("addr_info", [])]
    found = [entry["local"] for entry in entries if "local" in entry]
    return tuple(f"https://[{text}]" if ":" in text else f"https://{text}" for text in found)


def why_it_ended(journal: str, result: str = "exit-code") -> tuple[str, str]:
    """Cause and remedy in the last words of the unit: ``flexvdi-manager: cause. Remedy.``

    They are the Manager's own, or those of a step around it. ``result`` is systemd's word for how
    it ended (systemd.exec(5), SERVICE_RESULT); whoever is ended by the watchdog has no words.
    """
    if result == "watchdog":
        return (
            "The Manager gave no sign of life for minutes, and was ended.",
            "It is started again; if this stays, give its guest more processors and memory.",
        )
    for line in reversed(journal.splitlines()):
        said = _LAST_WORDS.search(line)
        if said:
            cause, dot, remedy = said.group(1).partition(". ")
            return cause + dot.strip(), remedy
    return (
        "The Manager ended without saying why.",
        "It is started again; if this stays, restore a backup into a new Manager.",
    )


def _addresses(instance: Instance) -> list[str]:
    return [
        address.partition("/")[0]
        for interface in instance.interfaces
        for address in interface.addresses
    ]


def _forget_old(places: Places) -> None:
    found = sorted(places.backups.glob("before-*"), key=lambda path: path.stat().st_mtime)
    for folder in found[:-_KEPT_BACKUPS]:
        shutil.rmtree(folder)
