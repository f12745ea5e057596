"""The host's own TLS certificate: the one installed, or one it signs itself.

A certificate of one's own is made anew when the host's name or addresses are no longer in it, and
thirty days before it expires.
"""

from __future__ import annotations

from foundation.secret import Secret
from host.document.certificates import (
    describe,
    make_self_signed,
    problems_now,
    utc_now,
)
from host.document.model import HostDocument
from host.document.system_files import FileContent
from host.files_part import Contents, FilesPart
from host.machine import Machine

CERTIFICATE_FILE = "etc/flexvdi/tls/host.crt"
KEY_FILE = "etc/flexvdi/tls/host.key"
REQUEST_KEY_FILE = "etc/flexvdi/tls/request.key"
GENERATION_FILE = "etc/flexvdi/tls/generation"
KEY_MODE = 0o600


def certificate_names(document: HostDocument) -> tuple[str, ...]:
    """What clients call the host: its name, short too, its fixed addresses, and further names."""
    hostname = document.identity.hostname
    addresses: list[str] = []
    for interface in document.network.interfaces:
        addresses += [str(address.ip) for address in interface.ipv4.addresses]
        addresses += [str(address.ip) for address in interface.ipv6.addresses]
    short = hostname.partition(".")[0]
    return tuple(dict.fromkeys((hostname, short, *document.certificate.names, *addresses)))


def _files(document: HostDocument, machine: Machine) -> Contents:
    wanted = document.certificate
    if wanted.chain is not None and wanted.key is not None:
        return _pair(wanted.chain, wanted.key)
    generation = {GENERATION_FILE: FileContent(f"{wanted.generation}\n")}
    found = {path: machine.files.read(path) for path in (KEY_FILE, CERTIFICATE_FILE)}
    chain = found[CERTIFICATE_FILE]
    names = certificate_names(document)
    same = machine.files.read(GENERATION_FILE) in (None, generation[GENERATION_FILE])
    if same and chain is not None and found[KEY_FILE] and _still_serves(chain.text, names):
        return {**found, **generation}
    return {**_pair(*make_self_signed(names, wanted.days, utc_now())), **generation}


def _still_serves(chain: str, names: tuple[str, ...]) -> bool:
    try:
        facts = describe(chain)
    except ValueError:
        return False
    return facts.self_signed and not problems_now(facts, names, utc_now())


def _pair(chain: str, key: Secret) -> Contents:
    return {
        KEY_FILE: FileContent(key.reveal(), KEY_MODE),
        CERTIFICATE_FILE: FileContent(chain),
    }


def _subject(path: str) -> str:
    return {KEY_FILE: "Private key", GENERATION_FILE: "Generation of the certificate"}.get(
        path, "Certificate"
    )


PART = FilesPart(
    name="certificate",
    title="Certificate",
    rank=60,
    files=_files,
    subject=_subject,
    secret=lambda path: True,  # PEM tells a reader nothing, and one of the two is a key
)
