"""Deploying the Manager: preflight, plan, deploy, retry."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from config_tui.following import follow
from config_tui.manager_words import plan_lines, result_lines
from config_tui.verb import Verbs, answer_job, ask, print_json, until_interrupted, yes_option
from foundation.command_line import EXIT_FAILED, EXIT_OK
from foundation.failure import Failure
from host.api import HostApi
from host.audit import this_actor

if TYPE_CHECKING:
    from host.api.manager import DeploymentResult, Suggestions
    from host.deployment.preflight_check import Preflight
    from host.document.deployment import DeploymentRequest

_MARKS = {"ok": " ", "warning": "!", "unknown": "?", "failed": "X"}


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    manager = verbs.group("manager", "deploy, run, move and keep the Manager")
    _request_options(
        manager.add(
            "preflight",
            _preflight,
            "look whether a Manager can be deployed here; changes nothing; 1 if not",
        )
    )
    _request_options(manager.add("plan", _plan, "what deploying would do: steps, guest, seed"))
    deploy = manager.add(
        "deploy",
        _deploy,
        "deploy a Manager on this host",
        description="Deploy a Manager on this host: copy its image, define its guest, start it, "
        "wait until it answers, and let this host join it. What fails can go on with `manager "
        "retry` once its cause is gone, or be taken back with `job rollback`.",
    )
    _request_options(deploy)
    yes_option(deploy)
    deploy.add_argument("--plan", action="store_true", help="only show what would be done")
    deploy.add_argument(
        "--acknowledge",
        action="append",
        default=[],
        metavar="CHECK",
        help="a warning of preflight that is accepted, by its name; for each one",
    )
    manager.add("retry", _retry, "go on with work on the Manager that failed or was interrupted")
    manager.add(
        "deploy-unattended", _unattended, "deploy what a kickstart has asked for (for its unit)"
    )

    hashing = manager.add(
        "hash-password",
        _hash_password,
        "the hash of a password, as a kickstart's Manager section takes it",
    )
    hashing.add_argument(
        "--password-file", metavar="FILE", help="its first line; - is standard input"
    )


def _request_options(verb: argparse.ArgumentParser) -> None:
    """What a Manager is asked for by; what is left out is as `manager plan` shows it."""
    verb.add_argument(
        "--address", required=True, metavar="ADDRESS/PREFIX", help="as in 192.0.2.10/24"
    )
    verb.add_argument("--gateway", metavar="ADDRESS", help="that of this host if not given")
    verb.add_argument(
        "--dns", action="append", metavar="ADDRESS", help="those of this host if not given"
    )
    verb.add_argument("--hostname", default="manager", help="its name (%(default)s)")
    verb.add_argument("--bridge", help="the management bridge if not given")
    verb.add_argument("--folder", help="where images belong on this host if not given")
    verb.add_argument("--name", default="flexvdi-manager", help="of the guest (%(default)s)")
    verb.add_argument("--vcpus", type=int, metavar="N", help="as the image asks if not given")
    verb.add_argument("--memory", type=int, metavar="MIB", help="as the image asks if not given")
    verb.add_argument("--data-disk", type=int, metavar="GIB", help="as the image asks if not given")
    verb.add_argument("--administrator", default="admin", metavar="NAME", help="(%(default)s)")
    verb.add_argument(
        "--password-file",
        metavar="FILE",
        help="the administrator's password in its first line, - is standard input; without one "
        "the set-up is finished in the browser",
    )
    verb.add_argument(
        "--ssh-key", action="append", default=[], metavar="FILE", help="with a public key"
    )
    verb.add_argument(
        "--time-server", action="append", default=[], metavar="NAME", help="for its clock"
    )
    verb.add_argument("--image", default="", metavar="FILE", help="a manifest or its folder")
    verb.add_argument("--no-autostart", action="store_true", help="do not start it with the host")
    verb.add_argument("--no-enrol", action="store_true", help="do not let this host join it")


def _request(host: HostApi, options: argparse.Namespace) -> DeploymentRequest:
    from config_tui.given_texts import key_line_in
    from config_tui.storage_words import secret_in
    from host.document.deployment import hash_password, make_request

    found = host.manager.suggestions()
    if options.bridge is None and not found.bridges:
        raise Failure("This host has no bridge.", "Make one first: `flexvdi-config network`.")
    password_hash = None
    if options.password_file is not None:
        password_hash = hash_password(secret_in(options.password_file))
    return make_request(
        name=options.name,
        hostname=options.hostname,
        address=options.address,
        gateway=options.gateway or _fitting_gateway(found, options.address),
        dns=tuple(options.dns if options.dns is not None else found.dns),
        bridge=options.bridge or found.bridges[0],
        folder=options.folder or found.folders[0][0],
        vcpus=options.vcpus,
        memory=options.memory,
        data_disk=options.data_disk,
        administrator=options.administrator,
        password_hash=password_hash,
        time_servers=tuple(options.time_server),
        ssh_keys=tuple(key_line_in(name) for name in options.ssh_key),
        image=options.image,
        autostart=not options.no_autostart,
        enrol=not options.no_enrol,
    )


def _fitting_gateway(found: Suggestions, address: str) -> str | None:
    try:
        return found.gateway_for(address)
    except ValueError:
        return None  # what is wrong with the address is said where the request is made


def _preflight(host: HostApi, options: argparse.Namespace) -> int:
    request = _request(host, options)
    shown = (lambda check: None) if options.json else _print_check
    checks = host.manager.preflight(request, shown)
    if options.json:
        print_json([check.as_dict() for check in checks])
    return EXIT_FAILED if any(check.state == "failed" for check in checks) else EXIT_OK


def _print_check(check: Preflight) -> None:
    print(f"{_MARKS[check.state]} {check.name:14} {check.measured}", flush=True)
    if check.remedy:
        print(f"  {'':14} {check.remedy}", flush=True)


def _plan(host: HostApi, options: argparse.Namespace) -> int:
    plan = host.manager.plan(_request(host, options))
    if options.json:
        print_json(plan.as_dict())
    else:
        print("\n".join(plan_lines(plan)))
    return EXIT_OK


def _deploy(host: HostApi, options: argparse.Namespace) -> int:
    if options.plan:
        return _plan(host, options)
    plan = host.manager.plan(_request(host, options))
    if not options.json:
        for number, (_name, title) in enumerate(plan.steps(), 1):
            print(f"{number:2}. {title}")
    if not options.yes:
        ask("Deploy the Manager?", typed_input=options.password_file != "-")
    result = until_interrupted(
        lambda cancel: host.manager.deploy(
            plan,
            this_actor(),
            follow(options),
            cancel,
            acknowledge=tuple(options.acknowledge),
        )
    )
    return _answer(options, result)


def _retry(host: HostApi, options: argparse.Namespace) -> int:
    status = host.manager.status()
    if status.job is not None and not status.deploying:
        job = status.job.id
        record = until_interrupted(
            lambda cancel: host.manager.resume(job, this_actor(), follow(options), cancel)
        )
        return answer_job(options, record, "")
    result = until_interrupted(
        lambda cancel: host.manager.retry(this_actor(), follow(options), cancel)
    )
    return _answer(options, result)


def _hash_password(host: HostApi, options: argparse.Namespace) -> int:
    from config_tui.given_texts import new_password
    from host.document.deployment import hash_password

    hashed = hash_password(new_password(options.password_file, "the Manager's administrator"))
    if options.json:
        print_json(hashed.reveal())
    else:
        print(hashed.reveal())
    return EXIT_OK


def _unattended(host: HostApi, options: argparse.Namespace) -> int:
    result = host.manager.deploy_unattended(this_actor("boot"), follow(options))
    if result is not None:
        return _answer(options, result)
    if options.json:
        print_json(None)
    else:
        print("Nothing is left to be deployed.")
    return EXIT_OK


def _answer(options: argparse.Namespace, result: DeploymentResult) -> int:
    if options.json:
        print_json(
            {
                "job": result.job.as_dict(),
                "address": result.address,
                "fingerprint": result.fingerprint,
                "setup_secret": result.setup_secret.reveal(),
            }
        )
    else:
        print("\n".join(result_lines(result)))
    return EXIT_OK
