"""The certificate that browsers see: the Manager's own, and one that was brought."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from foundation.secret import Secret
from manager.access.principal import Principal
from manager.access.requires import requires
from manager.access.role import ADMINISTRATORS, ANYBODY
from manager.certificates.brought import CertificateShown
from manager.certificates.live import LiveCertificates
from manager.services import Services, WithServices

ROUTER = APIRouter(prefix="/api/v1/certificate", tags=["certificates"])
Admin = Annotated[Principal, requires(*ADMINISTRATORS)]
Name = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:*-]+$")]


class ServerCertificates(BaseModel):
    """The one of the Manager's own CA, and what was brought for browsers."""

    own: CertificateShown
    brought: CertificateShown | None


class Brought(BaseModel):
    """A certificate with those up to its root, and its private key; both in PEM."""

    certificate: str = Field(max_length=200_000)
    key: Secret


class Renewal(BaseModel):
    """Names and addresses that the new certificate is to be for, besides those of the old one."""

    names: list[Name] = Field(default=[], max_length=50)


@ROUTER.get("")
def server_certificates(
    services: WithServices, principal: Annotated[Principal, requires(*ANYBODY)]
) -> ServerCertificates:
    """The certificates in use."""
    return _shown(services)


@ROUTER.put("")
def bring_certificate(
    body: Brought, services: WithServices, principal: Admin
) -> ServerCertificates:
    """Use a certificate of another CA from now on, without a restart."""
    services.part(LiveCertificates).bring(principal, body.certificate, body.key)
    return _shown(services)


@ROUTER.delete("")
def forget_certificate(services: WithServices, principal: Admin) -> ServerCertificates:
    """Use the Manager's own certificate for all names again."""
    services.part(LiveCertificates).forget(principal)
    return _shown(services)


@ROUTER.post("/renew")
def renew_server_certificate(
    body: Renewal, services: WithServices, principal: Admin
) -> ServerCertificates:
    """Make a new certificate of the Manager's own CA, as for another name or address."""
    services.part(LiveCertificates).renew(principal, body.names)
    return _shown(services)


def _shown(services: Services) -> ServerCertificates:
    live = services.part(LiveCertificates)
    return ServerCertificates(own=live.own, brought=live.brought)
