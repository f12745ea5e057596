"""Data of another version: taken over when older, refused when newer."""

from __future__ import annotations

from pathlib import Path

import pytest

from foundation.failure import Failure
from manager.appliance.data_record import DataRecord, check_record, read_record, write_record


@pytest.mark.parametrize(
    ("wrote", "this", "relation"),
    [
        ("1.9.0", "1.9.0", "same"),
        ("1.9.0", "1.10.0", "upgrade"),
        ("0.1.0", "1.0", "upgrade"),
    ],
)
def test_data_of_this_version_or_an_older_one_are_taken(
    wrote: str, this: str, relation: str
) -> None:
    assert check_record(DataRecord(version=wrote, build_id="x"), this) == relation


def test_a_disk_without_a_record_is_new(tmp_path: Path) -> None:
    assert check_record(read_record(tmp_path / "record.json"), "1.0") == "new"


@pytest.mark.parametrize(
    "record",
    [
        DataRecord(version="1.10.0", build_id="x"),
        DataRecord(version="1.0.0", build_id="x", layout=2),
    ],
)
def test_newer_data_are_refused_and_the_way_out_is_named(record: DataRecord) -> None:
    with pytest.raises(Failure) as failure:
        check_record(record, "1.9.0")
    assert record.version in failure.value.cause and "1.9.0" in failure.value.cause
    assert "Nothing was changed" in failure.value.remedy


def test_a_record_is_read_back_also_when_a_newer_one_says_more(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    write_record(path, DataRecord(version="2.0", build_id="b"))
    assert read_record(path) == DataRecord(version="2.0", build_id="b")
    path.write_text('{"layout": 3, "version": "3.0", "build_id": "c", "more": 1}')
    found = read_record(path)
    assert found is not None and found.layout == 3
    path.write_text("{")
    with pytest.raises(Failure, match="cannot be read"):
        read_record(path)
