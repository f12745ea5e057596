from __future__ import annotations

import json
from pathlib import Path
from threading import Event

import pytest

from foundation.failure import Cancelled, Failure
from host.apply import steps_of
from host.audit import Actor
from host.backends.simulated.backend import SimulatedHost
from host.backends.simulated.files import SimulatedFiles
from host.backends.simulated.machine import simulated_machine
from host.backends.simulated.simulation import Fault, Simulation
from host.document.model import HostDocument, Identity, Time
from host.document.network import Bridge, Ethernet, IPv4Settings, Network
from host.document.network_profiles import network_profiles
from host.document.system_files import FileContent
from host.job_journal import Journal
from host.jobs import Jobs
from host.parts import find_parts
from host.plan import make_plan

NODE = Path(__file__).parents[3] / "host/backends/simulated/examples/node.json"
WHO = Actor("root", "test")


@pytest.fixture
def host() -> SimulatedHost:
    return SimulatedHost(NODE)


def everything_new(document: HostDocument) -> HostDocument:
    return document.replacing(
        identity=Identity(hostname="other.lab", keyboard="us"),
        time=Time(timezone="UTC", utc=False, ntp_pools=("pool.example",)),
        network=Network(interfaces=(Ethernet(name="eno1"),)),
        access=document.access.model_copy(update={"ssh": False, "ssh_passwords": True}),
    )


def test_a_host_as_its_document_says_has_nothing_to_do(host: SimulatedHost) -> None:
    assert host.plan(host.document()).is_empty
    assert host.apply(host.document(), WHO) is None
    assert host.apply_at_boot() is None
    assert host.jobs() == ()


def test_a_plan_names_changes_and_risks(host: SimulatedHost) -> None:
    plan = host.plan(everything_new(host.document()))
    summaries = [change.summary for change in plan.changes]
    assert "Host name: node3.lab -> other.lab" in summaries
    assert "Time zone: Europe/Madrid -> UTC" in summaries
    assert "Interface br-mgmt: remove" in summaries
    assert [change.part for change in plan.changes][-1] == "network"
    assert any("connections" in risk for risk in plan.risks)


def test_applying_ends_in_the_document_and_a_job(host: SimulatedHost) -> None:
    wanted = everything_new(host.document())
    events: list[str] = []
    job = host.apply(wanted, WHO, lambda event: events.append(event.title))
    assert job is not None and job.state == "done"
    assert host.document() == wanted and host.plan(wanted).is_empty
    assert host.identity().hostname == "other.lab"
    assert events[0] == "Name and language" and events[-2] == "Keep the host document"


# For each part, a call that it makes.
_CALLS = {
    "identity": "hostname.set_name",
    "keyboard": "services.restart_first",
    "time": "clock.set_timezone",
    "ssh": "services.disable",
    "network": "network.load_and_activate",
}


def files_of(host: SimulatedHost) -> dict[str, FileContent]:
    files = host.machine.files
    assert isinstance(files, SimulatedFiles)
    return files.content


@pytest.mark.parametrize("part", _CALLS)
def test_a_part_that_fails_puts_everything_back(host: SimulatedHost, part: str) -> None:
    before = host.document()
    files = dict(files_of(host))
    host.faults[_CALLS[part]] = Fault("The service hangs.", times=1)
    with pytest.raises(Failure, match="The service hangs"):
        host.apply(everything_new(before), WHO)
    assert files_of(host) == files
    assert host.plan(before).is_empty
    assert host.jobs()[0].state == "failed"


def test_parts_are_in_the_order_in_which_they_may_be_applied() -> None:
    parts = find_parts()
    assert [part.rank for part in parts] == sorted({part.rank for part in parts})
    assert parts[-1].name == "network"


def test_what_cannot_be_put_back_is_told(host: SimulatedHost) -> None:
    host.faults["network"] = "NetworkManager is not running."
    with pytest.raises(Failure, match="Not everything could be put back"):
        host.apply(everything_new(host.document()), WHO)
    host.faults.clear()
    assert host.rollback("1", WHO).state == "rolled back"
    assert host.plan(host.document()).is_empty


def test_cancelling_puts_everything_back(host: SimulatedHost) -> None:
    before, cancel = host.document(), Event()
    with pytest.raises(Cancelled):
        host.apply(
            everything_new(before),
            WHO,
            lambda event: cancel.set() if event.number == 3 else None,
            cancel,
        )
    assert host.plan(before).is_empty and host.jobs()[0].state == "cancelled"


class Killed(BaseException):
    """Stands for the process being killed: nothing of ours runs after it."""


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_job_killed_at_any_step_rolls_back_at_the_next_boot(
    host: SimulatedHost, place: int, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = host.document()
    machine, jobs = host.machine, host._jobs
    files = dict(files_of(host))
    plan = make_plan(everything_new(before), machine, before)
    steps = list(steps_of(plan, machine))
    do = steps[place].do

    def killed() -> None:
        if moment == "after":
            do()
        raise Killed

    object.__setattr__(steps[place], "do", killed)
    job = jobs.create("test", "me", steps, document="")
    with pytest.raises(Killed):
        jobs.run(job, steps)
    monkeypatch.setattr("host.jobs._is_alive", lambda process: False)
    assert jobs.record(job).state == "interrupted"
    host.apply_at_boot()
    assert files_of(host) == files
    assert jobs.record(job).state == "rolled back"
    assert host.plan(before).is_empty


def test_a_resumed_job_reaches_its_document(
    host: SimulatedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    from host.document.writing import document_text

    wanted = everything_new(host.document())
    jobs = host._jobs
    job = jobs.create("test", "me", [], document=document_text(wanted))
    monkeypatch.setattr("host.jobs._is_alive", lambda process: False)
    assert host.resume(job, WHO) is not None
    assert host.document() == wanted


def test_an_invalid_document_at_boot_changes_nothing(host: SimulatedHost) -> None:
    files_of(host)["etc/flexvdi/host.yaml"] = FileContent("identity: {hostname: -}\n", 0o600)
    files = dict(files_of(host))
    with pytest.raises(Failure, match="not a host name"):
        host.apply_at_boot()
    assert files_of(host) == files and host.simulation.changes_made == []


def test_a_torn_journal_line_is_passed_over(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path)
    job = jobs.create("test", "me", [])
    with (tmp_path / f"{job}.jsonl").open("a") as journal:
        journal.write('{"at": 1, "kind": "be')
    assert jobs.record(job).title == "test"


def test_files_changed_by_hand_are_part_of_the_plan(host: SimulatedHost) -> None:
    files_of(host)["etc/hostname"] = FileContent("byhand\n")
    plan = host.plan(host.document())
    assert [change.summary for change in plan.changes] == ["Host name: byhand -> node3.lab"]


def test_a_bridge_keeps_the_address_of_its_first_port() -> None:
    network = Network(interfaces=(Bridge(name="br0", ports=("eno1",)),))
    assert "cloned-mac" not in network_profiles(network)["flexvdi-br0.nmconnection"]
    known = network_profiles(network, {"eno1": "52:54:00:00:00:01"})
    assert "cloned-mac-address=52:54:00:00:00:01" in known["flexvdi-br0.nmconnection"]


def test_a_port_of_a_bridge_has_no_addresses_of_its_own() -> None:
    network = Network(
        interfaces=(
            Ethernet(name="eno1", mac="52:54:00:00:00:01", ipv4=IPv4Settings(method="disabled")),
            Bridge(name="br0", ports=("eno1",)),
        )
    )
    port = network_profiles(network)["flexvdi-eno1.nmconnection"]
    assert "slave-type=bridge" in port and "[ipv4]" not in port and "interface-name" not in port


def test_the_example_machine_is_consistent() -> None:
    facts = json.loads(NODE.read_text())
    assert simulated_machine(Simulation(facts)).hostname.names() == {facts["hostname"]}


def test_a_journal_goes_on_after_an_entry_that_a_power_cut_left_torn(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "1.jsonl")
    journal.write(kind="begin", step="one")
    with journal.path.open("a") as stream:
        stream.write('{"at": 1.0, "kind": "do')
    journal.write(kind="end", state="rolled back")
    assert [entry["kind"] for entry in journal.entries()] == ["begin", "end"]
