"""A simulated host with a Manager image, and what a Manager is asked for on it."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from foundation.secret import Secret
from host.audit import Actor
from host.backends.simulated.backend import SimulatedHost
from host.backends.simulated.manager.domains import SimulatedDomains
from host.backends.simulated.manager.images import SimulatedImages
from host.backends.simulated.manager.remote import SimulatedRemoteHost
from host.document.deployment import DeploymentRequest, make_request

WHO = Actor("root", "test")
HASH = Secret("$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$planted")
IMAGE = "/var/lib/flexvdi/manager-image"
FOLDER = "/srv/images"
PLACE = f"{FOLDER}/flexvdi-manager"
GIB = 1 << 30
NEWER = "/media/newer"
AGENT = {
    "guest-exec": {"pid": 1},
    "guest-exec-status": {"exited": True, "exitcode": 0},
    "guest-file-open": 7,
    "guest-file-read": {"count": 5, "buf-b64": base64.b64encode(b"state").decode(), "eof": True},
    "guest-file-write": {"count": 5},
    "guest-file-close": {},
}


def facts(**changes: Any) -> dict[str, Any]:
    """The machine's JSON."""
    image = {"size": GIB // 2, "virtual_size": 4 * GIB, "digest": "ab" * 32}
    return {
        "hostname": "node1",
        "version": "0.1.0",
        "management": "br-mgmt",
        "gateway": "10.0.4.1",
        "name_servers": ["10.0.4.2"],
        "interfaces": [
            {
                "name": "br-mgmt",
                "kind": "bridge",
                "mac": "52:54:00:12:34:56",
                "link": True,
                "addresses": ["10.0.4.13/24"],
            }
        ],
        "clock": {"synchronised": True, "offset": 0.001},
        "virtualization": {"accelerator": "kvm", "reason": "A guest starts."},
        "images": {f"{IMAGE}/manager.qcow2": image},
        "texts": {f"{IMAGE}/manager-image.json": manifest()},
        "document": {"version": 1, "identity": {"hostname": "node1"}},
        **changes,
    }


def manifest(**changes: Any) -> dict[str, Any]:
    """Of the image there is."""
    return {
        "format": 1,
        "product": "flexVDI Manager",
        "version": "0.1.0",
        "base": "debian-12",
        "base_release": "12",
        "kernel": "6.1.0",
        "build_id": "1",
        "source_date_epoch": 1,
        "file": "manager.qcow2",
        "size": GIB // 2,
        "sha256": "ab" * 32,
        "virtual_size": 4 * GIB,
        "least": {"vcpus": 2, "memory": 2048, "data_disk": 10 * GIB},
        "firmwares": ["bios"],
        "database": 15,
        "packages": {},
        **changes,
    }


def host_of(folder: Path, **changes: Any) -> SimulatedHost:
    """The host; ``folder`` is where its JSON is written."""
    folder.mkdir(exist_ok=True)
    path = folder / "machine.json"
    path.write_text(json.dumps(facts(**changes)))
    return SimulatedHost(path)


def with_newer_image(**changes: Any) -> dict[str, Any]:
    """A second image in NEWER, of version 0.2.0."""
    given = facts()
    newer = {**given["images"][f"{IMAGE}/manager.qcow2"], "digest": "cd" * 32}
    said = manifest(version="0.2.0", sha256="cd" * 32)
    return {
        "images": {**given["images"], f"{NEWER}/manager.qcow2": newer},
        "texts": {**given["texts"], f"{NEWER}/manager-image.json": said},
        **changes,
    }


def request(**changes: Any) -> DeploymentRequest:
    """What is asked for."""
    return make_request(
        **{
            "address": "10.0.4.50/24",
            "gateway": "10.0.4.1",
            "dns": ("10.0.4.2",),
            "bridge": "br-mgmt",
            "folder": FOLDER,
            "password_hash": HASH,
            **changes,
        }
    )


def images_of(host: SimulatedHost) -> SimulatedImages:
    images = host.machine.manager.images
    assert isinstance(images, SimulatedImages)
    return images


def domains_of(host: SimulatedHost) -> SimulatedDomains:
    domains = host.machine.manager.domains
    assert isinstance(domains, SimulatedDomains)
    return domains


def remote_of(host: SimulatedHost) -> SimulatedRemoteHost:
    remote = host.machine.manager.remote
    assert isinstance(remote, SimulatedRemoteHost)
    return remote


def state_of(host: SimulatedHost) -> dict[str, Any]:
    """All that work on a Manager can change, to compare."""
    return {
        "files": {
            path: content
            for path, content in images_of(host).content.items()
            if not path.startswith("/var/log")
        },
        "folders": set(images_of(host).folders),
        "domains": {
            name: (known.domain.state, known.domain.autostart, known.domain.xml)
            for name, known in domains_of(host).known.items()
        },
        "pointer": host.machine.files.read("etc/flexvdi/manager-guest.json"),
        "joined": set(host.joining.joined),
    }


def deployed(folder: Path, **changes: Any) -> SimulatedHost:
    """A host with a Manager that runs, always the same one."""
    host = host_of(folder, **changes)
    plan = host.manager.plan(request())
    always = plan.kept.descriptor.changed(id="0" * 32, mac="52:54:00:00:00:01", created=1.0)
    kept = plan.kept.model_copy(update={"descriptor": always})
    host.manager.deploy(replace(plan, kept=kept), WHO)
    host.simulation.changes_made.clear()
    host.simulation.restart_counting()
    return host
