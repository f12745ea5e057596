"""Changes that go back by themselves unless somebody confirms them, on a simulated machine."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

import host.confirming as confirming
from foundation.failure import Failure
from host.audit import Actor
from host.backends.simulated.backend import SimulatedHost
from host.backends.simulated.network import SimulatedNetwork
from host.backends.simulated.simulation import Fault, Killed
from host.document.model import HostDocument, Identity
from host.document.network import Ethernet, Network
from host.staged_network import STAGING_DIRECTORY

NODE = Path(__file__).parents[3] / "host/backends/simulated/examples/node.json"
WHO = Actor("root", "test")


@pytest.fixture
def host() -> SimulatedHost:
    return SimulatedHost(NODE)


def wanted(host: SimulatedHost) -> HostDocument:
    return host.document().replacing(
        identity=Identity(hostname="other.lab", keyboard="us"),
        network=Network(interfaces=(Ethernet(name="eno1"),)),
    )


def network_of(host: SimulatedHost) -> SimulatedNetwork:
    network = host.machine.network
    assert isinstance(network, SimulatedNetwork)
    return network


def files_of(host: SimulatedHost) -> dict[str, object]:
    return dict(host.machine.files.content)  # type: ignore[attr-defined]


def staged(host: SimulatedHost) -> tuple[str, ...]:
    return host.machine.files.folder(STAGING_DIRECTORY)


def the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = confirming._uptime()
    monkeypatch.setattr(confirming, "_uptime", lambda: now + 10_000)


def test_an_unconfirmed_change_is_up_but_not_on_disk(host: SimulatedHost) -> None:
    before, document = host.document(), wanted(host)
    profiles = host.machine.files.folder("etc/NetworkManager/system-connections")
    job = host.apply(document, WHO, confirm_timeout=60)
    assert job is not None and job.state == "unconfirmed"
    assert network_of(host).active == document.network
    assert host.machine.files.folder("etc/NetworkManager/system-connections") == profiles
    assert "flexvdi-eno1.nmconnection" in staged(host)
    assert host.document() == before
    pending = host.pending()
    assert pending is not None
    assert pending.job == job.id and 0 < pending.seconds_left <= 60 and pending.guarded
    assert network_of(host).guard == 63


def test_confirming_keeps_it(host: SimulatedHost) -> None:
    document = wanted(host)
    host.apply(document, WHO, confirm_timeout=60)
    assert host.confirm(WHO).state == "done"
    assert host.document() == document and host.plan(document).is_empty
    assert staged(host) == () and host.pending() is None
    assert network_of(host).guard is None
    network_of(host).let_time_run_out()
    assert network_of(host).active == document.network


def test_reverting_puts_everything_back(host: SimulatedHost) -> None:
    before, files = host.document(), files_of(host)
    host.apply(wanted(host), WHO, confirm_timeout=60)
    assert host.revert(WHO).state == "rolled back"
    assert files_of(host) == files
    assert network_of(host).active == before.network
    assert host.plan(before).is_empty and host.pending() is None


@pytest.mark.parametrize("restarted", [False, True], ids=["timer", "NetworkManager restarted"])
def test_the_guard_puts_everything_back_when_the_time_is_over(
    host: SimulatedHost, restarted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, files = host.document(), files_of(host)
    host.apply(wanted(host), WHO, confirm_timeout=60)
    assert host.revert_expired() is None  # too early
    if restarted:
        network_of(host).restart()
        pending = host.pending()
        assert pending is not None and not pending.guarded
    else:
        network_of(host).let_time_run_out()
    the_time_is_over(monkeypatch)
    done = host.revert_expired()
    assert done is not None and done.state == "rolled back"
    assert files_of(host) == files and network_of(host).active == before.network
    assert host.plan(before).is_empty
    assert host.revert_expired() is None


def test_it_can_be_confirmed_after_network_manager_was_restarted(host: SimulatedHost) -> None:
    document = wanted(host)
    host.apply(document, WHO, confirm_timeout=60)
    network_of(host).restart()
    assert host.confirm(WHO).state == "done"
    assert host.document() == document and host.plan(document).is_empty


def test_too_late_is_too_late(host: SimulatedHost, monkeypatch: pytest.MonkeyPatch) -> None:
    host.apply(wanted(host), WHO, confirm_timeout=60)
    the_time_is_over(monkeypatch)
    with pytest.raises(Failure, match="ran out"):
        host.confirm(WHO)
    pending = host.pending()
    assert pending is not None and pending.seconds_left == 0


def test_the_checkpoint_decides_when_clocks_disagree(host: SimulatedHost) -> None:
    before = host.document()
    host.apply(wanted(host), WHO, confirm_timeout=60)
    network_of(host).let_time_run_out()
    with pytest.raises(Failure, match="ran out"):
        host.confirm(WHO)
    assert host.revert(WHO).state == "rolled back"
    assert host.plan(before).is_empty


def test_a_reboot_is_the_end_of_the_time(
    host: SimulatedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = host.document()
    host.apply(wanted(host), WHO, confirm_timeout=60)
    monkeypatch.setattr(confirming, "_boot_id", lambda: "another")
    for name in staged(host):  # what is below /run is gone
        host.machine.files.put(f"{STAGING_DIRECTORY}/{name}", None)
    network_of(host).restart()
    host.apply_at_boot()
    assert host.jobs()[-1].state == "rolled back"
    assert host.document() == before and host.plan(before).is_empty


def test_no_second_change_while_one_is_pending(host: SimulatedHost) -> None:
    document = wanted(host)
    host.apply(document, WHO, confirm_timeout=60)
    with pytest.raises(Failure, match="waits for its confirmation"):
        host.apply(document, WHO)


def test_what_cuts_no_connection_needs_no_confirmation(host: SimulatedHost) -> None:
    document = host.document().replacing(identity=Identity(hostname="other.lab", keyboard="es"))
    job = host.apply(document, WHO, confirm_timeout=60)
    assert job is not None and job.state == "done"
    assert host.pending() is None


def test_without_a_pending_change_there_is_nothing_to_decide(host: SimulatedHost) -> None:
    for decide in (host.confirm, host.revert):
        with pytest.raises(Failure, match="No change waits"):
            decide(WHO)


@pytest.mark.parametrize("seconds", [0, 4, 3601, -1])
def test_senseless_times_are_refused(host: SimulatedHost, seconds: int) -> None:
    with pytest.raises(Failure, match="no time to confirm in"):
        host.apply(wanted(host), WHO, confirm_timeout=seconds)
    assert host.jobs() == ()


CHANGES_WHILE_APPLYING = 24
CHANGES_WHILE_CONFIRMING = 12


@pytest.mark.parametrize("kind", ["fails", "killed"])
@pytest.mark.parametrize("at", range(1, CHANGES_WHILE_APPLYING))
def test_a_fault_anywhere_while_applying_leaves_the_old_state(
    host: SimulatedHost, at: int, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, files = host.document(), files_of(host)
    document = wanted(host)
    host.faults["*"] = Fault("It broke.", at, 1, kind)  # type: ignore[arg-type]
    try:
        host.apply(document, WHO, confirm_timeout=60)
    except (Failure, Killed):
        pass
    else:
        assert at > 10, "the fault was not met"
    host.faults.clear()
    monkeypatch.setattr("host.jobs._is_alive", lambda process: False)
    network_of(host).let_time_run_out()
    the_time_is_over(monkeypatch)
    host.revert_expired()
    assert files_of(host) == files
    assert network_of(host).active == before.network
    assert host.plan(before).is_empty


@pytest.mark.parametrize("kind", ["fails", "killed"])
@pytest.mark.parametrize("at", range(1, CHANGES_WHILE_CONFIRMING))
def test_a_fault_anywhere_while_confirming_leaves_one_state_or_the_other(
    host: SimulatedHost, at: int, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, files = host.document(), files_of(host)
    document = wanted(host)
    host.apply(document, WHO, confirm_timeout=60)
    host.simulation.restart_counting()
    host.faults["*"] = Fault("It broke.", at, 1, kind)  # type: ignore[arg-type]
    with suppress(Failure, Killed):
        host.confirm(WHO)
    host.faults.clear()
    monkeypatch.setattr("host.jobs._is_alive", lambda process: False)
    network_of(host).let_time_run_out()
    the_time_is_over(monkeypatch)
    host.revert_expired()
    now = host.document()
    assert now in (before, document)
    assert network_of(host).active == now.network
    assert host.plan(now).is_empty
    if now == before:
        assert files_of(host) == files


def test_leaving_no_way_in_must_be_acknowledged(host: SimulatedHost) -> None:
    off = Ethernet.model_validate(
        {"name": "eno1", "ipv4": {"method": "disabled"}, "ipv6": {"method": "disabled"}}
    )
    document = host.document().replacing(network=Network(interfaces=(off,)))
    plan = host.plan(document)
    assert plan.acknowledgements == ("no-management-path",)
    with pytest.raises(Failure, match="No interface is left") as caught:
        host.apply(document, WHO)
    assert "--acknowledge no-management-path" in caught.value.remedy
    assert host.apply(document, WHO, acknowledge=("no-management-path",)) is not None
    # What was acknowledged once is not asked for at each later change.
    assert host.plan(document.replacing(identity=Identity(hostname="x"))).acknowledgements == ()


def test_foreign_profiles_stay_unless_the_document_says_otherwise(host: SimulatedHost) -> None:
    from host.document.system_files import FileContent

    path = "etc/NetworkManager/system-connections/theirs.nmconnection"
    text = "[connection]\nid=theirs\nuuid=11111111-2222-3333-4444-555555555555\ntype=ethernet\n"
    host.machine.files.put(path, FileContent(text, 0o600))
    document = host.document()
    plan = host.plan(document)
    assert plan.is_empty and "theirs" in plan.notes[0]
    network = document.network.model_copy(update={"foreign_profiles": "remove"})
    document = document.replacing(network=network)
    plan = host.plan(document)
    assert plan.changes[0].summary == "Profile theirs of somebody else: remove"
    assert plan.changes[0].details == ""  # it may hold keys of theirs
    host.apply(document, WHO, confirm_timeout=60)
    assert host.machine.files.read(path) is not None
    assert "theirs.nmconnection" in staged(host)
    host.revert(WHO)
    assert host.machine.files.read(path) is not None and staged(host) == ()
    host.apply(document, WHO)
    assert host.machine.files.read(path) is None
