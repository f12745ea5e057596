"""Directories: kept, put in order, tested before and after; groups to choose from."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from foundation.secret import Secret
from manager.access.principal import Principal
from manager.access.requires import requires
from manager.access.role import ADMINISTRATORS, AUDITORS
from manager.directory.checks import CheckState
from manager.directory.contents_examination import Sample
from manager.directory.examination import examine
from manager.directory.group_ids import with_group_ids
from manager.directory.live import LiveDirectories
from manager.directory.presets import PRESETS
from manager.directory.settings import DEFAULT_PORTS, DirectorySettings, GroupMethod, Kind
from manager.directory.storing import (
    StoredDirectory,
    add_directory,
    all_directories,
    change_directory,
    directory_with_id,
    order_directories,
    password_for,
    remove_directory,
    stored_password,
)
from manager.services import Services, WithServices

ROUTER = APIRouter(prefix="/api/v1/directories", tags=["directories"])

Seen = Annotated[Principal, requires(*AUDITORS)]
Administrator = Annotated[Principal, requires(*ADMINISTRATORS)]
BindPassword = Field(
    default=None,
    description="The password of `bind_user`; it is never given out again.",
)


class Sampled(BaseModel):
    """Whom to look for while testing, and the password to try for them."""

    model_config = ConfigDict(extra="forbid")
    sample_user: str = Field("", max_length=256, description="Somebody, as they sign in.")
    sample_password: Secret | None = Field(
        None, description="Tried once; a wrong one counts towards locking the account."
    )

    def sample(self) -> Sample:
        """As the examination takes it."""
        return Sample(self.sample_user, self.sample_password or Secret(""))


class DirectoryView(StoredDirectory):
    """A directory; ``servers`` tells for each why it is not asked at present, empty if it is."""

    servers: dict[str, str]


class NewDirectory(BaseModel):
    """What a directory is made of."""

    model_config = ConfigDict(extra="forbid")
    settings: DirectorySettings
    bind_password: Secret | None = BindPassword


class ChangedDirectory(NewDirectory):
    """Other settings for a directory; without a password the stored one stays.

    It must be sent again when servers, security, CA or account change. ``version`` is that of the
    directory as it was read.
    """

    version: int


class DirectoryTrial(NewDirectory, Sampled):
    """Settings to try without keeping them; ``directory`` is the one whose password to use."""

    directory: str | None = None


class CheckView(BaseModel):
    """One line of a test; ``where`` is the server it is about, ``seconds`` how long it took."""

    model_config = ConfigDict(from_attributes=True)
    name: str
    title: str
    state: CheckState
    value: str
    cause: str
    remedy: str
    where: str
    seconds: float | None


class DirectoryTest(BaseModel):
    """All lines of a test in their order; ``state`` is the worst of them."""

    state: Literal["ok", "warning", "failed"]
    checks: list[CheckView]


class DirectoryKind(BaseModel):
    """What is assumed of a kind of directory where the settings say nothing else."""

    kind: Kind
    title: str
    user_attribute: str
    user_filter: str
    group_method: GroupMethod
    default_ports: dict[str, int]


class GroupView(BaseModel):
    """A group of a directory."""

    model_config = ConfigDict(from_attributes=True)
    id: str
    name: str
    dn: str


class Order(BaseModel):
    """Identifiers of all directories, the one asked first in front."""

    model_config = ConfigDict(extra="forbid")
    order: list[str] = Field(max_length=100)


@ROUTER.get("")
def list_directories(services: WithServices, principal: Seen) -> list[DirectoryView]:
    """All directories, in the order in which they are asked."""
    return [_view(services, stored) for stored in all_directories(services)]


@ROUTER.get("/kinds")
def list_directory_kinds(principal: Seen) -> list[DirectoryKind]:
    """The kinds of directories, with what is assumed of each."""
    return [
        DirectoryKind(
            kind=kind,
            title=preset.title,
            user_attribute=preset.login[0],
            user_filter=preset.user_filter,
            group_method=preset.group_method,
            default_ports=dict(DEFAULT_PORTS),
        )
        for kind, preset in PRESETS.items()
    ]


@ROUTER.post("", status_code=201)
def create_directory(
    body: NewDirectory, services: WithServices, principal: Administrator
) -> DirectoryView:
    """Add a directory, asked after all others."""
    password = password_for(services, body.settings, body.bind_password, None)
    settings = with_group_ids(body.settings, password)
    return _view(services, add_directory(services, settings, password, principal))


@ROUTER.post("/test")
def test_directory_settings(
    body: DirectoryTrial, services: WithServices, principal: Administrator
) -> DirectoryTest:
    """Try settings without keeping them; takes up to a minute when servers do not answer."""
    password = password_for(services, body.settings, body.bind_password, body.directory)
    return _test(body.settings, password, body.sample())


@ROUTER.put("/order")
def order_all_directories(
    body: Order, services: WithServices, principal: Administrator
) -> list[DirectoryView]:
    """Ask the directories in this order."""
    ordered = order_directories(services, body.order, principal)
    return [_view(services, stored) for stored in ordered]


@ROUTER.get("/{directory}")
def get_directory(directory: str, services: WithServices, principal: Seen) -> DirectoryView:
    """One directory."""
    return _view(services, directory_with_id(services, directory))


@ROUTER.put("/{directory}")
def replace_directory(
    directory: str, body: ChangedDirectory, services: WithServices, principal: Administrator
) -> DirectoryView:
    """Change a directory."""
    password = password_for(services, body.settings, body.bind_password, directory)
    settings = with_group_ids(body.settings, password)
    changed = change_directory(
        services, directory, settings, body.bind_password, body.version, principal
    )
    return _view(services, changed)


@ROUTER.delete("/{directory}", status_code=204)
def delete_directory(directory: str, services: WithServices, principal: Administrator) -> None:
    """Remove a directory and sign its people out."""
    remove_directory(services, directory, principal)


@ROUTER.post("/{directory}/test")
def test_directory(
    directory: str, body: Sampled, services: WithServices, principal: Administrator
) -> DirectoryTest:
    """Test a directory as it is kept; takes up to a minute when servers do not answer."""
    settings = directory_with_id(services, directory).settings
    return _test(settings, stored_password(services, directory), body.sample())


@ROUTER.get("/{directory}/groups")
def list_directory_groups(
    directory: str,
    services: WithServices,
    principal: Administrator,
    text: Annotated[str, Query(max_length=100, description="Part of a name.")] = "",
) -> list[GroupView]:
    """The first groups that have ``text`` in their name or description, to choose from."""
    stored = directory_with_id(services, directory)
    found = services.part(LiveDirectories).adapter(stored).groups_like(text)
    return [GroupView.model_validate(group) for group in found]


def _view(services: Services, stored: StoredDirectory) -> DirectoryView:
    servers = services.part(LiveDirectories).server_states(stored)
    return DirectoryView(**dict(stored), servers=servers)


def _test(settings: DirectorySettings, password: Secret, sample: Sample) -> DirectoryTest:
    checks = [CheckView.model_validate(check) for check in examine(settings, password, sample)]
    states = {check.state for check in checks}
    worst = next((state for state in ("failed", "warning") if state in states), "ok")
    return DirectoryTest.model_validate({"state": worst, "checks": checks})
