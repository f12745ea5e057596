"""SecurityApi on the ports of a machine (host.api.security)."""

from __future__ import annotations

from foundation.failure import Failure
from foundation.password_hash import hash_password
from foundation.secret import Secret
from host import intents
from host.api.security import CertificateStatus, Person
from host.applying import apply_document
from host.audit import Actor, record
from host.document.access import PasswordPolicy
from host.document.certificates import (
    check_pair,
    describe,
    make_key,
    make_request,
    problems_now,
    utc_now,
)
from host.document.model import HostDocument
from host.document.ssh_keys import describe_ssh_key
from host.document.system_files import FileContent
from host.in_force import read_current
from host.jobs import JobRecord, Jobs
from host.machine import Machine
from host.parts.certificate import (
    CERTIFICATE_FILE,
    KEY_MODE,
    REQUEST_KEY_FILE,
    certificate_names,
)
from host.passwords import password_problems


class SecurityDoor:
    """See host.api.security.SecurityApi."""

    def __init__(self, machine: Machine, jobs: Jobs) -> None:
        """The door to ``machine``."""
        self._machine = machine
        self._jobs = jobs

    def people(self) -> tuple[Person, ...]:
        """From the document, with which the machine agrees."""
        access = self._document().access
        root = Person(
            "root",
            "",
            access.root_password_hash is not None,
            tuple(map(describe_ssh_key, access.root_ssh_keys)),
        )
        return (
            root,
            *(
                Person(
                    person.name,
                    person.full_name,
                    person.password_hash is not None,
                    tuple(map(describe_ssh_key, person.ssh_keys)),
                )
                for person in access.administrators
            ),
        )

    def password_problems(self, name: str, password: Secret) -> tuple[str, ...]:
        """The document's policy; without a usable document, the default one."""
        try:
            policy = self._document().access.password_policy
        except Failure:
            policy = PasswordPolicy()
        return password_problems(name, password, policy)

    def change_password(self, name: str, password: Secret, actor: Actor) -> JobRecord | None:
        """Hash it, and apply the document with the hash."""
        self._check_password(name, password)
        changed = intents.with_password(self._document(), name, hash_password(password))
        return self._apply(changed, actor, f"Change the password of {name}", f"password set {name}")

    def lock_password(self, name: str, actor: Actor) -> JobRecord | None:
        """No hash."""
        changed = intents.with_password(self._document(), name, None)
        return self._apply(changed, actor, f"Lock the password of {name}", f"password lock {name}")

    def add_administrator(
        self,
        name: str,
        actor: Actor,
        full_name: str = "",
        password: Secret | None = None,
        ssh_keys: tuple[str, ...] = (),
    ) -> JobRecord | None:
        """A name that the machine gives to somebody else is refused."""
        document = self._document()
        if password is not None:
            self._check_password(name, password)
        hashed = hash_password(password) if password is not None else None
        changed = intents.with_administrator(document, name, full_name, hashed, ssh_keys)
        if self._machine.accounts.find(name) is not None:
            raise Failure(
                f"This host has an account {name} already, which is no administrator's.",
                "Choose another name.",
            )
        title = f"Add the administrator {name}"
        return self._apply(changed, actor, title, f"administrators add {name}")

    def remove_administrator(self, name: str, actor: Actor) -> JobRecord | None:
        """The part removes the account."""
        changed = intents.without_administrator(self._document(), name)
        title = f"Remove the administrator {name}"
        return self._apply(changed, actor, title, f"administrators remove {name}")

    def add_ssh_key(self, name: str, key: str, actor: Actor) -> JobRecord | None:
        """One more."""
        changed = intents.with_ssh_key(self._document(), name, key)
        return self._apply(changed, actor, f"Add a key of {name}", f"keys add {name}")

    def remove_ssh_key(self, name: str, fingerprint: str, actor: Actor) -> JobRecord | None:
        """One less."""
        changed = intents.without_ssh_key(self._document(), name, fingerprint)
        return self._apply(changed, actor, f"Remove a key of {name}", f"keys remove {name}")

    def set_ssh(self, enabled: bool, passwords: bool, actor: Actor) -> JobRecord | None:
        """Two values of the document."""
        changed = intents.with_access(self._document(), ssh=enabled, ssh_passwords=passwords)
        words = "on" if enabled else "off"
        return self._apply(changed, actor, f"Switch SSH {words}", "set access.ssh")

    def set_idle_lock(self, seconds: int, actor: Actor) -> JobRecord | None:
        """One value of the document."""
        changed = intents.with_access(self._document(), idle_lock=seconds)
        return self._apply(changed, actor, "Change the idle lock", "set access.idle_lock")

    def set_password_policy(self, policy: PasswordPolicy, actor: Actor) -> JobRecord | None:
        """One section of the document."""
        changed = intents.with_access(self._document(), password_policy=policy)
        return self._apply(
            changed, actor, "Change the password policy", "set access.password_policy"
        )

    def certificate(self) -> CertificateStatus:
        """Read what is in use."""
        document = self._document()
        installed = document.certificate.chain is not None
        content = self._machine.files.read(CERTIFICATE_FILE)
        if content is None:
            words = "There is none yet; applying the document makes one."
            return CertificateStatus(None, installed, (words,))
        try:
            facts = describe(content.text)
        except ValueError as error:
            return CertificateStatus(None, installed, (f"It cannot be read: {error}.",))
        names = (document.identity.hostname,)
        return CertificateStatus(facts, installed, problems_now(facts, names, utc_now()))

    def certificate_problems(self, chain: str, key: Secret) -> tuple[str, ...]:
        """Form and pair first: without them, nothing else can be said."""
        try:
            check_pair(chain, key)
            facts = describe(chain)
        except ValueError as error:
            words = str(error)
            return (f"{words[:1].upper()}{words[1:]}.",)
        return problems_now(facts, (self._document().identity.hostname,), utc_now())

    def certificate_request(self, actor: Actor) -> str:
        """A key that is no longer only requested is not used for another certificate."""
        document = self._document()
        found = self._machine.files.read(REQUEST_KEY_FILE)
        key = Secret(found.text) if found is not None else None
        if key is None or key == document.certificate.key:
            key = make_key()
            content = FileContent(key.reveal(), KEY_MODE)
            self._machine.files.put(REQUEST_KEY_FILE, content)
        request = make_request(certificate_names(document), key)
        words = "A certificate was requested."
        record(actor, "certificate-request", "done", words, verb="certificate request")
        return request

    def requested_key(self) -> Secret:
        """From its file."""
        found = self._machine.files.read(REQUEST_KEY_FILE)
        if found is None:
            raise Failure(
                "This host has requested no certificate, so it has no key for one.",
                "Give the key that belongs to the certificate.",
            )
        return Secret(found.text)

    def install_certificate(self, chain: str, key: Secret, actor: Actor) -> JobRecord | None:
        """What is not valid now is refused; what ends soon, or is for other names, is not."""
        problems = self.certificate_problems(chain, key)
        fatal = [p for p in problems if not p.startswith(("It expires on", "It is not for"))]
        if fatal:
            raise Failure(fatal[0], "Get another certificate, or the key that belongs to it.")
        changed = intents.with_certificate(self._document(), chain, key)
        return self._apply(changed, actor, "Install a certificate", "certificate install")

    def renew_certificate(self, actor: Actor) -> JobRecord | None:
        """The next generation."""
        changed = intents.with_own_certificate(self._document())
        return self._apply(changed, actor, "Renew the certificate", "certificate renew")

    def _check_password(self, name: str, password: Secret) -> None:
        problems = self.password_problems(name, password)
        if problems:
            raise Failure(f"This password is not good enough: {' '.join(problems)}")

    def _document(self) -> HostDocument:
        return read_current(self._machine.files)

    def _apply(
        self, document: HostDocument, actor: Actor, title: str, verb: str
    ) -> JobRecord | None:
        return apply_document(self._machine, self._jobs, document, actor, title=title, verb=verb)
