"""What is done to hosts by tasks: all of it by commands to their Agents."""

from __future__ import annotations

from typing import Any

from manager.hosts.commands import have_host_do
from manager.tasks.run import TaskRun
from manager.tasks.task import TaskKind, Tier

_MINUTE = 60


def enter_maintenance(run: TaskRun) -> dict[str, Any]:
    """The host starts no guests by itself any more; those that run go on."""
    return _do(run, "maintenance.enter", {"reason": run.arguments["reason"]})


def leave_maintenance(run: TaskRun) -> dict[str, Any]:
    """The host is in service again."""
    return _do(run, "maintenance.leave", {})


def power(run: TaskRun) -> dict[str, Any]:
    """Reboot or power off."""
    arguments = {name: run.arguments[name] for name in ("reason", "with_guests")}
    return _do(run, f"power.{run.arguments['action']}", arguments)


def create_bridge(run: TaskRun) -> dict[str, Any]:
    """Make a bridge; it goes back by itself if the host cannot be reached with it."""
    return _do(run, "bridge.create", {name: run.arguments[name] for name in ("name", "port")})


def diagnose(run: TaskRun) -> dict[str, Any]:
    """What the host finds wrong with itself."""
    return _do(run, "diagnose", {})


def guest_action(run: TaskRun) -> dict[str, Any]:
    """Start a guest, shut it down, or force it off."""
    return _do(run, f"guest.{run.arguments['action']}", {"uuid": run.arguments["guest"]})


def _do(run: TaskRun, verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return have_host_do(run, run.arguments["host"], verb, arguments)


KINDS = (
    TaskKind("host.maintenance-enter", enter_maintenance, 10 * _MINUTE, Tier.INTERACTIVE),
    TaskKind("host.maintenance-leave", leave_maintenance, 10 * _MINUTE, Tier.INTERACTIVE),
    TaskKind("host.power", power, 10 * _MINUTE, Tier.INTERACTIVE),
    TaskKind("host.create-bridge", create_bridge, 15 * _MINUTE),
    TaskKind("host.diagnose", diagnose, 10 * _MINUTE),
    TaskKind("guest.action", guest_action, 10 * _MINUTE, Tier.INTERACTIVE),
)
