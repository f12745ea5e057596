"""What a Manager appliance is told at its first start: the contract between deployer and appliance.

A seed is a NoCloud medium (cloudinit.readthedocs.io, "NoCloud"): an ISO 9660 or vfat volume
labelled ``cidata`` with the files ``meta-data``, ``user-data`` and ``network-config``. The network
is said in the version 2 format of cloud-init; ``user-data`` is not cloud-init's but ours: a first
line :data:`USER_DATA_HEADER`, then :class:`ApplianceSeed` in YAML.

While it starts, the appliance tells on its serial console how far it is, one line each, in a form
that the deployer can follow (:func:`progress_line`, :func:`read_progress`). The console is a way
between host and guest that nobody else can write to; so the fingerprint of the Manager's own
certificate authority, which exists only after the first start, is told there as well.
"""

from __future__ import annotations

import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from foundation.failure import Failure
from foundation.secret import Secret

SEED_LABEL = "cidata"
SEED_FILES = ("meta-data", "user-data", "network-config")
USER_DATA_HEADER = "#flexvdi-manager"
PROGRESS_PREFIX = "flexvdi-manager: "

ProgressState = Literal["running", "done", "ready", "failed"]


class SeedAdministrator(BaseModel):
    """The first administrator; ``password_hash`` is argon2's, as ``$argon2id$…``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="admin", pattern=r"^[a-z_][a-z0-9_.-]{0,31}$")
    password_hash: Secret


class ApplianceSeed(BaseModel):
    """What ``user-data`` says.

    ``setup_secret`` lets who deploys finish the set-up by ``POST /api/v1/setup``; with an
    ``administrator`` the set-up needs nobody. ``join_token`` enrols one host, the deploying one,
    once. ``names`` are further DNS names and addresses for the server's certificate. The secrets
    are used once and are not kept by the appliance.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    administrator: SeedAdministrator | None = None
    setup_secret: Secret | None = None
    join_token: Secret | None = None
    names: tuple[str, ...] = ()
    time_servers: tuple[str, ...] = ()
    timezone: str = "UTC"
    ssh_keys: tuple[str, ...] = ()


class ApplianceProgress(BaseModel):
    """One line of progress: the ``step`` by a short name, in ``words`` for people.

    ``ready`` is said once the API answers; only then ``fingerprint`` is set: the SHA-256 of the
    certificate of the Manager's authority (DER), in lower-case hexadecimal digits.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    step: str
    state: ProgressState
    words: str = ""
    remedy: str = ""
    fingerprint: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")


def progress_line(progress: ApplianceProgress) -> str:
    """The line that the appliance writes to its serial console, without its end."""
    return PROGRESS_PREFIX + json.dumps(progress.model_dump(exclude_defaults=True))


def read_progress(line: str) -> ApplianceProgress | None:
    """What a line of the console says; None when it is another kind of line, or torn."""
    _before, prefix, text = line.partition(PROGRESS_PREFIX)
    if not prefix or not text.startswith("{"):
        return None
    try:
        return ApplianceProgress.model_validate_json(text.strip())
    except ValidationError:
        return None


def user_data_text(seed: ApplianceSeed) -> str:
    """The file ``user-data``; it holds the secrets in clear."""
    import yaml

    values = json.loads(seed.model_dump_json(exclude_defaults=True, exclude_none=True))
    return f"{USER_DATA_HEADER}\n{yaml.safe_dump({'format': 1, **values}, sort_keys=False)}"


def read_user_data(text: str) -> ApplianceSeed:
    """The seed in ``user-data``; raises Failure, naming the fields that are wrong or not known."""
    import yaml

    if text.partition("\n")[0].strip() != USER_DATA_HEADER:
        raise Failure(
            f"user-data does not begin with {USER_DATA_HEADER}.",
            "This appliance is not set up by cloud-init's files; see the manual of the Manager.",
        )
    try:
        return ApplianceSeed.model_validate(yaml.safe_load(text) or {})
    except yaml.YAMLError as error:
        raise Failure("user-data is not YAML.", "Write it anew.") from error
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'user-data'}: {each['msg']}"
            for each in error.errors(include_input=False, include_url=False)
        )
        raise Failure(f"user-data cannot be used: {wrong}.", "Correct these and try again.") from (
            None
        )
