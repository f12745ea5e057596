"""Good kickstarts give exactly the plan beside them; bad ones exactly the faults they announce."""

import json
import re
from pathlib import Path

import pytest

from kickstart.reader.complaints import Complaints, Unreadable
from kickstart.reader.plan import read_plan
from kickstart.reader.source import Location

HERE = Path(__file__).parent
GOOD = sorted((HERE / "good").glob("*.ks"))
BAD = sorted((HERE / "bad").glob("*.ks"))


def faults_of(path: Path) -> list[str]:
    complaints = Complaints()
    try:
        read_plan(Location.of(str(path), path.name), None, complaints)
    except Unreadable:
        assert complaints.failures
    return [f"{failure.where}: {failure.cause}" for failure in complaints.failures]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good(path: Path) -> None:
    complaints = Complaints()
    plan = read_plan(Location.of(str(path), path.name), None, complaints)
    assert complaints.failures == []
    expected = json.loads(path.with_suffix(".json").read_text())
    assert json.loads(plan.model_dump_json(exclude_defaults=True)) == expected


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad(path: Path) -> None:
    announced = re.findall(r"^#! (\d+): (.*)$", path.read_text(), re.MULTILINE)
    assert announced
    assert sorted(faults_of(path)) == sorted(
        f"{path.name}:{line}: {cause}" for line, cause in announced
    )


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_every_fault_has_a_place(path: Path) -> None:
    assert all(re.match(rf"{path.name}:\d+: ", fault) for fault in faults_of(path))


def test_a_password_is_not_repeated(tmp_path: Path) -> None:
    kickstart = tmp_path / "ks.cfg"
    kickstart.write_text(
        "autopart\nrootpw --iscryptd hunter2 hunter3\nuser --name=a --pasword=hunter4\n"
    )
    assert faults_of(kickstart)
    assert "hunter" not in "".join(faults_of(kickstart))
