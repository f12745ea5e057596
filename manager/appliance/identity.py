"""The machine's own settings, put where the daemons look for them, anew at every start."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from foundation.atomic_file import write_atomically
from foundation.failure import Failure
from foundation.process import run
from manager.appliance.network_profiles import profile_files
from manager.appliance.places import Places
from manager.appliance.seed import Instance

_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_KEY = re.compile(r"(ssh|ecdsa|sk)-\S+ \S+.*")
_SERVER = re.compile(r"[A-Za-z0-9.:_-]+")
_TIME_SOURCES = "chrony-sources"
_KEY_KINDS = ("ed25519", "ecdsa")


def check_instance(instance: Instance, places: Places) -> None:
    """Refuse what no daemon would understand; raises Failure."""
    wrong = None
    if not _HOST_NAME.fullmatch(instance.host_name) or len(instance.host_name) > 253:
        wrong = f"local-hostname {instance.host_name!r} is no host name"
    for key in instance.ssh_keys:
        if not _KEY.fullmatch(key):
            wrong = "ssh_keys has a line that is no public key"
    for server in instance.time_servers:
        if not _SERVER.fullmatch(server):
            wrong = f"time_servers: {server!r} is neither name nor address"
    zone = Path(instance.timezone)
    if ".." in zone.parts or not (places.root / "usr/share/zoneinfo" / zone).is_file():
        wrong = f"timezone {instance.timezone!r} is not known"
    if wrong:
        raise Failure(f"The seed cannot be used: {wrong}.", "Correct it, and start again.")


def settings_of(instance: Instance, places_of_base: dict[str, str]) -> dict[Path, tuple[str, int]]:
    """Files below the root, with their permission bits, that follow from ``instance``."""
    short = instance.host_name.partition(".")[0]
    names = " ".join(dict.fromkeys((instance.host_name, short)))
    files: dict[Path, tuple[str, int]] = {
        Path("etc/hostname"): (f"{instance.host_name}\n", 0o644),
        Path("etc/hosts"): (
            f"127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n127.0.1.1 {names}\n",
            0o644,
        ),
    }
    for path, text in profile_files(instance.interfaces).items():
        files[path] = (text, 0o600)
    if instance.time_servers:
        folder = Path(places_of_base.get(_TIME_SOURCES, "etc/chrony/sources.d"))
        text = "".join(f"server {server} iburst\n" for server in instance.time_servers)
        files[folder / "flexvdi.sources"] = (text, 0o644)
    if instance.ssh_keys:
        text = "".join(f"{key}\n" for key in instance.ssh_keys)
        files[Path("root/.ssh/authorized_keys")] = (text, 0o600)
    return files


def apply(instance: Instance, places: Places, places_of_base: dict[str, str]) -> None:
    """Write the files; name the machine; set its time zone."""
    for path, (text, mode) in settings_of(instance, places_of_base).items():
        target = places.root / path
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        write_atomically(target, text, mode)
    if instance.ssh_keys:
        (places.root / "root/.ssh").chmod(0o700)
    zone = places.root / "etc/localtime"
    zone.unlink(missing_ok=True)
    zone.symlink_to(f"/usr/share/zoneinfo/{instance.timezone}")
    run(["hostname", instance.host_name])


def offer_ssh(instance: Instance, places: Places, unit: str) -> None:
    """Start the SSH server, with keys that outlive the image, if the seed brought keys."""
    if not instance.ssh_keys:
        return
    places.host_keys.mkdir(mode=0o700, exist_ok=True)
    for kind in _KEY_KINDS:
        name = f"ssh_host_{kind}_key"
        kept = places.host_keys / name
        if not kept.exists():
            new = kept.with_name(f"{name}.new")
            new.unlink(missing_ok=True)
            run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", str(new)])
            new.with_name(f"{new.name}.pub").rename(kept.with_name(f"{name}.pub"))
            new.rename(kept)
        for each, mode in ((name, 0o600), (f"{name}.pub", 0o644)):
            target = places.root / "etc/ssh" / each
            shutil.copyfile(places.host_keys / each, target)
            target.chmod(mode)
    run(["systemctl", "start", "--no-block", unit])
