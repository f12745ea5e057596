"""A host for Managers: real libvirtd, virtlogd, virtlockd and QEMU, in namespaces of their own.

Run as a program inside fresh namespaces it brings everything up, prints ``READY`` and waits for the
end of its input. The network has a bridge; at the Manager's addresses a stand-in answers.

The appliance is the smallest guest there is (see stand_in); in the folder ``newer`` is a newer one.

A lab that is made ``like`` another has an SSH server, so that a Manager can be moved to it;
``connect`` lays a cable between the bridges of both.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.integration.deployment.stand_in import ADDRESS, OTHER_ADDRESS, answer, make_image
from tests.lab.sockets import socket_listens

_REPOSITORY = Path(__file__).parents[3]
PROGRAMS = ("libvirtd", "virtlogd", "virtlockd", "qemu-system-x86_64", "qemu-img", "unshare", "ip")
SSH_SERVER = "/usr/sbin/sshd"
BRIDGE = "br-lab"
NEWER = "newer"
CERTIFICATES = "stand-in"
_PRIVATE = (
    "/run", "/etc/libvirt", "/etc/flexvdi", "/var/lib/libvirt", "/var/log/libvirt",
    "/var/cache/libvirt", "/var/lib/flexvdi", "/root/.ssh",
)  # fmt: skip
_NETWORK = "192.0.2"
_SSHD_CONF = """\
HostKey {folder}/host_key
PidFile none
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
StrictModes no
SetEnv PATH={path}
"""
_QEMU_CONF = """\
user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = []
namespaces = []
remember_owner = 0
lock_manager = "lockd"
"""


def missing_programs(*more: str) -> list[str]:
    """What the lab needs and this machine lacks."""
    return [name for name in (*PROGRAMS, *more) if shutil.which(name) is None]


class ManagerLab:
    """The lab, from outside; ``folder`` is where Managers are deployed to."""

    def __init__(
        self,
        folder: Path,
        name: str = "lab",
        number: int = 1,
        *,
        like: ManagerLab | None = None,
        storage: Path | None = None,
    ) -> None:
        """Bring it up. ``number`` is the last one of its own address, different for each lab.

        With ``like`` it can be reached by SSH, and its stand-in is that of the other lab. Images
        are in ``storage``, or in a folder of its own.
        """
        self.folder = folder
        self.name = name
        self.address = f"{_NETWORK}.{number}"
        self.storage = storage or folder / "images"
        self.storage.mkdir(exist_ok=True)
        if like is not None:
            shutil.copytree(like.folder / CERTIFICATES, folder / CERTIFICATES)
        argv = ["unshare", "--mount", "--net", "--uts", sys.executable, "-m", __name__]
        argv += [str(folder), name, self.address, "alone" if like is None else "reachable"]
        self._process = subprocess.Popen(
            argv, cwd=_REPOSITORY, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
        )
        self._must_be_ready()

    def _must_be_ready(self) -> None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line != "READY\n":
            self.end()
            raise RuntimeError(f"the lab did not come up: {line!r}")

    def cut_the_power(self) -> None:
        """End guests and daemons at once, then start the daemons as after a boot."""
        assert self._process.stdin is not None
        self._process.stdin.write("power cut\n")
        self._process.stdin.flush()
        self._must_be_ready()

    def connect(self, other: ManagerLab) -> None:
        """Lay a cable between the bridges, and let root here in over there."""
        pids = [str(lab._process.pid) for lab in (self, other)]
        argv = ["ip", "link", "add", "cable", "netns", pids[0], "type", "veth"]
        argv += ["peer", "name", "cable", "netns", pids[1]]
        subprocess.run(argv, check=True)
        for lab in (self, other):
            lab.command("ip", "link", "set", "cable", "master", BRIDGE, "up")
        key = "/root/.ssh/id_ed25519"
        self.command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
        (other.folder / "authorized_keys").write_text(self.command("cat", f"{key}.pub"))
        known = f"{other.address} {(other.folder / 'host_key.pub').read_text()}"
        (self.folder / "known_hosts").write_text(known)
        self.command("cp", str(self.folder / "known_hosts"), "/root/.ssh/known_hosts")

    @property
    def place(self) -> Path:
        """The folder of the Manager."""
        return self.storage / "flexvdi-manager"

    def command(self, *argv: str, seconds: float = 300) -> str:
        """The output of a program that is run in there, and ends well."""
        process = self._begin(*argv)
        out, error = process.communicate(timeout=seconds)
        assert process.returncode == 0, out + error
        return out

    def inside(self, *argv: str) -> list[str]:
        """What runs a program in there; ours are found by their names."""
        path = f"PATH={Path(sys.executable).parent}:{os.environ['PATH']}"
        entering = ["nsenter", "--target", str(self._process.pid), "--mount", "--net", "--uts"]
        return [*entering, "env", f"--chdir={_REPOSITORY}", path, *argv]

    def config(self, *words: str) -> subprocess.Popen[str]:
        """Begin flexvdi-config in there."""
        return self._begin("flexvdi-config", *words)

    def run(self, *words: str, seconds: float = 300) -> subprocess.CompletedProcess[str]:
        """Run flexvdi-config in there to its end."""
        process = self.config(*words)
        out, error = process.communicate(timeout=seconds)
        return subprocess.CompletedProcess(words, process.returncode, out, error)

    def ok(self, *words: str, seconds: float = 300) -> str:
        """The same; it must end well."""
        done = self.run(*words, seconds=seconds)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def json(self, *words: str) -> Any:
        """What it answers in JSON, however it ends."""
        return json.loads(self.run(*words, "--json").stdout)

    def deploy_words(self) -> tuple[str, ...]:
        """A deployment that preflight has no objection to but those of the lab itself."""
        return (
            *("manager", "deploy", "--yes", "--no-enrol", "--address", f"{ADDRESS}/24"),
            *("--bridge", BRIDGE, "--folder", str(self.storage), "--image", str(self.folder)),
            *("--vcpus", "1", "--memory", "512", "--data-disk", "1", *self.accepting("space")),
        )

    def accepting(self, *more: str) -> tuple[str, ...]:
        """What the lab lacks: hardware, a time server, cables and a network around it, arping."""
        lacks = (
            "virtualization",
            "clock",
            "bridge",
            "address",
            "gateway",
            "dns",
            "versions",
            "speed",
        )
        return tuple(word for name in (*lacks, *more) for word in ("--acknowledge", name))

    def virsh(self, *words: str) -> str:
        """Ask libvirt directly."""
        process = self._begin("virsh", "--connect", "qemu:///system", *words)
        out, error = process.communicate(timeout=180)
        return out + error

    def is_clean(self) -> bool:
        """Whether nothing of a Manager is left."""
        return (
            not self.place.exists()
            and "flexvdi-manager" not in self.virsh("list", "--all", "--name")
            and self.json("manager", "status")["manager"] is None
        )

    def _begin(self, *argv: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.inside(*argv),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )

    def end(self) -> None:
        """End it, and whatever runs in there."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()


def _bring_up(folder: Path, name: str, own: str) -> None:
    def run(*argv: str) -> None:
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)

    original = folder / "etc-libvirt"
    shutil.copytree("/etc/libvirt", original)
    run("mount", "--make-rprivate", "/")
    for place in _PRIVATE:
        Path(place).mkdir(parents=True, exist_ok=True)
        run("mount", "-t", "tmpfs", "none", place)
    Path("/run/lock").mkdir()  # where libvirt notes who has a console
    shutil.copytree(original, "/etc/libvirt", dirs_exist_ok=True)
    shutil.rmtree("/etc/libvirt/qemu", ignore_errors=True)
    Path("/etc/libvirt/qemu.conf").write_text(_QEMU_CONF)
    # Of two hosts, libvirt wants to know that they are two.
    identity = f'auth_unix_rw = "none"\nhost_uuid = "{uuid.uuid5(uuid.NAMESPACE_DNS, name)}"\n'
    Path("/etc/libvirt/libvirtd.conf").write_text(identity)
    Path("/var/log/libvirt/qemu").mkdir()
    Path("/etc/flexvdi/host.yaml").write_text(f"version: 1\nidentity: {{hostname: {name}}}\n")
    _know_qemu_user(folder)
    run("hostname", name)
    run("ip", "link", "set", "lo", "up")
    for address in (ADDRESS, OTHER_ADDRESS):
        run("ip", "address", "add", f"{address}/32", "dev", "lo")
    # The addresses of the stand-in are this lab's own; another one must not hear of them.
    Path("/proc/sys/net/ipv4/conf/all/arp_ignore").write_text("1")
    run("ip", "link", "add", BRIDGE, "type", "bridge")
    run("ip", "address", "add", f"{own}/24", "dev", BRIDGE)
    run("ip", "link", "set", BRIDGE, "up")
    fingerprint = answer(folder / CERTIFICATES)
    make_image(folder, fingerprint)
    make_image(folder / NEWER, fingerprint, "0.2.0")


def _start_daemons(folder: Path) -> list[subprocess.Popen[bytes]]:
    """As after a boot, for which /run is empty; wait until libvirtd answers."""
    shutil.rmtree("/run/libvirt", ignore_errors=True)
    Path("/run/libvirt").mkdir()
    daemons = []
    for name in ("virtlogd", "virtlockd", "libvirtd"):
        with (folder / f"{name}.log").open("ab") as log:
            daemons.append(subprocess.Popen([name], stdout=log, stderr=log))
    sockets = [
        Path("/run/libvirt", f"{name}-sock") for name in ("virtlogd", "virtlockd", "libvirt")
    ]
    _until(lambda: all(map(socket_listens, sockets)), daemons)
    return daemons


def _start_ssh(folder: Path) -> subprocess.Popen[bytes]:
    """An SSH server; what root runs by it finds flexvdi-config."""
    key = folder / "host_key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    path = f"{Path(sys.executable).parent}:/usr/sbin:/usr/bin:/sbin:/bin"
    words = _SSHD_CONF.format(folder=folder, path=path)
    configuration = folder / "sshd_config"
    configuration.write_text(f"{words}AuthorizedKeysFile {folder}/authorized_keys\n")
    Path("/run/sshd").mkdir(mode=0o755)
    with (folder / "sshd.log").open("ab") as log:
        argv = [SSH_SERVER, "-D", "-e", "-f", str(configuration)]
        return subprocess.Popen(argv, stdout=log, stderr=log)


def _cut_the_power(daemons: list[subprocess.Popen[bytes]]) -> None:
    for path in Path("/run/libvirt/qemu").glob("*.pid"):
        os.kill(int(path.read_text()), signal.SIGKILL)
    for daemon in reversed(daemons):
        daemon.kill()
        daemon.wait()


def _know_qemu_user(folder: Path) -> None:
    """libvirt insists on the user that it was built for, even where another one is configured."""
    for name, line in (
        ("passwd", "libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin"),
        ("group", "libvirt-qemu:x:64055:\nkvm:x:64056:"),
    ):
        known = Path("/etc", name).read_text()
        lines = [each for each in line.split("\n") if f"{each.split(':')[0]}:" not in known]
        copy = folder / name
        copy.write_text(known + "".join(f"{each}\n" for each in lines))
        subprocess.run(["mount", "--bind", str(copy), f"/etc/{name}"], check=True)


def _end(daemons: list[subprocess.Popen[bytes]]) -> None:
    listed = subprocess.run(
        ["virsh", "list", "--name"], capture_output=True, text=True, timeout=60, check=False
    )
    for name in listed.stdout.split():
        subprocess.run(["virsh", "destroy", name], stdout=subprocess.DEVNULL, check=False)
    for daemon in reversed(daemons):
        daemon.send_signal(signal.SIGTERM)
        try:
            daemon.wait(10)
        except subprocess.TimeoutExpired:
            daemon.kill()


def _until(condition: Callable[[], bool], daemons: list[subprocess.Popen[bytes]]) -> None:
    while not condition():
        if any(daemon.poll() is not None for daemon in daemons):
            raise RuntimeError("a daemon ended")
        threading.Event().wait(0.05)


def _main() -> None:
    folder = Path(sys.argv[1])
    _bring_up(folder, *sys.argv[2:4])
    daemons = _start_daemons(folder)
    others = [_start_ssh(folder)] if sys.argv[4] == "reachable" else []
    try:
        print("READY", flush=True)
        for _line in sys.stdin:
            _cut_the_power(daemons)
            daemons = _start_daemons(folder)
            print("READY", flush=True)
    finally:
        _end([*others, *daemons])


if __name__ == "__main__":
    _main()
