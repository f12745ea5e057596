"""What a person, or a kickstart, asks for when a Manager is to be deployed.

It is no part of the host document, for it is done once; but it is checked by models alone, as the
document is, so that a kickstart can be checked on any machine.
"""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_interface
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from foundation.failure import Failure
from foundation.secret import Secret

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_HOST_NAME = re.compile(rf"{_NAME.pattern}(\.{_NAME.pattern})*", re.IGNORECASE)


def _guest_name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("use small letters, digits and hyphens, at most 63")
    return text


def _host_name(text: str) -> str:
    if not _HOST_NAME.fullmatch(text):
        raise ValueError("use letters, digits and hyphens, with dots between the parts")
    return text.lower()


def _interface(text: str) -> str:
    if "/" not in text:
        raise ValueError("write it with its prefix length, as in 192.0.2.10/24")
    try:
        found = ip_interface(text)
    except ValueError:
        raise ValueError("write it as in 192.0.2.10/24") from None
    if found.ip in (found.network.network_address, found.network.broadcast_address) and (
        found.network.num_addresses > 2
    ):
        raise ValueError("this is the address of a network, not of a machine")
    return str(found)


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise ValueError("write an address as in 192.0.2.1") from None


def _folder(text: str) -> str:
    if not text.startswith("/") or ".." in text.split("/"):
        raise ValueError("write a folder of this host from the root, as in /srv/images")
    return text.rstrip("/") or "/"


def is_next_hop(gateway: str, address: str) -> bool:
    """Whether a machine of ``address``, with its prefix length, can send to that router directly.

    It can within its subnet, and by IPv6 at a link-local address, as routers announce theirs.
    Raises ValueError for what is no address.
    """
    router, own = ip_address(gateway), ip_interface(address)
    return router in own.network or (router.version == own.version == 6 and router.is_link_local)


Address = Annotated[str, AfterValidator(_address)]
HostName = Annotated[str, AfterValidator(_host_name)]


class DeploymentRequest(BaseModel):
    """A Manager to be deployed.

    ``name`` is that of the guest and of its folder below ``folder``; ``hostname`` is the Manager's
    own. ``address`` carries its prefix length. ``memory`` is in MiB and ``data_disk`` in GiB; None
    stands for what the image asks for. ``password_hash`` (argon2) is that of ``administrator``;
    without it, the set-up is finished in the browser, with a secret that the deployment shows once.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, AfterValidator(_guest_name)] = "flexvdi-manager"
    hostname: HostName = "manager"
    address: Annotated[str, AfterValidator(_interface)]
    gateway: Address | None = None
    dns: tuple[Address, ...] = ()
    bridge: str = Field(min_length=1, max_length=15)
    folder: Annotated[str, AfterValidator(_folder)]
    vcpus: int | None = Field(default=None, ge=1, le=64)
    memory: int | None = Field(default=None, ge=512, le=1 << 20)
    data_disk: int | None = Field(default=None, ge=1, le=1 << 14)
    administrator: str = Field(default="admin", pattern=r"^[a-z_][a-z0-9_.-]{0,31}$")
    password_hash: Secret | None = None
    time_servers: tuple[str, ...] = ()
    ssh_keys: tuple[str, ...] = ()
    image: str = ""
    autostart: bool = True
    enrol: bool = True

    @model_validator(mode="after")
    def _fits(self) -> DeploymentRequest:
        own = ip_interface(self.address)
        if self.gateway is not None:
            if ip_address(self.gateway) == own.ip:
                raise ValueError("gateway: this is the Manager's own address")
            if not is_next_hop(self.gateway, self.address):
                raise ValueError(f"gateway: it is not inside of {own.network}")
        return self

    @property
    def ip(self) -> str:
        """The address alone."""
        return str(ip_interface(self.address).ip)

    @property
    def place(self) -> str:
        """The folder of the guest."""
        return f"{self.folder.rstrip('/')}/{self.name}"

    def without_secrets(self) -> dict[str, Any]:
        """For plans, logs and answers in JSON."""
        values = self.model_dump(mode="json", exclude={"password_hash"}, exclude_none=True)
        return {**values, "password": self.password_hash is not None}


# What an unattended installation leaves for the first boot, mode 0600; it is removed when done.
REQUEST_FILE = "etc/flexvdi/manager-request.json"


class UnattendedDeployment(BaseModel):
    """A Manager that a kickstart asks for (``manager`` in ``%addon com_flexvdi``).

    The fields are those of :class:`DeploymentRequest`; what is left out is as the host suggests
    when it has started. ``acknowledge`` names the warnings of preflight that are accepted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, AfterValidator(_guest_name)] = "flexvdi-manager"
    hostname: HostName = "manager"
    address: Annotated[str, AfterValidator(_interface)]
    gateway: Address | None = None
    dns: tuple[Address, ...] | None = None
    bridge: str | None = Field(default=None, min_length=1, max_length=15)
    folder: Annotated[str, AfterValidator(_folder)] | None = None
    vcpus: int | None = Field(default=None, ge=1, le=64)
    memory: int | None = Field(default=None, ge=512, le=1 << 20)
    data_disk: int | None = Field(default=None, ge=1, le=1 << 14)
    administrator: str = Field(default="admin", pattern=r"^[a-z_][a-z0-9_.-]{0,31}$")
    password_hash: Secret
    time_servers: tuple[str, ...] = ()
    ssh_keys: tuple[str, ...] = ()
    autostart: bool = True
    enrol: bool = True
    acknowledge: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> UnattendedDeployment:
        if not self.password_hash.reveal().startswith("$argon2id$"):
            raise ValueError("password_hash: it must be one of argon2id, as $argon2id$…")
        self.request("bridge", "/", (), None)
        return self

    def request(
        self, bridge: str, folder: str, dns: tuple[str, ...], gateway: str | None
    ) -> DeploymentRequest:
        """With what the host suggests for what was left out."""
        given = {name: value for name, value in dict(self).items() if value is not None}
        given.pop("acknowledge")
        suggested = {"bridge": bridge, "folder": folder, "dns": dns, "gateway": gateway}
        return DeploymentRequest(**{**suggested, **given})


def read_unattended(values: Any) -> UnattendedDeployment:
    """From what a kickstart or a file says; raises Failure that names each field that is wrong."""
    try:
        return UnattendedDeployment.model_validate(values)
    except ValidationError as error:
        wrong = []
        for each in error.errors(include_url=False, include_input=False):
            field = ".".join(str(part) for part in each["loc"])
            words = str(each["msg"]).removeprefix("Value error, ")
            wrong.append(f"{field}: {words}" if field else words)
        raise Failure(f"The Manager's {'; '.join(wrong)}.", "Correct it.") from None


def make_request(where: str = "", **values: Any) -> DeploymentRequest:
    """A request; raises Failure that names the first field that is wrong."""
    try:
        return DeploymentRequest(**values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        words = str(first["msg"]).removeprefix("Value error, ")
        if not field:
            field, _colon, words = words.partition(": ")
        raise Failure(f"The Manager's {field}: {words}.", "Correct it.", where=where) from None


def check_password(password: Secret) -> None:
    """Raise Failure when the Manager would not take it."""
    if len(password.reveal()) < _LEAST_PASSWORD:
        raise Failure(
            f"The password is shorter than {_LEAST_PASSWORD} characters.", "Choose a longer one."
        )


def hash_password(password: Secret) -> Secret:
    """The password as the appliance takes it (argon2id, RFC 9106's second recommendation)."""
    import os

    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    check_password(password)
    kdf = Argon2id(salt=os.urandom(16), length=32, iterations=3, lanes=4, memory_cost=65536)
    return Secret(kdf.derive_phc_encoded(password.reveal().encode()))


_LEAST_PASSWORD = 8
