"""A disk's health as smartctl(8) tells it."""

from __future__ import annotations

from typing import Any

from foundation.failure import Failure
from foundation.process import run
from host.backends.real.storage.json_answers import Table, parse_table
from host.storage_values import Smart

# The exit status is a mask: 1 and 2 say that nothing was learnt, 4 that a command failed; the
# higher bits are findings, which the answer itself tells better (smartctl(8), EXIT STATUS).
_ANSWERED = tuple(range(256))
_NOTHING_LEARNT = 0b11
# Attributes of ATA disks that count lost or unreadable sectors; any of them foretells more.
_SECTORS = {
    5: "sectors were replaced by spare ones",
    197: "sectors cannot be read",
    198: "sectors could not be read when tested",
}
_WEAR_WARNING = 90
_CRITICAL_WARNINGS = (
    (0x01, "little spare space is left"),
    (0x02, "it is too hot or too cold"),
    (0x04, "it has become unreliable"),
    (0x08, "it has turned itself read-only"),
    (0x10, "its memory of writes has no power backup any more"),
)


def read_smart(device: str) -> Smart:
    """Ask the disk; a sleeping one is not woken. Never raises for a disk that has no SMART."""
    try:
        answer = run(
            [
                "smartctl",
                "--json",
                "--nocheck=standby",
                "--info",
                "--health",
                "--attributes",
                device,
            ],
            accept=_ANSWERED,
            timeout=20,
        )
        return parse_smart(answer.stdout)
    except Failure as failure:
        return Smart("unknown", (failure.cause,))


def parse_smart(text: str) -> Smart:
    """smartctl's JSON in short."""
    answer = parse_table("smartctl", text)
    program = _table(answer, "smartctl")
    status = _number(program.get("exit_status")) or 0
    passed = _table(answer, "smart_status").get("passed")
    if passed is None:
        messages = [
            str(message["string"])
            for message in program.get("messages") or ()
            if isinstance(message, dict) and message.get("string")
        ]
        why = (
            messages[0] if messages and status & _NOTHING_LEARNT else "It does not tell its health"
        )
        return Smart("unknown", (why.rstrip(".") + ".",))
    reasons = [*_ata_findings(answer), *_nvme_findings(answer), *_scsi_findings(answer)]
    if not passed:
        reasons.insert(0, "It says that it is failing")
    return Smart(
        state="failed" if not passed else "warning" if reasons else "ok",
        reasons=tuple(f"{reason}." for reason in reasons),
        temperature=_number(_table(answer, "temperature").get("current")),
        hours=_number(_table(answer, "power_on_time").get("hours")),
        wear_percent=_wear(answer),
    )


def _ata_findings(answer: Table) -> list[str]:
    rows = _table(answer, "ata_smart_attributes").get("table") or []
    found = []
    for row in rows if isinstance(rows, list) else []:
        meaning = _SECTORS.get(_number(row.get("id")) or 0) if isinstance(row, dict) else None
        count = _number(_table(row, "raw").get("value")) if meaning else 0
        if count:
            found.append(f"{count} {meaning}")
    return found


def _nvme_findings(answer: Table) -> list[str]:
    nvme = _table(answer, "nvme_smart_health_information_log")
    warning = _number(nvme.get("critical_warning")) or 0
    found = [words[:1].upper() + words[1:] for bit, words in _CRITICAL_WARNINGS if warning & bit]
    worn = _number(nvme.get("percentage_used")) or 0
    if worn >= _WEAR_WARNING:
        found.append(f"{worn}% of the writes it was made for are used up")
    errors = _number(nvme.get("media_errors")) or 0
    return [*found, *([f"{errors} errors of its memory"] if errors else [])]


def _scsi_findings(answer: Table) -> list[str]:
    grown = _number(answer.get("scsi_grown_defect_list")) or 0
    return [f"{grown} defects have grown"] if grown else []


def _wear(answer: Table) -> int | None:
    return _number(_table(answer, "nvme_smart_health_information_log").get("percentage_used"))


def _table(value: Any, key: str) -> Table:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
