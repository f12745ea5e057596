"""The second factor: time-based one-time passwords (RFC 6238), and codes for when it is lost."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from io import BytesIO

import pyotp
import segno

from foundation.secret import Secret
from manager.access.tables import AdministratorRow, SecondFactorRow
from manager.certificates.secret_box import SecretBox

# What a second factor is kept in.
Holder = AdministratorRow | SecondFactorRow

STEP_SECONDS = 30
# A code of the step before or after is accepted: clocks differ.
_TOLERANCE = 1
RECOVERY_CODES = 10
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def new_secret() -> Secret:
    """160 random bits in base32, as authenticator programs want it."""
    return Secret(pyotp.random_base32())


def provisioning_uri(secret: Secret, name: str) -> Secret:
    """The ``otpauth:`` URI that authenticator programs read."""
    return Secret(
        pyotp.TOTP(secret.reveal()).provisioning_uri(name=name, issuer_name="flexVDI Manager")
    )


def qr_code(uri: Secret) -> Secret:
    """``uri`` as a QR code, in SVG."""
    drawn = BytesIO()
    segno.make(uri.reveal(), error="m").save(
        drawn, kind="svg", scale=4, border=2, xmldecl=False, dark="#000", light="#fff"
    )
    return Secret(drawn.getvalue().decode())


def purpose(row: Holder) -> str:
    """What the secret of ``row`` is sealed for."""
    kind = "administrator" if isinstance(row, AdministratorRow) else "person"
    return f"{kind}:{row.id}:totp"


def accepted_step(secret: Secret, code: str, now: datetime, last_step: int) -> int | None:
    """The step that ``code`` is of, if it is right and later than ``last_step``; else None."""
    digits = "".join(code.split())
    if len(digits) != 6 or not digits.isdecimal():
        return None
    generator = pyotp.TOTP(secret.reveal())
    step = int(now.timestamp()) // STEP_SECONDS
    for candidate in range(step - _TOLERANCE, step + _TOLERANCE + 1):
        right = generator.generate_otp(candidate)
        if candidate > last_step and hmac.compare_digest(right, digits):
            return candidate
    return None


def new_recovery_codes() -> list[Secret]:
    """Codes to print and keep: each lets in once. 50 bits each, as ``xxxxx-xxxxx``."""
    return [
        Secret("-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(2)))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(code: str) -> str:
    """What is kept of a recovery code."""
    plain = code.lower().replace("-", "").replace(" ", "")
    return hashlib.sha256(plain.encode()).hexdigest()


def spend_code(box: SecretBox, row: Holder, code: str, now: datetime) -> bool:
    """Whether ``code`` lets ``row`` in; it is spent with that, of whichever kind it is."""
    if row.totp_secret is None:
        return True
    step = accepted_step(box.open(row.totp_secret, purpose(row)), code, now, row.totp_last_step)
    if step is not None:
        row.totp_last_step = step
        return True
    hashed = recovery_hash(code)
    if hashed in row.recovery_codes:
        row.recovery_codes = [each for each in row.recovery_codes if each != hashed]
        return True
    return False
