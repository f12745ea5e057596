"""The certificate authority's certificate, for everybody: so that fingerprints can be compared."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel

from manager.services import WithServices

ROUTER = APIRouter(prefix="/api/v1/ca", tags=["certificates"])


class Fingerprint(BaseModel):
    """SHA-256 of the CA certificate: 64 hexadecimal digits."""

    sha256: str


@ROUTER.get(
    "", response_class=Response, responses={200: {"content": {"application/x-pem-file": {}}}}
)
def ca_certificate(services: WithServices) -> Response:
    """The CA's certificate in PEM."""
    return Response(
        services.authority.certificate,
        media_type="application/x-pem-file",
        headers={"Content-Disposition": 'attachment; filename="flexvdi-ca.pem"'},
    )


@ROUTER.get("/fingerprint")
def ca_fingerprint(services: WithServices) -> Fingerprint:
    """The fingerprint that a joining host is to see."""
    return Fingerprint(sha256=services.authority.fingerprint)
