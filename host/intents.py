"""Changes of the document that have a name, as pure functions from document to document.

Screens stage what these return, verbs apply it. They raise Failure for what cannot be meant.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from foundation.failure import Failure
from foundation.secret import Secret
from host.document.access import Administrator
from host.document.model import HostDocument
from host.document.ssh_keys import check_whole_ssh_key, describe_ssh_key
from host.document.system import Certificate

_Model = TypeVar("_Model", bound=BaseModel)


def with_password(document: HostDocument, name: str, hashed: Secret | None) -> HostDocument:
    """``name`` has another password; None leaves keys only."""
    changed = _with_person(document, name, "password_hash", hashed)
    _check_somebody_gets_in(document, changed, name)
    return changed


def with_administrator(
    document: HostDocument,
    name: str,
    full_name: str = "",
    hashed: Secret | None = None,
    ssh_keys: tuple[str, ...] = (),
) -> HostDocument:
    """A further administrator."""
    if name in _names(document):
        raise Failure(f"There is an administrator {name} already.", "Choose another name.")
    if hashed is None and not ssh_keys:
        raise Failure(
            f"{name} could never log in, with neither a password nor a key.", "Give one of them."
        )
    keys = tuple(_checked_key(key) for key in ssh_keys)
    person = _checked(
        Administrator, name=name, full_name=full_name, password_hash=hashed, ssh_keys=keys
    )
    return _with_administrators(document, (*document.access.administrators, person))


def without_administrator(document: HostDocument, name: str) -> HostDocument:
    """Without the person ``name``."""
    if name == "root":
        raise Failure("Root cannot be removed.", "Lock root's password instead.")
    _check_known(document, name)
    left = tuple(person for person in document.access.administrators if person.name != name)
    changed = _with_administrators(document, left)
    _check_somebody_gets_in(document, changed, name)
    return changed


def with_ssh_key(document: HostDocument, name: str, key: str) -> HostDocument:
    """``name`` may log in with ``key`` too."""
    line = _checked_key(key)
    keys = ssh_keys_of(document, name)
    fingerprint = describe_ssh_key(line).fingerprint
    if any(describe_ssh_key(known).fingerprint == fingerprint for known in keys):
        raise Failure(f"{name} has this key already: {fingerprint}.")
    return _with_person(document, name, "ssh_keys", (*keys, line))


def without_ssh_key(document: HostDocument, name: str, fingerprint: str) -> HostDocument:
    """``name`` may log in no more with the key of that fingerprint (or comment)."""
    keys = ssh_keys_of(document, name)
    described = {key: describe_ssh_key(key) for key in keys}
    left = tuple(
        key
        for key, facts in described.items()
        if fingerprint not in (facts.fingerprint, facts.comment)
    )
    if len(left) == len(keys):
        known = ", ".join(facts.fingerprint for facts in described.values()) or "none"
        raise Failure(f"{name} has no key {fingerprint}.", f"There is: {known}.")
    return _with_person(document, name, "ssh_keys", left)


def with_access(document: HostDocument, **values: Any) -> HostDocument:
    """Some values of ``access`` replaced and checked."""
    access = document.access
    kept = {name: getattr(access, name) for name in type(access).model_fields}
    return document.replacing(access=_checked(type(access), **{**kept, **values}))


def with_certificate(document: HostDocument, chain: str, key: Secret) -> HostDocument:
    """This certificate from now on."""
    now = document.certificate
    return document.replacing(
        certificate=_checked(
            Certificate,
            chain=chain,
            key=key,
            names=now.names,
            days=now.days,
            generation=now.generation,
        )
    )


def with_own_certificate(document: HostDocument) -> HostDocument:
    """A new certificate that the host signs itself."""
    now = document.certificate
    return document.replacing(
        certificate=Certificate(names=now.names, days=now.days, generation=now.generation + 1)
    )


def ssh_keys_of(document: HostDocument, name: str) -> tuple[str, ...]:
    """The keys of root or of an administrator."""
    if name == "root":
        return document.access.root_ssh_keys
    _check_known(document, name)
    return next(p.ssh_keys for p in document.access.administrators if p.name == name)


def _with_person(document: HostDocument, name: str, field: str, value: Any) -> HostDocument:
    if name == "root":
        return with_access(document, **{f"root_{field}": value})
    _check_known(document, name)
    people = tuple(
        person.model_copy(update={field: value}) if person.name == name else person
        for person in document.access.administrators
    )
    return _with_administrators(document, people)


def _with_administrators(document: HostDocument, people: tuple[Administrator, ...]) -> HostDocument:
    return document.replacing(access=document.access.model_copy(update={"administrators": people}))


def _check_somebody_gets_in(before: HostDocument, after: HostDocument, name: str) -> None:
    """Refuse to take the last password from ``name``: a console can be used with one alone.

    A host that had none before was made so; it stays as it is meant.
    """
    if _has_a_password(before) and not _has_a_password(after):
        others = "an administrator" if name == "root" else "root or another administrator"
        raise Failure(
            f"Nobody could log in any more: {name} has the only password.",
            f"Give {others} a password first.",
        )


def _has_a_password(document: HostDocument) -> bool:
    access = document.access
    hashes = (access.root_password_hash, *(each.password_hash for each in access.administrators))
    return any(hashed is not None for hashed in hashes)


def _names(document: HostDocument) -> tuple[str, ...]:
    return ("root", *(person.name for person in document.access.administrators))


def _check_known(document: HostDocument, name: str) -> None:
    if name not in _names(document):
        known = ", ".join(_names(document))
        raise Failure(f"There is no administrator {name}.", f"There is: {known}.")


def _checked_key(key: str) -> str:
    try:
        return check_whole_ssh_key(key)
    except ValueError as error:
        raise Failure(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error


def _checked(kind: type[_Model], **values: Any) -> _Model:
    try:
        return kind(**values)
    except ValidationError as error:
        words = str(error.errors(include_url=False, include_input=False)[0]["msg"])
        raise Failure(f"{words.removeprefix('Value error, ').rstrip('.')}.") from None
