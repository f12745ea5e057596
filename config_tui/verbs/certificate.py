"""The host's TLS certificate: show, check another one, install it, make a new one."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from config_tui.given_texts import text_in
from config_tui.verb import Verbs, answer_job, ask, print_json, yes_option
from foundation.command_line import EXIT_FAILED, EXIT_OK
from foundation.failure import WrongArgument
from foundation.secret import Secret
from host.api import HostApi
from host.audit import this_actor

if TYPE_CHECKING:
    from host.document.certificates import CertificateFacts

_CHAIN = "the certificate in PEM form, followed by those between it and its root"
_STDIN = "- reads standard input"
_KEY = "its private key in PEM form, without a password; that of the last request if not given"


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    certificate = verbs.group("certificate", "show, install or renew the host's TLS certificate")
    certificate.add("show", _show, "the certificate in use, and what is wrong with it")
    check = certificate.add(
        "check", _check, "say what speaks against installing a certificate; 1 if anything does"
    )
    install = certificate.add("install", _install, "use a certificate that somebody else issued")
    for verb in (check, install):
        verb.add_argument("--chain-file", required=True, metavar="FILE", help=f"{_CHAIN}; {_STDIN}")
        verb.add_argument("--key-file", metavar="FILE", help=f"{_KEY}; {_STDIN}")
    certificate.add(
        "request",
        _request,
        "print a request to have a certificate signed (CSR)",
        description="Print a request (CSR, PKCS #10) that a certification authority can sign, for "
        "the names and addresses of this host. Its key is made here and stays here.",
    )
    yes_option(install)
    renew = certificate.add(
        "renew",
        _renew,
        "make a new certificate that the host signs itself",
        description="Make a new certificate that the host signs itself, also in place of one "
        "that was installed. Clients that know the old one must be told the new fingerprint.",
    )
    yes_option(renew)


def _show(host: HostApi, options: argparse.Namespace) -> int:
    status = host.security.certificate()
    if options.json:
        facts = _as_json(status.facts) if status.facts is not None else None
        print_json(
            {"facts": facts, "installed": status.installed, "problems": list(status.problems)}
        )
        return EXIT_OK
    if status.facts is not None:
        print("\n".join(_in_words(status.facts)))
        print("Origin: installed" if status.installed else "Origin: made by this host")
    for problem in status.problems:
        print(f"! {problem}")
    return EXIT_OK


def _in_words(facts: CertificateFacts) -> list[str]:
    return [
        f"For: {', '.join(facts.names) or facts.subject}",
        f"Issued by: {'itself' if facts.self_signed else facts.issuer}",
        f"Valid: {facts.not_before:%Y-%m-%d} to {facts.not_after:%Y-%m-%d}",
        f"SHA-256: {facts.fingerprint}",
    ]


def _as_json(facts: CertificateFacts) -> dict[str, Any]:
    times = {name: getattr(facts, name).isoformat() for name in ("not_before", "not_after")}
    return {**asdict(facts), **times}


def _check(host: HostApi, options: argparse.Namespace) -> int:
    problems = host.security.certificate_problems(*_pair(host, options))
    if options.json:
        print_json(list(problems))
    else:
        print("\n".join(problems) or "Nothing speaks against it.")
    return EXIT_FAILED if problems else EXIT_OK


def _install(host: HostApi, options: argparse.Namespace) -> int:
    chain, key = _pair(host, options)
    problems = host.security.certificate_problems(chain, key)
    if not options.json:
        for problem in problems:
            print(f"! {problem}")
    if not options.yes:
        ask("Use this certificate from now on?")
    record = host.security.install_certificate(chain, key, this_actor())
    return answer_job(options, record, "This certificate is in use already.")


def _renew(host: HostApi, options: argparse.Namespace) -> int:
    if not options.yes:
        ask("Make a new certificate, whose fingerprint clients must learn?")
    record = host.security.renew_certificate(this_actor())
    return answer_job(options, record, "The host is already as the document says.")


def _request(host: HostApi, options: argparse.Namespace) -> int:
    request = host.security.certificate_request(this_actor())
    if options.json:
        print_json(request)
    else:
        print(request, end="")
    return EXIT_OK


def _pair(host: HostApi, options: argparse.Namespace) -> tuple[str, Secret]:
    if options.chain_file == options.key_file == "-":
        raise WrongArgument("Only one of the two files can be standard input.")
    chain = text_in(options.chain_file)
    if options.key_file is None:
        return chain, host.security.requested_key()
    return chain, Secret(text_in(options.key_file))
