"""The network's door and its verbs on a simulated host."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from config_tui.command_line import make_parser
from foundation.failure import Failure
from host.audit import Actor
from host.backends.simulated.backend import SimulatedHost
from host.document.model import HostDocument
from host.document.network import Ethernet, Network
from host.document.system_files import PROFILE_DIRECTORY, FileContent

NODE = Path(__file__).parents[3] / "host/backends/simulated/examples/node.json"
WHO = Actor("root", "192.0.2.7")
FOREIGN = """[connection]
id=Backup network
uuid=8d4d7a1c-0000-4000-8000-000000000001
type=ethernet
interface-name=eno3

[ipv4]
method=manual
address1=10.0.6.13/24
"""
OF_A_PHONE = FOREIGN.replace("type=ethernet", "type=gsm").replace("0001\n", "0002\n")


ADOPT = ("network", "adopt", "Backup network", "--yes", "--confirm-timeout", "60")


@pytest.fixture
def host() -> SimulatedHost:
    host = SimulatedHost(NODE)
    host.simulation.facts["name_servers"] = ["10.0.4.1"]
    return host


def put(host: SimulatedHost, name: str, text: str) -> None:
    path = f"{PROFILE_DIRECTORY}/{name}.nmconnection"
    host.machine.files.put(path, FileContent(text, 0o600))


def states(host: SimulatedHost, actor: Actor = WHO) -> dict[tuple[str, str], str]:
    return {(one.kind, one.target): one.state for one in host.network.test(actor)}


def call(host: SimulatedHost, *words: str) -> int:
    options = make_parser().parse_args(words)
    return int(options.run(host, options))


def answer(host: SimulatedHost, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert call(host, *words, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_interfaces_are_told_in_the_documents_words(host: SimulatedHost) -> None:
    host.simulation.facts["guest_ports"] = {"br-mgmt": ["vnet0"]}
    port = host.simulation.facts["interfaces"][0]
    port["neighbours"] = [{"system": "core-1", "port": "Gi1/0/7"}]
    found = {one.name: one for one in host.network.interfaces()}
    assert list(found) == ["eno1", "eno2", "eno3", "bond0", "br-mgmt"]
    bridge = found["br-mgmt"]
    assert bridge.described_as == "br-mgmt" and bridge.gateway == "10.0.4.1"
    assert bridge.ports == ("bond0",) and bridge.guests == ("vnet0",)
    assert found["eno3"].described_as is None and found["eno3"].carrier is False
    assert found["eno1"].neighbours[0].system == "core-1" and found["eno1"].controller == "bond0"


def test_a_network_that_works(host: SimulatedHost) -> None:
    found = states(host)
    assert set(found.values()) == {"ok"}
    assert {kind for kind, _target in found} == {
        *("link", "address", "duplicate", "gateway", "dns", "peer")
    }


def test_somebody_at_the_console_has_no_way_back_to_try(host: SimulatedHost) -> None:
    assert "peer" not in {kind for kind, _target in states(host, Actor("root", "/dev/tty1"))}


def test_what_does_not_answer_is_found(host: SimulatedHost) -> None:
    host.simulation.facts["claimed"] = {"10.0.4.13": "52:54:00:99:99:99"}
    host.simulation.facts["answering"] = []
    found = states(host)
    assert found["duplicate", "10.0.4.13"] == "failed"
    assert found["gateway", "10.0.4.1"] == "failed"
    assert found["dns", "10.0.4.1"] == "failed"
    assert found["peer", "192.0.2.7"] == "failed"
    assert found["address", "10.0.4.13/24"] == "ok"


def test_a_trial_that_could_not_be_made_is_no_failure(host: SimulatedHost) -> None:
    host.faults["links.answers_dns"] = "There is no socket left."
    probes = host.network.test(WHO)
    unknown = [one for one in probes if one.state == "unknown"]
    assert [(one.kind, one.reason) for one in unknown] == [("dns", "There is no socket left.")]


def test_a_pending_network_is_tried_not_the_old_one(host: SimulatedHost) -> None:
    wanted = host.document().replacing(network=Network(interfaces=(Ethernet(name="eno3"),)))
    host.apply(wanted, WHO, confirm_timeout=60)
    links = [one for one in host.network.test(WHO) if one.kind == "link"]
    assert [(one.interface, one.state) for one in links] == [("eno3", "failed")]
    host.revert(WHO)
    assert {one.interface for one in host.network.test(WHO) if one.kind == "link"} == {"br-mgmt"}


def test_lamps_are_those_of_wired_ports(host: SimulatedHost) -> None:
    host.network.identify("eno1", 5, WHO)
    assert host.simulation.changes_made[-1] == "links.blink"
    with pytest.raises(Failure, match="lamp of bond0"):
        host.network.identify("bond0", 5, WHO)
    with pytest.raises(Failure, match="cannot blink for 0 s"):
        host.network.identify("eno1", 0, WHO)


def test_renewing_needs_a_device(host: SimulatedHost) -> None:
    host.network.renew("br-mgmt", WHO)
    with pytest.raises(Failure, match="eno9"):
        host.network.renew("eno9", WHO)


def test_profiles_of_others_are_told_from_ours_and_adopted(host: SimulatedHost) -> None:
    assert host.network.foreign_profiles() == ()
    put(host, "backup", FOREIGN)
    (found,) = host.network.foreign_profiles()
    assert (found.name, found.interface, found.device) == ("Backup network", "eno3", None)
    before = dict(host.machine.files.content)  # type: ignore[attr-defined]
    interface = host.network.adopt("Backup network")
    assert interface == host.network.adopt(found.uuid)
    assert interface.name == "eno3" and str(interface.ipv4.addresses[0]) == "10.0.6.13/24"
    assert host.machine.files.content == before  # type: ignore[attr-defined]


def test_adopting_says_why_not(host: SimulatedHost) -> None:
    with pytest.raises(Failure, match="is called nothing"):
        host.network.adopt("nothing")
    put(host, "backup", FOREIGN)
    put(host, "phone", OF_A_PHONE)
    with pytest.raises(Failure, match="2 profiles are called") as caught:
        host.network.adopt("Backup network")
    assert "0001" in caught.value.remedy and "0002" in caught.value.remedy
    with pytest.raises(Failure, match="kind gsm"):
        host.network.adopt("8d4d7a1c-0000-4000-8000-000000000002")


def test_a_reset_is_a_job_that_can_go_back(host: SimulatedHost) -> None:
    before = host.document()
    network = host.network.reset_network()
    assert network == Network()
    job = host.network.reset(network, WHO, confirm_timeout=60)
    assert job is not None and job.state == "unconfirmed"
    assert job.title == "Reset the network"
    host.revert(WHO)
    assert host.document() == before
    job = host.network.reset(network, WHO)
    assert job is not None and job.state == "done"
    assert host.document() == before.replacing(network=network)
    assert host.network.reset(network, WHO) is None


def test_a_reset_works_without_a_document(host: SimulatedHost) -> None:
    del host.simulation.facts["document"]
    network = host.network.reset_network("eno1", "10.0.9.2/24", "10.0.9.1")
    host.network.reset(network, WHO)
    assert host.document() == HostDocument(network=network)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("network show", "gateway 10.0.4.1"),
        ("network test", "gateway br-mgmt 10.0.4.1: The gateway answers."),
        ("network identify eno1", "The lamp of eno1 has blinked"),
        ("network renew br-mgmt", "asked for its addresses anew"),
        ("network profiles", "Backup network  ethernet  eno3  not active"),
        ("network adopt --yes backup", "is done"),
        ("network reset --yes", "is unconfirmed"),
        ("network reset --yes --confirm-timeout 0", "is done"),
    ],
)
def test_verbs_in_words_and_in_json(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str], words: str, said: str
) -> None:
    put(host, "backup", FOREIGN)
    arguments = [word.replace("backup", "Backup network") for word in words.split()]
    assert call(host, *arguments) == 0
    assert said in capsys.readouterr().out
    other = SimulatedHost(NODE)
    put(other, "backup", FOREIGN)
    answer(other, capsys, *arguments)


def test_what_fails_shows_in_the_exit_code(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str]
) -> None:
    host.simulation.facts["answering"] = []
    assert call(host, "network", "test") == 1
    said = capsys.readouterr().out
    assert "!! gateway br-mgmt 10.0.4.1: The gateway does not answer." in said


def test_adopting_applies_and_waits_to_be_confirmed(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str]
) -> None:
    put(host, "backup", FOREIGN)
    assert call(host, *ADOPT) == 0
    assert "goes back by itself in 60 s" in capsys.readouterr().out
    host.confirm(WHO)
    assert host.document().network.interface("eno3") is not None
    assert [one.name for one in host.network.foreign_profiles()] == ["Backup network"]


def test_a_reset_by_command_needs_a_yes_and_no_document(
    host: SimulatedHost, capsys: pytest.CaptureFixture[str]
) -> None:
    del host.simulation.facts["document"]
    with pytest.raises(Failure, match="needs a yes"):
        call(host, "network", "reset")
    words = ("--port", "eno2", "--address", "10.0.9.2/24", "--confirm-timeout", "0")
    assert call(host, "network", "reset", *words, "--yes") == 0
    assert "is done" in capsys.readouterr().out
    assert host.document().network.management == "eno2"


def test_a_profile_that_was_adopted_is_switched_off(host: SimulatedHost) -> None:
    put(host, "backup", FOREIGN)
    (found,) = host.network.foreign_profiles()
    assert found.autoconnect
    host.network.switch_off(found.uuid, WHO)
    (switched,) = host.network.foreign_profiles()
    assert not switched.autoconnect and switched.uuid == found.uuid
    # Nothing else of it has changed, so it can still be adopted.
    assert host.network.adopt(found.uuid).name == "eno3"
    with pytest.raises(Failure, match="is called nothing"):
        host.network.switch_off("nothing", WHO)
