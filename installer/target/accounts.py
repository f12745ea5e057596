"""People on the new system, made with its own tools; password hashes go through stdin only."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from foundation.atomic_file import write_atomically
from foundation.password_hash import hash_password
from foundation.secret import Secret
from installer.engine.step import InstallContext
from installer.target.inside import run_inside
from kickstart.install_plan import User

ADMINISTRATORS_GROUP = "wheel"
_SUDO_RULE = "etc/sudoers.d/10-flexvdi-administrators"
_GROUP_EXISTS = 9  # groupadd(8) and useradd(8): the name is taken


@dataclass(frozen=True)
class Account:
    """An entry of passwd(5) and shadow(5)."""

    name: str
    uid: int
    gid: int
    home: str


def create_accounts(context: InstallContext) -> None:
    """Set root's password and keys; make groups and users; run again, all is as asked."""
    target, plan = context.target, context.plan
    context.say("Setting passwords and accounts")
    for group in plan.groups:
        identity = ["--gid", str(group.gid)] if group.gid is not None else []
        run_inside(target, ["groupadd", *identity, group.name], accept=(0, _GROUP_EXISTS))
    for user in people(context):
        _create_user(target, user)
    _set_root(context)
    if (target / "etc/sudoers.d").is_dir():
        rule = f"%{ADMINISTRATORS_GROUP} ALL=(ALL:ALL) ALL\n"
        write_atomically(target / _SUDO_RULE, rule, 0o440)
        run_inside(
            target, ["groupadd", "--system", ADMINISTRATORS_GROUP], accept=(0, _GROUP_EXISTS)
        )


def people(context: InstallContext) -> list[User]:
    """The plan's users, and administrators whom only the document names."""
    users = {user.name: user for user in context.plan.users}
    for administrator in context.plan.document.access.administrators:
        known = users.get(administrator.name) or User(name=administrator.name)
        users[administrator.name] = known.model_copy(
            update={
                "full_name": known.full_name or administrator.full_name,
                "password": known.password or administrator.password_hash,
                "crypted": known.crypted if known.password else True,
                "groups": tuple(dict.fromkeys((*known.groups, ADMINISTRATORS_GROUP))),
                "ssh_keys": tuple(dict.fromkeys((*known.ssh_keys, *administrator.ssh_keys))),
            }
        )
    return list(users.values())


def _create_user(target: Path, user: User) -> None:
    for group in user.groups:
        # A group that neither the image nor the answers know is made, as Anaconda does.
        if not _has_group(target, group):
            run_inside(target, ["groupadd", group], accept=(0, _GROUP_EXISTS))
    options = ["--comment", user.full_name] if user.full_name else []
    if user.uid is not None:
        options += ["--uid", str(user.uid)]
    if user.gid is not None:
        if not _has_gid(target, user.gid):
            run_inside(target, ["groupadd", "--gid", str(user.gid), user.name])
        options += ["--gid", str(user.gid)]
    if user.groups:
        options += ["--groups", ",".join(user.groups)]
    options += ["--shell", user.shell or "/bin/bash"]
    if find_account(target, user.name) is None:
        home = ["--create-home", *(["--home-dir", user.home] if user.home else [])]
        run_inside(target, ["useradd", *home, *options, user.name])
    else:
        run_inside(target, ["usermod", *options, user.name])
    _set_password(target, user.name, user.password, user.crypted, user.locked)
    if user.ssh_keys:
        _authorize_keys(target, user.name, user.ssh_keys)


def _set_root(context: InstallContext) -> None:
    root = context.plan.root_password
    access = context.plan.document.access
    password = root.password if root and root.password else access.root_password_hash
    crypted = root.crypted if root and root.password else True
    locked = root.locked if root else False
    _set_password(context.target, "root", password, crypted, locked)
    keys = tuple(dict.fromkeys((*access.root_ssh_keys, *context.plan.root_ssh_keys)))
    if keys:
        _authorize_keys(context.target, "root", keys)


def _set_password(
    target: Path, name: str, password: Secret | None, crypted: bool, locked: bool
) -> None:
    if password:
        hashed = password if crypted else hash_password(password)
        line = f"{name}:{hashed.reveal()}\n"
        run_inside(target, ["chpasswd", "--encrypted"], input_text=line, secrets=[hashed, password])
    if locked or not password:
        run_inside(target, ["usermod", "--lock", name], accept=(0, 1))


def _authorize_keys(target: Path, name: str, keys: tuple[str, ...]) -> None:
    """Write ``authorized_keys`` with the owner and modes that sshd insists on."""
    account = find_account(target, name)
    assert account is not None
    folder = target / account.home.lstrip("/") / ".ssh"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "authorized_keys"
    write_atomically(path, "".join(f"{key}\n" for key in keys), 0o600)
    for item in (folder, path):
        os.chown(item, account.uid, account.gid)


def find_account(target: Path, name: str) -> Account | None:
    """The account ``name`` in the target's passwd(5)."""
    for line in (target / "etc/passwd").read_text().splitlines():
        fields = line.split(":")
        if len(fields) >= 7 and fields[0] == name:
            return Account(name, int(fields[2]), int(fields[3]), fields[5])
    return None


def _groups(target: Path) -> list[list[str]]:
    lines = (target / "etc/group").read_text().splitlines()
    return [line.split(":") for line in lines if line.count(":") >= 2]


def _has_group(target: Path, name: str) -> bool:
    return any(fields[0] == name for fields in _groups(target))


def _has_gid(target: Path, gid: int) -> bool:
    return any(fields[2] == str(gid) for fields in _groups(target))
