"""Certificates as values: made here, kept elsewhere. ECDSA P-256 and SHA-256 throughout.

They carry all that strict X.509 (RFC 5280; Python 3.13's default) asks for: key identifiers, key
usage, basic constraints.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# A certificate is valid from a little earlier on: the clocks of hosts differ.
_EARLIER = timedelta(minutes=10)


@dataclass(frozen=True)
class Pair:
    """A certificate and its private key, each in PEM."""

    certificate: bytes
    key: bytes

    @property
    def x509(self) -> x509.Certificate:
        """The certificate, parsed."""
        return x509.load_pem_x509_certificate(self.certificate)


def new_key() -> ec.EllipticCurvePrivateKey:
    """A new private key."""
    return ec.generate_private_key(ec.SECP256R1())


def key_to_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """PKCS #8, unencrypted: whoever may read the state folder is the Manager."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def make_authority(name: str, now: datetime, lifetime: timedelta) -> Pair:
    """A root certificate for ``name`` that signs others."""
    key = new_key()
    subject = _name(name)
    builder = (
        _builder(subject, subject, key.public_key(), now, lifetime)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return Pair(_pem(builder.sign(key, hashes.SHA256())), key_to_pem(key))


def make_server(authority: Pair, names: Sequence[str], now: datetime, lifetime: timedelta) -> Pair:
    """A server's certificate for ``names`` (DNS names and addresses), with a new key."""
    key = new_key()
    alternative = x509.SubjectAlternativeName([_general_name(name) for name in names])
    certificate = _leaf(
        authority,
        _name(names[0]),
        key.public_key(),
        (alternative,),
        ExtendedKeyUsageOID.SERVER_AUTH,
        now,
        lifetime,
    )
    return Pair(_pem(certificate), key_to_pem(key))


def sign_client(
    authority: Pair,
    public_key: CertificatePublicKeyTypes,
    common_name: str,
    identity: str,
    now: datetime,
    lifetime: timedelta,
) -> x509.Certificate:
    """A client's certificate for ``public_key``; ``identity`` is its URI (SubjectAltName)."""
    alternative = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(identity)])
    return _leaf(
        authority,
        _name(common_name),
        public_key,
        (alternative,),
        ExtendedKeyUsageOID.CLIENT_AUTH,
        now,
        lifetime,
    )


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate (DER), 64 hexadecimal digits in lower case."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def _leaf(
    authority: Pair,
    subject: x509.Name,
    public_key: CertificatePublicKeyTypes,
    extensions: Sequence[x509.ExtensionType],
    purpose: x509.ObjectIdentifier,
    now: datetime,
    lifetime: timedelta,
) -> x509.Certificate:
    issuer = authority.x509
    key = serialization.load_pem_private_key(authority.key, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    # Never longer than what signs it.
    lifetime = min(lifetime, issuer.not_valid_after_utc - now)
    builder = (
        _builder(subject, issuer.subject, public_key, now, lifetime)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, hashes.SHA256())


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: CertificatePublicKeyTypes,
    now: datetime,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + lifetime)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    # X.520 allows 64 characters; what counts are the alternative names.
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "flexVDI"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64]),
        ]
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
