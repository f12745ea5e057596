"""SecurityApi: who may come in, by password, key and certificate.

What shall last is in the host document (``document.access``, ``document.certificate``); the calls
that change something make the changed document and apply it, so that document and machine agree.
host.intents has the same changes as pure functions, for screens that stage them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from foundation.secret import Secret
from host.audit import Actor

if TYPE_CHECKING:
    from host.document.access import PasswordPolicy
    from host.document.certificates import CertificateFacts
    from host.document.ssh_keys import SshKey
    from host.jobs import JobRecord


@dataclass(frozen=True)
class Person:
    """Root or an administrator. Without a password, only keys let the person in."""

    name: str
    full_name: str
    has_password: bool
    keys: tuple[SshKey, ...]


@dataclass(frozen=True)
class CertificateStatus:
    """The certificate in use; None before the first was made. ``problems`` are sentences."""

    facts: CertificateFacts | None
    installed: bool
    problems: tuple[str, ...]


class SecurityApi(Protocol):
    """Who may come in."""

    def people(self) -> tuple[Person, ...]:
        """Root first, then the administrators as the document orders them."""

    def password_problems(self, name: str, password: Secret) -> tuple[str, ...]:
        """What the policy says against ``password`` for ``name``, in sentences; none is good."""

    def change_password(self, name: str, password: Secret, actor: Actor) -> JobRecord | None:
        """Set the password of root or an administrator; raises Failure if the policy refuses it."""

    def lock_password(self, name: str, actor: Actor) -> JobRecord | None:
        """Let ``name`` in by keys only."""

    def add_administrator(
        self,
        name: str,
        actor: Actor,
        full_name: str = "",
        password: Secret | None = None,
        ssh_keys: tuple[str, ...] = (),
    ) -> JobRecord | None:
        """A further person; raises Failure for a name that is taken or a key that is none."""

    def remove_administrator(self, name: str, actor: Actor) -> JobRecord | None:
        """Remove the person's account; their home folder stays."""

    def add_ssh_key(self, name: str, key: str, actor: Actor) -> JobRecord | None:
        """Let ``name`` in by ``key``, a line as in id_ed25519.pub."""

    def remove_ssh_key(self, name: str, fingerprint: str, actor: Actor) -> JobRecord | None:
        """Take the key with that fingerprint away from ``name``."""

    def set_ssh(self, enabled: bool, passwords: bool, actor: Actor) -> JobRecord | None:
        """Whether the SSH server runs, and whether it takes passwords."""

    def set_idle_lock(self, seconds: int, actor: Actor) -> JobRecord | None:
        """When an untouched console locks itself; 0 is never."""

    def set_password_policy(self, policy: PasswordPolicy, actor: Actor) -> JobRecord | None:
        """What new passwords must be."""

    def certificate(self) -> CertificateStatus:
        """The host's own TLS certificate."""

    def certificate_problems(self, chain: str, key: Secret) -> tuple[str, ...]:
        """What speaks against installing these, in sentences: form, key, chain, dates, names."""

    def certificate_request(self, actor: Actor) -> str:
        """A request (PEM) to have signed, for the host's names; its key stays on the host.

        Requests are made with the same key until a certificate for it is in use.
        """

    def requested_key(self) -> Secret:
        """The key of the last request; raises Failure when there is none."""

    def install_certificate(self, chain: str, key: Secret, actor: Actor) -> JobRecord | None:
        """Use these (PEM) from now on; raises Failure unless key and chain fit and are valid."""

    def renew_certificate(self, actor: Actor) -> JobRecord | None:
        """Make a new self-signed certificate, and go back to one if another was installed."""
