"""What clients may ask of the engine: JSON objects, one a line: ``{"command": NAME, "id": N, …}``.

Each command is answered by a ``reply`` event with the same ``id``.

============  =====================================================================================
``machine``   ``{"machine": …, "unpacked_size": bytes}``: the machine as probed, as JSON of
              :class:`installer.machine.model.Machine`, and what the image needs on a disk
``check``     a plan against this machine: ``{"failures": […], "preview": "…"}``; writes nothing
``start``     install by this plan, as answered by a person; valid while ``answering``
``choose``    take one of the choices that the status offers; ``argument`` is the URL or the
              place that *Use another kickstart* and *Save logs* need
``cancel``    stop what is running as soon as it can be stopped
============  =====================================================================================
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from installer.engine.events import Choice
from kickstart.install_plan import InstallPlan


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int = 0


class MachineCommand(_Command):
    """Ask for the machine."""

    command: Literal["machine"] = "machine"


class CheckCommand(_Command):
    """Ask whether ``plan`` can be carried out here, and what it would do."""

    command: Literal["check"] = "check"
    plan: InstallPlan


class StartCommand(_Command):
    """Install by ``plan``; the person has confirmed what will be erased."""

    command: Literal["start"] = "start"
    plan: InstallPlan


class ChooseCommand(_Command):
    """Take a choice that is on offer."""

    command: Literal["choose"] = "choose"
    choice: Choice
    argument: str = ""


class CancelCommand(_Command):
    """Stop."""

    command: Literal["cancel"] = "cancel"


Command = MachineCommand | CheckCommand | StartCommand | ChooseCommand | CancelCommand

_COMMANDS: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="command")])


def read_command(line: str | bytes) -> Command:
    """The command in one line; raises pydantic.ValidationError for what is none."""
    return _COMMANDS.validate_json(line)
