"""What leaves the host holds no secret: known ones, and what looks like one."""

from __future__ import annotations

import pytest

from foundation.secret import MASK, Secret
from host.document.model import HostDocument, Identity
from host.document.storage import ISCSI, Chap, ISCSITarget, Storage
from host.redaction import secrets_of, without_login, without_secrets

SECRET = "tulips-in-march"
HASH = "$y$j9T$abcdefghijklmnopqrstu1$ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn0."


@pytest.mark.parametrize(
    "text",
    [
        f"password={SECRET}",
        f"password = {SECRET}",
        f'"password": "{SECRET}"',
        f"Password: {SECRET}",
        f"node.session.auth.password_in = x\nnode.session.auth.password = {SECRET}",
        f"node.session.auth.password_in = {SECRET}",
        f"psk={SECRET}",
        f"wifi-sec.psk={SECRET}",
        f"api_token: {SECRET}",
        f"client-secret={SECRET}",
        f"private_key: {SECRET}",
        f"https://ana:{SECRET}@server/path",
        f"proxy=http://ana:{SECRET}@proxy:3128/",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n",
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{SECRET}",
        f"-----BEGIN RSA PRIVATE KEY-----\nx\n{SECRET}\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_what_is_named_like_a_secret_is_masked(text: str) -> None:
    cleaned = without_secrets(text, ())
    assert SECRET not in cleaned and MASK in cleaned


@pytest.mark.parametrize(
    "line", [f"root:{HASH}:19000:0:99999:7:::", f"chpasswd -e <<< ana:{HASH}", f"hash {HASH} here"]
)
def test_password_hashes_are_masked_wherever_they_are(line: str) -> None:
    assert HASH not in without_secrets(line, ())
    assert "$ABCDEF" not in without_secrets(line, ())


def test_known_secrets_are_masked_where_nothing_names_them() -> None:
    assert without_secrets(f"started with {SECRET}.", (Secret(SECRET),)) == f"started with {MASK}."


@pytest.mark.parametrize(
    "text",
    [
        "password authentication is off",
        "PasswordAuthentication no",
        "the key of eno1: 52:54:00:00:00:01",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "https://server:8443/path",
        "sent to mailto:ana@example.org",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert without_secrets(text, ()) == text


def test_a_very_short_secret_does_not_blot_out_the_text() -> None:
    assert without_secrets("a cat", (Secret("a"), Secret(""))) == "a cat"


def test_every_secret_of_a_document_is_found() -> None:
    chap = Chap(username="host3", password=Secret("a-long-secret"))
    target = ISCSITarget(name="iqn.2026-01.a:b", portals=("10.0.5.1",), chap=chap)
    document = HostDocument(
        identity=Identity(hostname="node3.lab"), storage=Storage(iscsi=ISCSI(targets=(target,)))
    )
    access = document.access.model_copy(update={"root_password_hash": Secret(HASH)})
    found = secrets_of(document.replacing(access=access))
    assert set(found) == {Secret("a-long-secret"), Secret(HASH)}


def test_a_url_is_shown_without_the_login() -> None:
    assert without_login(f"post+https://ana:{SECRET}@server/a@b") == "post+https://server/a@b"
    assert without_login("https://server/path") == "https://server/path"
