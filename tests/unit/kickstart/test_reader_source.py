"""Includes and appended files: whose lines they are, and what goes wrong with them."""

import contextlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kickstart.install_plan import InstallPlan
from kickstart.reader.complaints import Complaints, Unreadable
from kickstart.reader.plan import read_plan, read_pre_scripts
from kickstart.reader.source import MAXIMUM_SIZE, Location


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    folder = tmp_path / "served"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}", folder
        http.shutdown()
        thread.join()


def read(path: Path | str, origin: str = "") -> tuple[InstallPlan | None, list[str]]:
    complaints = Complaints()
    plan = None
    with contextlib.suppress(Unreadable):
        plan = read_plan(Location.of(str(path), origin), None, complaints)
    return plan, [f"{failure.where}: {failure.cause}" for failure in complaints.failures]


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.ks").write_text(text)
    return folder / "main.ks"


def test_places_survive_includes(tmp_path: Path) -> None:
    main = write(
        tmp_path,
        main="%include disks.ks\n\nnonsense1\n%ksappend more.ks\nnonsense2\n",
        disks="# disks\nautopart\nnonsense3\n",
        more="\nnonsense4\n",
    )
    _, faults = read(main)
    assert faults == [
        f"{tmp_path}/disks.ks:3: The command nonsense3 is not supported.",
        f"{main}:3: The command nonsense1 is not supported.",
        f"{tmp_path}/more.ks:2: The command nonsense4 is not supported.",
        f"{main}:5: The command nonsense2 is not supported.",
    ]


def test_items_name_the_included_file(tmp_path: Path) -> None:
    main = write(
        tmp_path, main="%include a.ks\n", a="\nautopart\n%post\n%include b.ks\n%end\n", b="echo b\n"
    )
    plan, faults = read(main)
    assert faults == [] and plan is not None
    assert plan.storage.automatic is not None
    assert plan.storage.automatic.where == f"{tmp_path}/a.ks:2"
    assert plan.scripts[0].where == f"{tmp_path}/a.ks:3"
    assert plan.scripts[0].text == "echo b\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("autopart\n%include main.ks\n", "2: %include goes in a circle"),
        ("autopart\n%include absent.ks\n", "2: The file {folder}/absent.ks does not exist."),
        ("autopart\n%include\n", "2: %include takes one file name or URL."),
        ("autopart\n%include ftp://a/b\n", "2: ftp://a/b is of a kind that cannot be fetched."),
        ("autopart\n%ksappend 'x\n", "2: A quotation is not closed."),
        ("", "1: The kickstart is empty."),
        ("\n \n", "1: The kickstart is empty."),
        ("auto\0part\n", " {main} is a binary file, not a kickstart."),
        ("autopart\nlang \u2028x\n", "2: The line holds an invisible control character (U+2028)."),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, text: str, fault: str) -> None:
    main = write(tmp_path, main=text)
    _, faults = read(main)
    expected = fault.format(folder=tmp_path, main=main)
    assert len(faults) == 1
    assert faults[0].startswith(f"{main}:{expected}")


def test_not_utf8_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "ks").write_bytes(b"autopart\nlang \xff\n")
    assert read(tmp_path / "ks")[1] == [f"{tmp_path}/ks:2: The text is not UTF-8."]


def test_folder_and_large_file(tmp_path: Path) -> None:
    assert "could not be read" in read(tmp_path)[1][0]
    (tmp_path / "big").write_bytes(b"#\n" * MAXIMUM_SIZE)
    assert "is larger than" in read(tmp_path / "big")[1][0]


def test_windows_line_ends_and_padding(tmp_path: Path) -> None:
    (tmp_path / "ks").write_bytes(
        b"autopart\r\n%post\r\necho\r\n%end\r\n" + b"\n" * 50 + b"\0" * 50
    )
    plan, faults = read(tmp_path / "ks")
    assert faults == [] and plan is not None
    assert plan.scripts[0].text == "echo\n"


def test_http(server: tuple[str, Path], tmp_path: Path) -> None:
    url, folder = server
    write(folder, parts="%include deep.ks\n", deep="autopart\nnonsense\n")
    main = write(tmp_path, main=f"%include {url}/parts.ks\n")
    assert read(main)[1] == [f"{url}/deep.ks:2: The command nonsense is not supported."]


def test_http_origin_names_its_neighbours(server: tuple[str, Path], tmp_path: Path) -> None:
    url, folder = server
    write(folder, parts="autopart\n")
    main = write(tmp_path, main="%include parts.ks\nnonsense\n")
    assert read(main, f"{url}/ks.cfg")[1] == [
        f"{url}/ks.cfg:2: The command nonsense is not supported."
    ]


def test_http_that_fails(server: tuple[str, Path], tmp_path: Path) -> None:
    url, _ = server
    main = write(tmp_path, main=f"autopart\n%include {url}/absent.ks\n")
    assert read(main)[1] == [
        f"{main}:2: The server answered 404 File not found for {url}/absent.ks."
    ]
    main = write(tmp_path, main="%include http://127.0.0.1:1/ks\n")
    assert read(main)[1] == [
        f"{main}:1: http://127.0.0.1:1/ks could not be fetched: the server could not be reached."
    ]


def test_pre_scripts_come_before_what_they_write(tmp_path: Path) -> None:
    text = "%include /nowhere/made-by-pre\n%pre --erroronfail\necho a\n%end\n%post\necho b\n%end\n"
    main = write(tmp_path, main=text)
    complaints = Complaints()
    scripts = read_pre_scripts(Location.of(str(main)), complaints)
    assert complaints.failures == []
    assert [(one.text, one.stop_on_error) for one in scripts] == [("echo a\n", True)]
    assert read(main)[1] == [f"{main}:1: The file /nowhere/made-by-pre does not exist."]
