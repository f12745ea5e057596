"""Where hosts ask to be taken in; who may is told by a one-time token or a person's password."""

from __future__ import annotations

from fastapi import APIRouter, Request

from foundation.failure import Failure
from foundation.joining import ENROLMENT_PATH, EnrolmentAnswer, EnrolmentRequest
from manager.access.principal import Principal
from manager.access.requires import address_of
from manager.access.role import OPERATORS
from manager.access.second_factors import must_add_factor
from manager.access.signing_in import Credentials, verify
from manager.hosts.enrolment import enrol, record_refusal
from manager.problems import Forbidden, Invalid, Unavailable
from manager.services import Services, WithServices

ROUTER = APIRouter(tags=["hosts"])


@ROUTER.post(ENROLMENT_PATH)
def enrol_host(
    asked: EnrolmentRequest, request: Request, services: WithServices
) -> EnrolmentAnswer:
    """Take a host in and give it its certificate."""
    address = address_of(request)
    try:
        principal = None if asked.token is not None else _person(services, asked, address)
        return enrol(services, asked, principal, address)
    except Unavailable:
        raise
    except Failure as failure:
        record_refusal(services, asked, address, failure.cause)
        raise


def _person(services: Services, asked: EnrolmentRequest, address: str) -> Principal:
    """Who signs in with the request's name and password; raises NotSignedIn or Forbidden."""
    if asked.user is None or asked.password is None:
        raise Invalid(
            "A host joins by a token, or by an administrator's name and password.", where="token"
        )
    principal = verify(services, Credentials(asked.user, asked.password, asked.code), address)
    with services.database.reading() as session:
        lacks_factor = must_add_factor(services, session, principal)
    if lacks_factor:
        raise Forbidden(
            f"{principal.name} must set up a second factor before anything else.",
            "Sign in to the Manager's dashboard and do so; or join by a join string.",
        )
    if not principal.may(OPERATORS):
        raise Forbidden(
            f"The role {principal.role.value} may not add hosts.",
            "Join as somebody else, or by a join string.",
        )
    return principal
