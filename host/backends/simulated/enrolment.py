"""A Manager in memory (host.machine.enrolment.EnrolmentLink), with a CA of its own.

The machine's JSON may have ``platform``: ``tokens`` that it takes, each once; ``people`` with their
passwords; ``bridges`` that it expects; ``clock_ahead`` in seconds; ``reinstalled`` with another CA.
Without it, nobody answers.
"""

from __future__ import annotations

import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from foundation.failure import Failure
from foundation.joining import (
    AGENTS_PORT,
    EnrolmentAnswer,
    EnrolmentRequest,
    ManagerAddress,
    fingerprint_of,
)
from host.backends.simulated.simulation import Simulation
from host.machine.enrolment import Authority, NoAnswer, Refused

_DAY = datetime.timedelta(days=1)


class SimulatedEnrolmentLink:
    """Takes a host in, or refuses with the words of a Manager."""

    def __init__(self, simulation: Simulation) -> None:
        """The CA is made when it is first asked for."""
        self._simulation = simulation
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._ca: x509.Certificate | None = None
        self.used: set[str] = set()

    def authority(self, address: str, port: int) -> Authority:
        """The CA of this simulation."""
        self._simulation.meet("enrolment.authority")
        said = self._platform(address, port)
        if said.get("reinstalled"):
            self._ca = None
        ca = self._authority()
        fingerprint = fingerprint_of(ca.public_bytes(serialization.Encoding.DER))
        return Authority(_pem(ca), fingerprint, float(said.get("clock_ahead", 0)))

    def enrol(self, manager: ManagerAddress, ca: str, request: EnrolmentRequest) -> EnrolmentAnswer:
        """A token works once."""
        self._simulation.changes("enrolment.enrol")
        said = self._platform(manager.address, manager.port)
        if request.token is not None:
            token = request.token.reveal()
            if token not in said.get("tokens", ()) or token in self.used:
                raise Refused(
                    Failure("This token is not valid.", "Make a new one at the Manager."), 401
                )
            self.used.add(token)
        elif request.password is None or (
            said.get("people", {}).get(request.user) != request.password.reveal()
        ):
            raise Refused(Failure("Name or password is wrong.", "Try again."), 401)
        asked = x509.load_pem_x509_csr(request.request.encode())
        made = self._sign(request.host_id, asked.public_key())
        return EnrolmentAnswer(
            certificate=_pem(made),
            ca=ca,
            agents_port=AGENTS_PORT,
            manager_version="simulated",
            bridges=tuple(said.get("bridges", ())),
        )

    def _platform(self, address: str, port: int) -> dict[str, Any]:
        said: dict[str, Any] | None = self._simulation.facts.get("platform")
        if said is None:
            raise NoAnswer(
                f"The Manager at {address}:{port} cannot be reached: this is a simulation.",
                "Give the simulated machine a platform.",
                where="address",
            )
        return said

    def _authority(self) -> x509.Certificate:
        if self._ca is None:
            self._ca = self._sign("Simulated platform", self._key.public_key())
        return self._ca

    def _sign(self, name: str, public_key: Any) -> x509.Certificate:
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Simulated platform")])
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(issuer)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + 90 * _DAY)
            .sign(self._key, hashes.SHA256())
        )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
