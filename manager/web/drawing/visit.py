"""Somebody who is signed in and looks at a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request

from manager.access.principal import Principal
from manager.access.requires import requires, session_of
from manager.access.role import ADMINISTRATORS, OPERATORS, Role
from manager.problems import NotSignedIn
from manager.services import Services, WithServices
from manager.version import manager_version

_MOST_COUNTED = 100


@dataclass(frozen=True)
class Visit:
    """Who looks, what their forms must carry (``csrf``), and the Manager's services."""

    services: Services
    principal: Principal
    csrf: str

    @property
    def version(self) -> str:
        """The Manager's version."""
        return manager_version()

    @property
    def may_operate(self) -> bool:
        """Whether pages offer to change hosts and guests; the server refuses by itself."""
        return self.principal.may(OPERATORS)

    @property
    def may_administer(self) -> bool:
        """Whether pages offer to change who may sign in, and the Manager itself."""
        return self.principal.may(ADMINISTRATORS)

    def tasks_at_work(self) -> int:
        """How many tasks have not ended, at most a hundred."""
        return len(self.services.tasks.find(size=_MOST_COUNTED, only_open=True).items)


def visiting(*roles: Role) -> Any:
    """A dependency that yields the Visit of somebody who has one of ``roles``.

    Raises NotSignedIn, also for API tokens: pages are for people.
    """

    # A default, no annotation: annotations are read outside of this function, without `roles`.
    allowed = requires(*roles)

    def visit(request: Request, services: WithServices, principal: Principal = allowed) -> Visit:
        found = session_of(request, services)
        if found is None:
            raise NotSignedIn("Nobody is signed in.", "Sign in.")
        return Visit(services, principal, found.csrf)

    return Depends(visit)
