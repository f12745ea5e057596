"""The files of a host that belongs to a platform, below ``etc/flexvdi/agent``.

``manager.json`` says where to dial (it follows from the document), ``member.json`` who this host
is there. ``host.pem`` proves it: private key and certificate in one file, so that they change
together. ``ca.crt`` is whom to believe.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from foundation.failure import Failure
from foundation.joining import fingerprint_of
from foundation.secret import Secret
from host.document.membership import JOIN_TOKEN_FILE, Membership
from host.document.system_files import FileContent
from host.machine.files import Files

FOLDER = "etc/flexvdi/agent"
MANAGER_FILE = f"{FOLDER}/manager.json"
MEMBER_FILE = f"{FOLDER}/member.json"
CREDENTIALS_FILE = f"{FOLDER}/host.pem"
CA_FILE = f"{FOLDER}/ca.crt"
# A key whose certificate was asked for: a join that was cut short is taken up again with it.
JOINING_KEY_FILE = f"{FOLDER}/joining.key"
# What an unattended installation leaves for the first boot; removed once it was used.
TOKEN_FILE = JOIN_TOKEN_FILE
# That the Agent is to say farewell when it is stopped; it removes the file when it was heard.
LEAVING_FILE = f"{FOLDER}/leaving.json"
# What the Agent says of itself (agent.report).
REPORT_FILE = "run/flexvdi/agent.json"
AGENT_SERVICE = "flexvdi-agent.service"
_SECRET_MODE = 0o600


class FileDamaged(Failure):
    """One of the files is there and cannot be read."""


@dataclass(frozen=True)
class Member:
    """Who this host is to its Manager: its identity there, and who joined it when."""

    host_id: str
    host_name: str
    joined: float
    who: str


def read_member(files: Files) -> Member | None:
    """Who the host is; None while it belongs to nobody. Raises Failure for a damaged file."""
    said = _read_json(files, MEMBER_FILE)
    try:
        return Member(**said) if said is not None else None
    except TypeError as error:
        raise _damaged(MEMBER_FILE) from error


def read_manager(files: Files) -> Membership | None:
    """Where to dial; None while the document names no Manager."""
    said = _read_json(files, MANAGER_FILE)
    try:
        return Membership(**said) if said is not None else None
    except ValueError as error:
        raise _damaged(MANAGER_FILE) from error


def manager_file(membership: Membership | None) -> FileContent | None:
    """``manager.json`` as it follows from the document."""
    if membership is None:
        return None
    # Without others the file is as hosts wrote it that knew none: an upgrade changes nothing.
    left_out = set() if membership.others else {"others"}
    return FileContent(membership.model_dump_json(indent=2, exclude=left_out) + "\n")


def write_member(files: Files, member: Member, key: Secret, certificate: str, ca: str) -> None:
    """Keep what makes the host a member; ``member.json`` comes last and makes it true."""
    write_credentials(files, key, certificate, ca)
    files.put(MEMBER_FILE, FileContent(json.dumps(asdict(member), indent=2) + "\n"))
    files.put(JOINING_KEY_FILE, None)


def write_credentials(files: Files, key: Secret, certificate: str, ca: str) -> None:
    """Keep a key with its certificate, and the CA."""
    files.put(CA_FILE, FileContent(ca))
    pair = f"{key.reveal().strip()}\n{certificate.strip()}\n"
    files.put(CREDENTIALS_FILE, FileContent(pair, _SECRET_MODE))


def forget_member(files: Files) -> None:
    """Remove all that makes the host a member; ``member.json`` goes first."""
    for path in (
        MEMBER_FILE,
        CREDENTIALS_FILE,
        CA_FILE,
        JOINING_KEY_FILE,
        TOKEN_FILE,
        LEAVING_FILE,
    ):
        files.put(path, None)


def new_key() -> Secret:
    """A private key in PEM form (ECDSA on P-256)."""
    key = ec.generate_private_key(ec.SECP256R1())
    return Secret(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
    )


def joining_key(files: Files) -> Secret:
    """The key to join with: the one of a join that was cut short, or a new one, kept."""
    known = files.read(JOINING_KEY_FILE)
    if known is not None and known.text.startswith("-----BEGIN PRIVATE KEY-----"):
        return Secret(known.text)
    key = new_key()
    files.put(JOINING_KEY_FILE, FileContent(key.reveal(), _SECRET_MODE))
    return key


def signing_request(key: Secret, host_id: str) -> str:
    """A request for a certificate of ``host_id``, in PEM form."""
    private = serialization.load_pem_private_key(key.reveal().encode(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host_id)])
    request = x509.CertificateSigningRequestBuilder().subject_name(name)
    signed = request.sign(private, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def check_credentials(key: Secret, certificate: str, ca: str, fingerprint: str) -> None:
    """Raise Failure unless the certificate is for ``key``, and the CA the one expected."""
    try:
        private = serialization.load_pem_private_key(key.reveal().encode(), None)
        made = x509.load_pem_x509_certificate(certificate.encode())
        authority = x509.load_pem_x509_certificate(ca.encode())
        made.verify_directly_issued_by(authority)
        same_key = made.public_key() == private.public_key()
    except Exception as error:  # cryptography raises several kinds for what cannot be read
        raise Failure(
            "The Manager sent a certificate that cannot be used.",
            "Upgrade the older of host and Manager.",
            details=str(error),
        ) from error
    der = authority.public_bytes(serialization.Encoding.DER)
    if not same_key or fingerprint_of(der) != fingerprint:
        raise Failure(
            "The Manager sent a certificate that is not the one asked for.",
            "Try again; if it stays so, somebody may be between this host and the Manager.",
        )


def certificate_until(files: Files) -> float | None:
    """When the host's certificate expires, in seconds since 1970; None without one."""
    content = files.read(CREDENTIALS_FILE)
    if content is None:
        return None
    try:
        made = x509.load_pem_x509_certificate(content.text.encode())
    except ValueError:
        return None
    return made.not_valid_after_utc.timestamp()


def _read_json(files: Files, path: str) -> dict[str, Any] | None:
    content = files.read(path)
    if content is None:
        return None
    try:
        said = json.loads(content.text)
    except ValueError as error:
        raise _damaged(path) from error
    if not isinstance(said, dict):
        raise _damaged(path)
    return said


def _damaged(path: str) -> FileDamaged:
    return FileDamaged(
        f"/{path} is damaged.",
        "Leave the platform with `flexvdi-config manager leave --yes`, and join again.",
    )
