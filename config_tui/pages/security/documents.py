"""What the security's pages share: documents with the access to the host changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from foundation.secret import Secret
    from host.document.access import Administrator
    from host.document.model import HostDocument


def with_access(document: HostDocument, **values: Any) -> HostDocument:
    """The document with some of its access changed; raises pydantic's ValidationError."""
    from host.document.access import Access

    return document.replacing(access=Access(**{**dict(document.access), **values}))


def administrator(document: HostDocument, name: str) -> Administrator | None:
    """The administrator called ``name``."""
    return next((one for one in document.access.administrators if one.name == name), None)


def people(document: HostDocument) -> list[str]:
    """Root and the administrators."""
    return ["root", *(one.name for one in document.access.administrators)]


def with_person(document: HostDocument, name: str, **values: Any) -> HostDocument:
    """The document with values of root (``password_hash``, ``ssh_keys``) or of a person changed."""
    if name == "root":
        return with_access(document, **{f"root_{key}": value for key, value in values.items()})
    changed = tuple(
        type(one)(**{**dict(one), **values}) if one.name == name else one
        for one in document.access.administrators
    )
    return with_access(document, administrators=changed)


def keys_of(document: HostDocument, name: str) -> tuple[str, ...]:
    """The SSH keys of a person."""
    if name == "root":
        return document.access.root_ssh_keys
    found = administrator(document, name)
    return found.ssh_keys if found is not None else ()


def has_password(document: HostDocument, name: str) -> bool:
    """Whether a person can log in with a password."""
    if name == "root":
        return document.access.root_password_hash is not None
    found = administrator(document, name)
    return found is not None and found.password_hash is not None


def hashed(password: Secret) -> Secret:
    """The hash to keep of a password; takes a noticeable time, on purpose."""
    from foundation.password_hash import hash_password

    return hash_password(password)
