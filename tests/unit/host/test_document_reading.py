from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.failure import Failure
from foundation.secret import MASK
from host.document.model import HostDocument, Identity
from host.document.reading import DocumentInvalid, document_schema, parse_document, read_document
from host.document.writing import document_text, plain_document, write_document

FULL = """\
version: 1
identity: {hostname: node1.lab, keyboard: no}
time: {timezone: Europe/Madrid, ntp_servers: [10.0.0.1]}
network:
  management: br0
  interfaces:
  - {kind: ethernet, name: eno1, mac: 52:54:00:12:34:56}
  - {kind: bond, name: bond0, ports: [eno1, eno2], mode: 802.3ad, options: {miimon: 50}}
  - {kind: bridge, name: br0, ports: [bond0], dns_servers: [10.0.4.1]}
access: {root_password_hash: $6$abc$def}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(DocumentInvalid) as caught:
        parse_document(text, "host.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_what_is_written_reads_back_the_same() -> None:
    document = parse_document(FULL, "x")
    assert parse_document(document_text(document), "x") == document


def test_yaml_1_1_surprises_stay_texts() -> None:
    document = parse_document(FULL, "x")
    assert document.identity.keyboard == "no"
    assert document.network.interfaces[0].mac == "52:54:00:12:34:56"  # type: ignore[union-attr]


def test_all_problems_come_at_once_with_their_lines() -> None:
    found = problems(
        "identity:\n  hostnam: x\n  hostname: y\n  hostname: z\n"
        "time: {timezone: Mars}\n"
        "network:\n  interfaces:\n  - {kind: vlan, name: v, parent: e, id: 4095}\n  - {name: e}\n"
    )
    assert found == [
        "host.yaml:2: identity.hostnam: unknown key; did you mean `hostname`",
        "host.yaml:4: identity.hostname: this key is already given in line 3",
        "host.yaml:5: time.timezone: “Mars” is not a time zone: use a name as in Europe/Madrid"
        " or UTC",
        "host.yaml:8: network.interfaces[0]: VLAN id 4095 of v is outside 1 to 4094",
        "host.yaml:9: network.interfaces[1]: `kind` must be one of ethernet, bond, vlan, bridge",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version: 2", "host.yaml:1: version: it is of version 2"),
        ("x: [", "host.yaml:1: this is not valid YAML"),
        ("- a", "made of sections"),
        ("\x00", "this is not text"),
        ("&a [*a]", "nested too deeply"),
        ("access: {root_password_hash: 5}", "access.root_password_hash: input should be a valid"),
        (
            "network: {interfaces: [{kind: bond, name: b, ports: [e], options: {mimon: 1}}]}",
            "unknown option mimon; did you mean miimon",
        ),
        (
            "network: {interfaces: [{kind: ethernet, name: e, ipv6: {method: disabled},"
            " dns_servers: ['fd00::1']}]}",
            "needs IPv6, which is disabled",
        ),
    ],
)
def test_wrong_documents_say_what_is_wrong(text: str, expected: str) -> None:
    assert any(expected in problem for problem in problems(text))


def test_a_document_inside_a_kickstart_points_into_the_kickstart() -> None:
    with pytest.raises(Failure) as caught:
        parse_document("time: {timezone: Mars}", "ks.cfg", first_line=41)
    assert caught.value.where == "ks.cfg:41"


def test_many_anchors_do_not_explode() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "too many values" in problems("\n".join(lines))[0]


@given(st.text(max_size=200))
def test_any_text_is_a_document_or_a_failure(text: str) -> None:
    try:
        assert isinstance(parse_document(text, "x"), HostDocument)
    except Failure as failure:
        assert str(failure)


def test_the_file_is_for_root_only_and_its_secrets_can_be_masked(tmp_path: Path) -> None:
    path = tmp_path / "flexvdi/host.yaml"
    document = parse_document(FULL, "x")
    write_document(document, path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_document(path) == document
    assert "$6$" in path.read_text()
    assert "$6$" not in document_text(document, show_secrets=False)
    assert plain_document(document)["access"]["root_password_hash"] == MASK


def test_an_unreadable_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="is missing"):
        read_document(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"identity:\n  hostname: \xf1\n")
    with pytest.raises(Failure) as caught:
        read_document(tmp_path / "latin.yaml")
    assert caught.value.where.endswith("latin.yaml:2")


def test_the_host_name_is_always_written() -> None:
    assert "hostname: flexvdi-host" in document_text(HostDocument())
    text = document_text(HostDocument(identity=Identity(hostname="a")))
    assert "keyboard" not in text


def test_the_schema_names_every_section() -> None:
    assert set(document_schema()["properties"]) == set(HostDocument.model_fields)
