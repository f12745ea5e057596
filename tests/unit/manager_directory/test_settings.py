from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from manager.directory.settings import DirectorySettings, RoleMapping, read_server
from tests.lab.certificate_authority import CertificateAuthority

GOOD: dict[str, Any] = {
    "name": "example.org",
    "kind": "openldap",
    "servers": ("ldap1.example.org", "ldap2.example.org:1636"),
    "bind_user": "cn=manager,dc=example,dc=org",
    "base": "dc=example,dc=org",
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("dc1.example.org", "dc1.example.org:636"),
        ("dc1.example.org:1636", "dc1.example.org:1636"),
        ("192.0.2.7", "192.0.2.7:636"),
        ("2001:db8::7", "[2001:db8::7]:636"),
        ("[2001:db8::7]", "[2001:db8::7]:636"),
        ("[2001:db8::7]:1636", "[2001:db8::7]:1636"),
    ],
)
def test_servers_as_people_write_them(text: str, shown: str) -> None:
    assert str(read_server(text, "ldaps")) == shown


def test_the_port_follows_from_the_security() -> None:
    assert read_server("dc1", "starttls").port == 389


@pytest.mark.parametrize(
    "text", ["ldaps://dc1.example.org", "dc1:0", "dc1:65536", "dc1:x", "", "a b", "2001:zz::", "-"]
)
def test_wrong_servers_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_server(text, "ldaps")


def test_good_settings_are_taken() -> None:
    settings = DirectorySettings(**GOOD, ca=CertificateAuthority("Root").pem)
    assert [str(address) for address in settings.addresses()] == [
        "ldap1.example.org:636",
        "ldap2.example.org:1636",
    ]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "Example", "small letters"),
        ("name", "a@b", "small letters"),
        ("servers", (), "at least 1"),
        ("servers", ("a", "a:636"), "named twice"),
        ("servers", ("ldap://a",), "as a URL"),
        ("security", "none", "ldaps"),
        ("ca", "not a certificate", "PEM"),
        ("base", "", "missing"),
        ("base", "example.org", "distinguished name"),
        ("user_attribute", "uid)(x=*", "attribute"),
        ("user_filter", "(objectClass=person", "form of a filter"),
        ("user_filter", "person", "form of a filter"),
        ("user_filter", "(&(a=1)(b=2)", "form of a filter"),
        ("bind_user", "", "at least 1"),
        ("password", "x", "not permitted"),
    ],
)
def test_wrong_settings_are_refused(field: str, value: object, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        DirectorySettings(**{**GOOD, field: value})


def test_a_filter_gets_its_parentheses() -> None:
    for written in ("objectClass=person", " (objectClass=person) "):
        assert DirectorySettings(**GOOD, user_filter=written).user_filter == "(objectClass=person)"


def test_a_mapping_needs_a_group_and_a_role() -> None:
    with pytest.raises(ValidationError):
        RoleMapping.model_validate({"group": "staff", "role": "admin"})
    with pytest.raises(ValidationError):
        RoleMapping.model_validate({"group": "cn=staff,dc=x", "role": "root"})
