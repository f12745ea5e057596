"""Root and the administrators: their accounts, passwords and keys.

Accounts that the document never named are left alone; one that it names no longer is removed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from foundation.secret import Secret
from host.change import Change, PartPlan
from host.document.model import HostDocument
from host.jobs import JobStep
from host.machine import Machine
from host.machine.accounts import Account

_NAME = "administrators"


@dataclass(frozen=True)
class _Administrators:
    name: str = _NAME
    title: str = "Administrators"
    rank: int = 50

    def plan(
        self, wanted: HostDocument, current: HostDocument | None, machine: Machine
    ) -> PartPlan:
        """See host.parts.Part."""
        changes: list[Change] = []
        steps: list[JobStep] = []
        accounts = _accounts(wanted)
        for name, account in accounts.items():
            differences = _differences(machine.accounts.find(name), account)
            if differences:
                changes += [Change(_NAME, f"{_who(name)}: {words}") for words in differences]
                steps.append(_step(name, account, machine))
        for name in _accounts(current) if current is not None else ():
            if name not in accounts and machine.accounts.find(name) is not None:
                words = f"{_who(name)}: remove the account; the home folder stays"
                changes.append(Change(_NAME, words))
                steps.append(_step(name, None, machine))
        return PartPlan(tuple(changes), tuple(steps))

    def undo(self, step: str, found: dict[str, Any], machine: Machine) -> None:
        """See host.parts.Part."""
        _put_back(step.partition("/")[2], found, machine)


def _accounts(document: HostDocument) -> dict[str, Account]:
    access = document.access
    people = {"root": Account("root", "", access.root_password_hash, access.root_ssh_keys)}
    for person in access.administrators:
        people[person.name] = Account(
            person.name, person.full_name, person.password_hash, person.ssh_keys, True
        )
    return people


def _who(name: str) -> str:
    return "Root" if name == "root" else f"Administrator {name}"


def _differences(found: Account | None, wanted: Account) -> list[str]:
    if found is None:
        return ["add"]
    words = []
    if found.password_hash != wanted.password_hash:
        words.append("lock the password" if wanted.password_hash is None else "new password")
    if found.ssh_keys != wanted.ssh_keys:
        words.append(f"SSH keys: {len(found.ssh_keys)} -> {len(wanted.ssh_keys)}")
        if len(found.ssh_keys) == len(wanted.ssh_keys):
            words[-1] = "change SSH keys"
    if wanted.name != "root":
        if found.full_name != wanted.full_name:
            words.append(f"full name: {found.full_name or 'none'} -> {wanted.full_name or 'none'}")
        if not found.administrator:
            words.append("may become root")
    return words


def _step(name: str, account: Account | None, machine: Machine) -> JobStep:
    def is_done() -> bool:
        found = machine.accounts.find(name)
        return found is None if account is None else not _differences(found, account)

    def do() -> None:
        if account is None:
            machine.accounts.remove(name)
        else:
            machine.accounts.put(account)

    return JobStep(
        name=f"{_NAME}/{name}",
        title=_who(name),
        is_done=is_done,
        capture=lambda: _found(machine.accounts.find(name)),
        do=do,
        undo=lambda found: _put_back(name, found, machine),
    )


def _found(account: Account | None) -> dict[str, Any]:
    if account is None:
        return {"account": None}
    hashed = account.password_hash
    return {"account": {**asdict(account), "password_hash": hashed.reveal() if hashed else None}}


def _put_back(name: str, found: dict[str, Any], machine: Machine) -> None:
    before = found["account"]
    if before is None:
        machine.accounts.remove(name)
        return
    hashed = before["password_hash"]
    machine.accounts.put(
        Account(
            **{
                **before,
                "password_hash": Secret(hashed) if hashed else None,
                "ssh_keys": tuple(before["ssh_keys"]),
            }
        )
    )


PART = _Administrators()
