"""Accounts of this machine, by the shadow tools (host.machine.accounts.Accounts).

Hashes go through chpasswd's standard input; nothing secret is in an argument.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from foundation.atomic_file import write_atomically
from foundation.failure import Failure
from foundation.process import run
from foundation.secret import Secret
from host.machine.accounts import Account

ADMINISTRATORS_GROUP = "wheel"
_SHELL = "/bin/bash"
_LOCKED = "!"
_GROUP_EXISTS = 9  # groupadd(8)
_LOGGED_IN = 8  # userdel(8): the account is in use


class RealAccounts:
    """The files below ``root``, and the tools that change them."""

    def __init__(self, root: Path = Path("/")) -> None:
        """``root`` differs from ``/`` only where accounts are merely looked at."""
        self._root = root

    def find(self, name: str) -> Account | None:
        """From passwd(5), shadow(5), group(5) and the home folder."""
        entry = self._entry("etc/passwd", name)
        if entry is None:
            return None
        shadow = self._entry("etc/shadow", name)
        hashed = shadow[1] if shadow else _LOCKED
        return Account(
            name=name,
            full_name=entry[4].partition(",")[0],
            password_hash=Secret(hashed) if hashed[:1] not in ("", "!", "*") else None,
            ssh_keys=self._keys(entry[5]),
            administrator=name in self._members(ADMINISTRATORS_GROUP),
            uid=int(entry[2]),
        )

    def put(self, account: Account) -> None:
        """useradd(8) or usermod(8), chpasswd(8), and the person's keys."""
        found = self.find(account.name)
        if account.administrator:
            run(["groupadd", "--system", ADMINISTRATORS_GROUP], accept=(0, _GROUP_EXISTS))
        if found is None:
            uid = ["--uid", str(account.uid)] if account.uid is not None else []
            argv = ["useradd", "--create-home", "--shell", _SHELL, *uid]
            run([*argv, "--comment", account.full_name, account.name])
        elif account.name != "root" and found.full_name != account.full_name:
            run(["usermod", "--comment", account.full_name, account.name])
        if account.administrator and not (found and found.administrator):
            run(["gpasswd", "--add", account.name, ADMINISTRATORS_GROUP])
        elif found and found.administrator and not account.administrator:
            run(["gpasswd", "--delete", account.name, ADMINISTRATORS_GROUP])
        if found is None or found.password_hash != account.password_hash:
            self._set_password(account)
        if found is None or found.ssh_keys != account.ssh_keys:
            self._write_keys(account)

    def remove(self, name: str) -> None:
        """Lock first, so that nobody comes in while userdel(8) works."""
        if self._entry("etc/passwd", name) is None:
            return
        run(["usermod", "--lock", "--expiredate", "1", name])
        done = run(["userdel", name], accept=(0, _LOGGED_IN))
        if done.returncode == _LOGGED_IN:
            raise Failure(
                f"{name} is logged in, so the account cannot be removed.",
                f"End the person's sessions with `loginctl terminate-user {name}`, and try again.",
            )

    def _set_password(self, account: Account) -> None:
        hashed = account.password_hash
        if hashed is None:
            run(["usermod", "--password", _LOCKED, account.name])  # no secret: locked
            return
        line = f"{account.name}:{hashed.reveal()}\n"
        run(["chpasswd", "--encrypted"], input_text=line, secrets=[hashed])

    def _write_keys(self, account: Account) -> None:
        """authorized_keys, with the owner and modes that sshd insists on.

        The folder is the person's own, who might have put a link there to have root write
        elsewhere; so nothing is followed.
        """
        entry = self._entry("etc/passwd", account.name)
        assert entry is not None
        uid, gid, home = int(entry[2]), int(entry[3]), self._root / entry[5].lstrip("/")
        folder = home / ".ssh"
        try:
            if not account.ssh_keys and not folder.exists():
                return
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not stat.S_ISDIR(folder.lstat().st_mode):
                raise Failure(f"{folder} is a link.", "Make it a folder; keys are not put there.")
            path = folder / "authorized_keys"
            write_atomically(path, "".join(f"{key}\n" for key in account.ssh_keys), 0o600)
            for item in (folder, path):
                os.chown(item, uid, gid, follow_symlinks=False)
        except OSError as error:
            raise Failure(
                f"The keys of {account.name} could not be written: {error.strerror}.",
                f"Look at {folder}.",
            ) from error

    def _keys(self, home: str) -> tuple[str, ...]:
        try:
            text = (self._root / home.lstrip("/") / ".ssh/authorized_keys").read_text()
        except (OSError, UnicodeDecodeError):
            return ()
        return tuple(line.strip() for line in text.splitlines() if line.strip() and line[0] != "#")

    def _entry(self, path: str, name: str) -> list[str] | None:
        for line in self._lines(path):
            fields = line.split(":")
            if fields[0] == name and len(fields) >= 7:
                return fields
        return None

    def _members(self, group: str) -> frozenset[str]:
        for line in self._lines("etc/group"):
            fields = line.split(":")
            if fields[0] == group and len(fields) >= 4:
                return frozenset(filter(None, fields[3].split(",")))
        return frozenset()

    def _lines(self, path: str) -> list[str]:
        try:
            return (self._root / path).read_text(errors="replace").splitlines()
        except OSError as error:
            raise Failure(f"/{path} cannot be read: {error.strerror}.", "Do it as root.") from error
