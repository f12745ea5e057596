"""Who may log in to the host, and how."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from foundation.password_hash import is_password_hash
from foundation.secret import Secret
from host.document.section import Section
from host.document.ssh_keys import PublicKey

LONGEST_PASSWORD = 511  # bytes, as crypt(5) takes them
_RESERVED = frozenset(
    ("root", "daemon", "bin", "sys", "mail", "nobody", "sshd", "qemu", "libvirt-qemu", "chrony")
)


def check_password_hash(hashed: Secret | None) -> Secret | None:
    """A crypt(5) hash that the system can verify; raises ValueError without showing it."""
    if hashed is not None and not is_password_hash(hashed.reveal()):
        raise ValueError(
            "this is not a password hash of a strong method: make one with "
            "`mkpasswd --method=yescrypt`"
        )
    return hashed


class PasswordPolicy(Section):
    """What a new password must be: ``minimum_length`` in characters, and of how many classes.

    The ``classes`` are lower case, upper case, digits, and all else. A password that holds the
    user's name, or is one of the best known, is refused in any case.
    """

    minimum_length: Annotated[int, Field(ge=1, le=128)] = 8
    minimum_classes: Annotated[int, Field(ge=1, le=4)] = 1


class Administrator(Section):
    """A person who may log in on the console and run flexVDI Config."""

    name: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_-]{0,31}$")]
    full_name: str = ""
    password_hash: Secret | None = None
    ssh_keys: tuple[PublicKey, ...] = ()

    @field_validator("full_name")
    @classmethod
    def _fits_in_passwd(cls, name: str) -> str:
        if any(letter in name for letter in ":,\n") or not name.isprintable():
            raise ValueError("a full name is without colons, commas and line breaks")
        return name

    @field_validator("name")
    @classmethod
    def _is_free(cls, name: str) -> str:
        if name in _RESERVED:
            raise ValueError(f"{name} is an account of the system itself; choose another name")
        return name


class Access(Section):
    """Who may log in, and how.

    Password hashes are crypt(5) strings. ``root_password_hash`` None leaves root's password
    locked. ``ssh`` runs the SSH server; ``ssh_passwords`` lets it accept passwords. ``idle_lock``
    is the time in seconds after which a console that nobody touches locks itself; 0 is never.
    """

    root_password_hash: Secret | None = None
    root_ssh_keys: tuple[PublicKey, ...] = ()
    administrators: tuple[Administrator, ...] = ()
    ssh: bool = True
    ssh_passwords: bool = False
    password_policy: PasswordPolicy = PasswordPolicy()
    idle_lock: Annotated[int, Field(ge=0, le=86400)] = 600

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for name, count in Counter(person.name for person in self.administrators).items():
            if count > 1:
                raise ValueError(f"the administrator {name} is described {count} times")
        return self
