"""A plan written as a kickstart and read again is the same plan."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.failure import Failure
from foundation.secret import Secret
from host.document.model import HostDocument
from kickstart.install_plan import InstallPlan, RootPassword
from kickstart.reader.complaints import Complaints
from kickstart.reader.plan import read_plan
from kickstart.reader.source import Location
from kickstart.writing import write_kickstart

GOOD = sorted((Path(__file__).parent / "good").glob("*.ks"))


def without_places(value: Any) -> Any:
    if isinstance(value, dict):
        # A join token works once, so that a kickstart for the next time does not hold it.
        left_out = ("where", "source", "notes", "join_token", "join_replace")
        kept = {k: v for k, v in value.items() if k not in left_out}
        return {name: without_places(item) for name, item in kept.items()}
    return [without_places(item) for item in value] if isinstance(value, list) else value


def read_again(plan: InstallPlan, folder: Path) -> InstallPlan:
    file = folder / "written.ks"
    file.write_text(write_kickstart(plan))
    complaints = Complaints()
    again = read_plan(Location.of(str(file)), None, complaints)
    assert [str(failure) for failure in complaints.failures] == []
    return again


def assert_same(plan: InstallPlan, again: InstallPlan) -> None:
    one, other = (json.loads(each.model_dump_json()) for each in (plan, again))
    assert without_places(one) == without_places(other)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good_plans(path: Path, tmp_path: Path) -> None:
    plan = read_plan(Location.of(str(path)), None, Complaints())
    assert_same(plan, read_again(plan, tmp_path))


@pytest.mark.parametrize(
    ("line", "ipv4", "ipv6"),
    [
        ("--noipv4 --ipv6=auto --nodefroute", ("disabled", True), ("auto", False)),
        ("--bootproto=dhcp --noipv6 --nodefroute", ("auto", False), ("disabled", True)),
        ("--bootproto=dhcp --nodefroute", ("auto", False), ("auto", False)),
    ],
)
def test_no_default_route_is_said_of_the_families_there_are(
    line: str, ipv4: tuple[str, bool], ipv6: tuple[str, bool], tmp_path: Path
) -> None:
    path = tmp_path / "given.ks"
    path.write_text(f"autopart\nnetwork --device=eno1 {line}\n")
    plan = read_plan(Location.of(str(path)), None, Complaints())
    (own,) = plan.document.network.interfaces
    assert (own.ipv4.method, own.ipv4.default_route) == ipv4
    assert (own.ipv6.method, own.ipv6.default_route) == ipv6
    written = write_kickstart(plan)
    assert "--nodefroute" in written and "%addon" not in written
    assert_same(plan, read_again(plan, tmp_path))


def test_clear_passwords_are_not_written() -> None:
    plan = InstallPlan(root_password=RootPassword(password=Secret("clear")))
    with pytest.raises(Failure):
        write_kickstart(plan)


names = st.from_regex(r"[a-z][a-z0-9]{0,7}", fullmatch=True)
words = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x17F, exclude_categories=["Cc"]),
    min_size=1,
    max_size=12,
)
sizes = st.integers(1, 10**6)


@st.composite
def layouts(draw: st.DrawFn) -> dict[str, Any]:
    """A disk with a volume group of plain volumes, and whatever options they may have."""
    volumes = [
        {
            "name": f"v{number}",
            "group": "vg",
            "mount_point": f"/data{number}",
            "filesystem": draw(st.sampled_from(["ext4", "xfs"])),
            "label": draw(st.none() | names),
            "mount_options": draw(st.none() | names),
            "mkfs_options": draw(st.none() | words.filter(lambda text: not text.startswith("-"))),
            "size": draw(sizes),
            "grow": draw(st.booleans()),
        }
        for number in range(draw(st.integers(0, 3)))
    ]
    root = {"name": "root", "group": "vg", "mount_point": "/", "filesystem": "ext4", "size": 9000}
    return {
        "use": {"only": ["vda"]},
        "clearing": draw(
            st.none()
            | st.fixed_dictionaries(
                {
                    "scope": st.sampled_from(["none", "all", "linux"]),
                    "disks": st.sampled_from([[], ["vda"]]),
                    "zerombr": st.booleans(),
                }
            )
        ),
        "partitions": [
            {"name": "pv.01", "role": "physical-volume", "disk": "vda", "size": 1, "grow": True}
        ],
        "groups": [{"name": "vg", "members": ["pv.01"], "reserved": draw(st.integers(0, 9999))}],
        "volumes": [root, *volumes],
    }


@st.composite
def documents(draw: st.DrawFn) -> HostDocument:
    hostname = ".".join(draw(st.lists(names, min_size=1, max_size=3)))

    def addresses(number: int) -> dict[str, Any]:
        address = f"192.0.2.{number + 10}/24"
        return {"method": "manual", "addresses": [address], "gateway": "192.0.2.1"}

    interfaces = [
        {
            "kind": "ethernet",
            "name": f"eth{number}",
            "mtu": draw(st.none() | st.integers(1280, 9000)),
            "ipv4": draw(
                st.sampled_from([{"method": "auto"}, {"method": "disabled"}, addresses(number)])
            ),
            "ipv6": draw(st.sampled_from([{"method": m} for m in ("auto", "dhcp", "disabled")])),
            "activate": draw(st.booleans()),
            "dns_search": draw(st.lists(names, max_size=2, unique=True)),
            "alias": draw(st.sampled_from(["", "uplink to the core"])),
            "dns_options": draw(st.sampled_from([[], ["timeout:2", "rotate"]])),
        }
        for number in range(draw(st.integers(0, 3)))
    ]
    routed = {
        "kind": "bridge",
        "name": "br0",
        "ipv4": {
            **addresses(9),
            "route_metric": draw(st.none() | st.integers(1, 1000)),
            "routes": [{"destination": "198.51.100.0/24", "gateway": "192.0.2.2"}],
        },
    }
    return HostDocument.model_validate(
        {
            "identity": {"hostname": hostname},
            "time": {"utc": draw(st.booleans()), "ntp_servers": draw(st.lists(names, max_size=2))},
            "network": {"interfaces": [*interfaces, *draw(st.sampled_from([[], [routed]]))]},
            "firewall": {
                "enabled": draw(st.booleans()),
                "services": draw(st.sampled_from([["ssh"], [], ["ssh", "https"]])),
                "ports": draw(st.sampled_from([[], ["80/tcp", "5900-5910/udp"]])),
            },
        }
    )


@given(storage=layouts(), document=documents(), append=st.none() | words, script=words)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_round_trip(
    tmp_path: Path, storage: Any, document: HostDocument, append: str | None, script: str
) -> None:
    plan = InstallPlan.model_validate(
        {
            "document": document,
            "storage": storage,
            "bootloader": {"append": append or ""},
            "scripts": [
                {"stage": "post", "text": f"echo '{script}'\n", "in_target": True, "log": "/x"}
            ],
            "finish": "reboot",
        }
    )
    assert_same(plan, read_again(plan, tmp_path))
