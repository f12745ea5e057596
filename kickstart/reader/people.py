"""``rootpw``, ``user``, ``group``, ``sshkey`` and ``sshpw``.

Passwords in clear are hashed here at once, so that a plan holds hashes only. What the host goes on
managing is said to the document (root's hash and keys, and everybody in ``wheel`` as an
administrator); the plan's own lists hold every account as its line describes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from foundation.password_hash import hash_password, is_password_hash
from foundation.secret import Secret
from kickstart.install_plan import Group, Note, RootPassword, User
from kickstart.reader.complaints import Complaints
from kickstart.reader.parser import Command, Parsed
from kickstart.reader.said import Said

ADMINISTRATORS_GROUP = "wheel"
_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_SSH_KEY = re.compile(
    r"(ssh-(ed25519|rsa|dss)|ecdsa-sha2-nistp(256|384|521)"
    r"|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]+={0,3}( .*)?"
)


@dataclass(frozen=True)
class People:
    """Accounts of the installed host, and those that may log in to the installer."""

    root: RootPassword | None
    users: tuple[User, ...]
    groups: tuple[Group, ...]
    root_keys: tuple[str, ...]
    installer: tuple[User, ...]


def read_people(parsed: Parsed, said: Said, complaints: Complaints) -> People:
    """Everybody, with what the document must know of them said to it."""
    root = _root(parsed, said, complaints)
    groups = tuple(
        Group(where=command.where, name=command.options.name, gid=command.options.gid)
        for command in parsed.all("group")
        if _is_name(command, command.options.name, complaints)
    )
    _refuse_repeated([(group.name, group.where) for group in groups], "group", complaints)
    users = {}
    commands = [c for c in parsed.all("user") if _is_name(c, c.options.name, complaints)]
    _refuse_repeated([(c.options.name, c.where) for c in commands], "user", complaints)
    for command in commands:
        if command.options.name == "root":
            complaints.add(command.where, "root is not made by user.", "Write a rootpw line.")
            continue
        users[command.options.name] = _user(command, parsed, complaints)
    keys = _keys(parsed, users, complaints)
    users = {
        name: user.model_copy(update={"ssh_keys": tuple(keys.get(name, ()))})
        for name, user in users.items()
    }
    if keys.get("root"):
        where = next(c.where for c in parsed.all("sshkey") if c.options.username == "root")
        said.say(("access", "root_ssh_keys"), keys["root"], where, complaints)
    for user in users.values():
        if ADMINISTRATORS_GROUP in user.groups:
            _say_administrator(user, said, complaints)
    return People(
        root=root,
        users=tuple(users.values()),
        groups=groups,
        root_keys=tuple(keys.get("root", ())),
        installer=_installer_accounts(parsed, complaints),
    )


def _root(parsed: Parsed, said: Said, complaints: Complaints) -> RootPassword | None:
    command = parsed.last("rootpw")
    if command is None:
        return None
    options = command.options
    password = _hashed(command, parsed, complaints)
    if not options.password and not options.lock:
        complaints.add(
            command.where, "rootpw has no password.", "Write rootpw --iscrypted HASH, or --lock."
        )
    if password and not options.lock:
        said.say(("access", "root_password_hash"), password.reveal(), command.where, complaints)
    if options.allow_ssh:
        said.say(("access", "ssh_passwords"), True, command.where, complaints)
    return RootPassword(
        where=command.where,
        password=password,
        crypted=True,
        locked=options.lock,
        allow_ssh=options.allow_ssh,
    )


def _user(command: Command, parsed: Parsed, complaints: Complaints) -> User:
    options = command.options
    groups, primary = [], options.gid
    for group in options.groups:
        # Anaconda takes name(gid) too, for groups that are to be made.
        match = re.fullmatch(r"([^()]+)(\(\d+\))?", group.strip())
        if match is None or match[2] or not _NAME.fullmatch(match[1]):
            complaints.add(
                command.where,
                f"“{group.strip()}” is not the name of a group.",
                "Name groups by their names; make new ones with `group --name= --gid=`.",
            )
            continue
        groups.append(match[1])
    for option, value in (("--homedir", options.homedir), ("--shell", options.shell)):
        if value and not value.startswith("/"):
            complaints.add(
                command.where, f"{option}={value} is not an absolute path.", "Start it with /."
            )
    if ":" in options.gecos or "\n" in options.gecos:
        complaints.add(command.where, "--gecos holds a colon or a new line.", "Leave it out.")
    return User(
        where=command.where,
        name=options.name,
        full_name=options.gecos,
        password=_hashed(command, parsed, complaints),
        crypted=True,
        locked=options.lock,
        uid=options.uid,
        gid=primary,
        home=options.homedir or None,
        shell=options.shell or None,
        groups=tuple(groups),
    )


def _say_administrator(user: User, said: Said, complaints: Complaints) -> None:
    base = ("access", "administrators", user.name)
    said.say((*base, "full_name"), user.full_name, user.where, complaints)
    if user.password and not user.locked:
        said.say((*base, "password_hash"), user.password.reveal(), user.where, complaints)
    if user.ssh_keys:
        said.say((*base, "ssh_keys"), list(user.ssh_keys), user.where, complaints)


def _keys(parsed: Parsed, users: dict[str, User], complaints: Complaints) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for command in parsed.all("sshkey"):
        name, key = command.options.username, command.options.key.strip()
        if name != "root" and name not in users:
            complaints.add(
                command.where,
                f"The key is for {name}, whom no user line makes.",
                f"Add `user --name={name}`, or write --username=root.",
            )
        if not _SSH_KEY.fullmatch(key):
            complaints.add(
                command.where,
                "This is not an OpenSSH public key.",
                "Write the line of the .pub file in quotes, as in "
                'sshkey --username=root "ssh-ed25519 AAAA… name".',
            )
            continue
        if key not in keys.setdefault(name, []):
            keys[name].append(key)
    return keys


def _installer_accounts(parsed: Parsed, complaints: Complaints) -> tuple[User, ...]:
    users = []
    for command in parsed.all("sshpw"):
        options = command.options
        if not _is_name(command, options.username, complaints):
            continue
        keys: tuple[str, ...] = ()
        password = None
        if options.sshkey:
            keys = (options.password,)
            if not _SSH_KEY.fullmatch(options.password):
                complaints.add(
                    command.where,
                    "This is not an OpenSSH public key.",
                    "Write the line of the .pub file after --sshkey, in quotes.",
                )
        else:
            password = _hashed(command, parsed, complaints)
        users.append(
            User(
                where=command.where,
                name=options.username,
                password=password,
                crypted=True,
                locked=options.lock,
                ssh_keys=keys,
            )
        )
    return tuple(users)


def _hashed(command: Command, parsed: Parsed, complaints: Complaints) -> Secret | None:
    """The hash that a line gives, or that of the password it gives in clear."""
    options = command.options
    if not options.password:
        return None
    if options.isCrypted:
        if not is_password_hash(options.password):
            complaints.add(
                command.where,
                f"{command.name} --iscrypted is not followed by a password hash.",
                "Make one with `openssl passwd -6` or `mkpasswd`, and put it in quotes. "
                "(MD5 and DES hashes are too weak to be accepted.)",
            )
            return None
        return Secret(options.password)
    text = f"{command.name} gives a password in clear; --iscrypted with a hash is safer."
    parsed.notes.append(Note(where=command.where, text=text))
    return hash_password(Secret(options.password))


def _is_name(command: Command, name: str, complaints: Complaints) -> bool:
    if _NAME.fullmatch(name):
        return True
    complaints.add(
        command.where,
        f"“{name}” is not a name for a {'group' if command.name == 'group' else 'user'}.",
        "Use up to 32 small letters, digits, - and _, starting with a letter.",
    )
    return False


def _refuse_repeated(names: list[tuple[str, str]], what: str, complaints: Complaints) -> None:
    first: dict[str, str] = {}
    for name, where in names:
        if name in first:
            complaints.add(
                where,
                f"The {what} {name} is already described at {first[name]}.",
                "Describe it on one line.",
            )
        first.setdefault(name, where)
