"""Finding and fetching a kickstart, over a real web server and from volumes that are folders."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

import pytest
from machines import machine_with_two_disks

from foundation.failure import Cancelled, Failure
from foundation.kernel_command_line import KernelCommandLine
from installer.answers.fetch import Fetcher
from installer.answers.find import find_answers, headers_asked_for, locations_asked_for
from installer.answers.locations import (
    DiskLocation,
    FileLocation,
    HttpLocation,
    MediumLocation,
    NfsLocation,
    parse_location,
)
from installer.answers.volumes import find_device

KICKSTART = b"autopart\n"


@dataclass
class WebServer:
    """A real server; ``answers`` are status codes for each request in turn, then 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    on_request: Callable[[], None] = lambda: None


@pytest.fixture
def web() -> Iterator[WebServer]:
    served = WebServer()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.requests.append(dict(self.headers))
            served.on_request()
            status = served.answers.pop(0) if served.answers else 200
            self.send_response(status)
            body = KICKSTART if status == 200 else b"no"
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        served.url = f"http://127.0.0.1:{server.server_port}/ks.cfg"
        yield served
        server.shutdown()


@dataclass
class Volumes:
    """Devices under a folder, and what is on them: folders that a "mount" yields."""

    devices: Path
    content: Path
    mounted: list[str] = field(default_factory=list)

    def add(self, name: str, label: str = "") -> Path:
        (self.devices / name).touch()
        if label:
            folder = self.devices / "disk/by-label"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / label).symlink_to(self.devices / name)
        root = self.content / name
        root.mkdir(parents=True)
        return root

    @contextmanager
    def mount(self, source: str, options: str) -> Iterator[Path]:
        self.mounted.append(source)
        if ":/" in source:
            yield self.content / "export"
        else:
            yield self.content / Path(source).resolve().name


@pytest.fixture
def volumes(tmp_path: Path) -> Volumes:
    devices = tmp_path / "dev"
    devices.mkdir()
    return Volumes(devices, tmp_path / "content")


def fetcher_for(volumes: Volumes, lines: list[str] | None = None) -> Fetcher:
    said = lines if lines is not None else []
    return Fetcher(
        say=said.append, mount=volumes.mount, devices=volumes.devices, pauses=(0.01, 0.01)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://server/ks.cfg", HttpLocation("http://server/ks.cfg")),
        ("nfs:server:/export/ks.cfg", NfsLocation("server", "/export/ks.cfg")),
        ("nfs:vers=4:server:/a/ks.cfg", NfsLocation("server", "/a/ks.cfg", "vers=4")),
        ("nfs://server/a/ks.cfg", NfsLocation("server", "/a/ks.cfg")),
        ("nfs:[fd00::5]:/a/ks.cfg", NfsLocation("[fd00::5]", "/a/ks.cfg")),
        ("nfs:vers=4,hard:[fd00::5]:/ks.cfg", NfsLocation("[fd00::5]", "/ks.cfg", "vers=4,hard")),
        ("nfs://[fd00::5]/a/ks.cfg", NfsLocation("[fd00::5]", "/a/ks.cfg")),
        ("http://[fd00::5]:8080/ks.cfg", HttpLocation("http://[fd00::5]:8080/ks.cfg")),
        ("hd:sdb1:/my.cfg", DiskLocation("sdb1", "/my.cfg")),
        ("hd:LABEL=ANSWERS:/ks/a.cfg", DiskLocation("LABEL=ANSWERS", "/ks/a.cfg")),
        ("hd:UUID=1234-ABCD", DiskLocation("UUID=1234-ABCD", "/ks.cfg")),
        ("cdrom", MediumLocation()),
        ("cdrom:/flexvdi/ks.cfg", MediumLocation("/flexvdi/ks.cfg")),
        ("cdrom:/dev/sr1:/ks.cfg", MediumLocation("/ks.cfg", "/dev/sr1")),
        ("file:/root/ks.cfg", FileLocation("/root/ks.cfg")),
        ("file:///root/ks.cfg", FileLocation("/root/ks.cfg")),
    ],
)
def test_the_forms_of_a_place(text: str, expected: object) -> None:
    assert parse_location(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://server/ks.cfg",
        "http:/server",
        "nfs:server",
        "nfs:fd00::5:/ks",
        "hd:",
        "http://[::1/ks",
        "x",
    ],
)
def test_what_is_no_place_is_refused_with_the_forms_there_are(text: str) -> None:
    with pytest.raises(Failure) as refused:
        parse_location(text)
    assert "cdrom:/PATH" in refused.value.remedy


def test_a_password_in_a_url_is_never_shown() -> None:
    location = HttpLocation("https://admin:hunter2@server/ks.cfg")
    assert "hunter2" not in f"{location} {location!r} {location.without_user}"
    assert location.without_user == "https://server/ks.cfg"


def test_fetching_sends_the_headers_that_were_asked_for(web: WebServer, volumes: Volumes) -> None:
    line = KernelCommandLine.parse(f"inst.ks={web.url} inst.ks.sendmac inst.ks.sendsn")
    headers = headers_asked_for(line, machine_with_two_disks())
    fetcher = replace(fetcher_for(volumes), headers=headers)
    answers = find_answers(locations_asked_for(line), fetcher)
    assert answers is not None
    assert (answers.content, answers.origin) == (KICKSTART, web.url)
    assert web.requests[0]["X-RHN-Provisioning-MAC-1"] == "ens4 52:54:00:00:00:02"
    assert web.requests[0]["X-System-Serial-Number"] == "SN-1"


def test_a_server_in_trouble_is_asked_again_and_that_is_told(
    web: WebServer, volumes: Volumes
) -> None:
    web.answers = [503, 500]
    said: list[str] = []
    assert fetcher_for(volumes, said).fetch(HttpLocation(web.url)) == KICKSTART
    assert any("503" in line and "again" in line for line in said)
    assert len(web.requests) == 3


def test_a_missing_file_fails_at_once(web: WebServer, volumes: Volumes) -> None:
    web.answers = [404]
    with pytest.raises(Failure, match="no such file"):
        fetcher_for(volumes).fetch(HttpLocation(web.url))
    assert len(web.requests) == 1


def test_a_server_that_refuses_connections_is_named_in_the_end(volumes: Volumes) -> None:
    said: list[str] = []
    with pytest.raises(Failure, match=r"127\.0\.0\.1:9 refused"):
        fetcher_for(volumes, said).fetch(HttpLocation("http://127.0.0.1:9/ks.cfg"))
    assert sum("attempt" in line for line in said) == 2


def test_waiting_for_a_server_can_be_cancelled(web: WebServer, volumes: Volumes) -> None:
    cancel = Event()
    web.answers = [503] * 9
    web.on_request = cancel.set
    fetcher = replace(fetcher_for(volumes), cancel=cancel, pauses=(60.0,))
    with pytest.raises(Cancelled):
        fetcher.fetch(HttpLocation(web.url))


def test_several_places_are_tried_in_order(web: WebServer, volumes: Volumes) -> None:
    web.answers = [404]
    answers = find_answers(
        (HttpLocation(web.url), HttpLocation(f"{web.url}?second")), fetcher_for(volumes)
    )
    assert answers is not None and answers.location.endswith("?second")


def test_when_no_place_works_all_causes_are_told(web: WebServer, volumes: Volumes) -> None:
    web.answers = [404]
    with pytest.raises(Failure) as failed:
        find_answers((HttpLocation(web.url), DiskLocation("LABEL=X")), fetcher_for(volumes))
    assert "no device LABEL=X" in failed.value.cause
    assert "404" in failed.value.details


def test_a_volume_labelled_oemdrv_answers_by_itself(volumes: Volumes) -> None:
    root = volumes.add("sdb1", "OEMDRV")
    (root / "ks.cfg").write_bytes(KICKSTART)
    answers = find_answers((), fetcher_for(volumes))
    assert answers is not None and answers.content == KICKSTART
    assert "OEMDRV" in answers.location


def test_nothing_asked_for_and_nothing_offered(volumes: Volumes) -> None:
    assert find_answers((), fetcher_for(volumes)) is None
    volumes.add("sdb1", "OEMDRV")
    assert find_answers((), fetcher_for(volumes)) is None


def test_a_label_with_odd_characters_is_found(volumes: Volumes) -> None:
    volumes.add("sdb1", "MY\\x20ANSWERS")
    assert find_device("LABEL=MY ANSWERS", volumes.devices) is not None


def test_the_boot_medium_comes_before_other_drives(volumes: Volumes, tmp_path: Path) -> None:
    medium = tmp_path / "medium"
    (medium / "flexvdi").mkdir(parents=True)
    (medium / "flexvdi/ks.cfg").write_bytes(KICKSTART + b"\0" * 512 + b"\n" * 512)
    fetcher = replace(fetcher_for(volumes), medium=medium)
    assert fetcher.fetch(parse_location("cdrom:/flexvdi/ks.cfg")) == KICKSTART
    assert volumes.mounted == []
    drive = volumes.add("sr0")
    (drive / "other.cfg").write_bytes(KICKSTART)
    assert fetcher.fetch(parse_location("cdrom:/other.cfg")) == KICKSTART


def test_an_empty_embedded_kickstart_says_how_to_put_one_in(
    volumes: Volumes, tmp_path: Path
) -> None:
    (tmp_path / "ks.cfg").write_bytes(b"\n" * 4096)
    fetcher = replace(fetcher_for(volumes), medium=tmp_path)
    with pytest.raises(Failure) as empty:
        fetcher.fetch(MediumLocation())
    assert "flexvdi-iso embed" in empty.value.remedy


def test_nfs_mounts_the_folder_of_the_file(volumes: Volumes) -> None:
    export = volumes.content / "export"
    export.mkdir(parents=True)
    (export / "ks.cfg").write_bytes(KICKSTART)
    assert fetcher_for(volumes).fetch(parse_location("nfs:server:/a/b/ks.cfg")) == KICKSTART
    assert volumes.mounted == ["server:/a/b"]


def test_inst_ks_without_a_value_is_refused() -> None:
    with pytest.raises(Failure, match="DHCP"):
        locations_asked_for(KernelCommandLine.parse("quiet inst.ks"))
