"""Accounts in memory (host.machine.accounts.Accounts)."""

from __future__ import annotations

from host.backends.simulated.simulation import Simulation
from host.machine.accounts import Account


class SimulatedAccounts:
    """``known`` are the accounts by name; root is always there."""

    def __init__(self, simulation: Simulation) -> None:
        """A machine as from the factory."""
        self._simulation = simulation
        self.known = {"root": Account("root", uid=0)}

    def find(self, name: str) -> Account | None:
        """The account."""
        return self.known.get(name)

    def put(self, account: Account) -> None:
        """Make or change; a fault may be named after the person."""
        self._simulation.changes("accounts.put", account.name)
        old = self.known.get(account.name)
        uid = account.uid if account.uid is not None else old.uid if old else 1000 + len(self.known)
        self.known[account.name] = Account(
            account.name,
            account.full_name,
            account.password_hash,
            account.ssh_keys,
            account.administrator,
            uid,
        )

    def remove(self, name: str) -> None:
        """Remove; a fault may be named after the person."""
        self._simulation.changes("accounts.remove", name)
        self.known.pop(name, None)
