"""A network of its own with a real NetworkManager in it: namespaces, dbus, udevd, veth pairs.

Run as a program inside fresh namespaces it brings the daemons up, prints ``READY`` and waits;
:class:`NetworkLab` starts it so and runs commands in there. The peers of the host's ports are
``peer0`` and ``peer1``. There is no systemd in there: ``systemd-run --on-active`` is stood in for
by a program that waits and then runs what it was given.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_REPOSITORY = Path(__file__).parents[3]
PORTS = {"port0": "52:54:00:00:00:10", "port1": "52:54:00:00:00:11"}
_TEMPORARY = (
    "/run",
    "/var/lib/NetworkManager",
    "/var/lib/flexvdi",
    "/var/log",
    "/usr/local/sbin",
)
_SYSTEMD_RUN = """#!/bin/sh
for word in "$@"; do
    case "$word" in
        --on-active=*) seconds="${word#--on-active=}"; shift ;;
        --unit=*) unit="${word#--unit=}"; shift ;;
        --*) shift ;;
        *) break ;;
    esac
done
setsid sh -c 'sleep "$0"; rm -f "/run/lab-$1.timer"; shift; until "$@"; do sleep 5; done' \\
    "$seconds" "$unit" "$@" >>/run/guard.log 2>&1 </dev/null &
echo $! >"/run/lab-$unit.timer"
"""
_SYSTEMCTL = """#!/bin/sh
[ "$1" = stop ] && [ -e "/run/lab-$2" ] || exit 5
kill -- "-$(cat "/run/lab-$2")"; rm -f "/run/lab-$2"
"""
_BUS_CONFIGURATION = """
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen>
<auth>EXTERNAL</auth><policy context="default"><allow user="*"/><allow own="*"/>
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/></policy></busconfig>
"""
_NAME_HAS_OWNER = (
    *("dbus-send", "--system", "--print-reply", "--dest=org.freedesktop.DBus"),
    *("/org/freedesktop/DBus", "org.freedesktop.DBus.NameHasOwner"),
    "string:org.freedesktop.NetworkManager",
)


def _bring_up() -> None:
    def run(*argv: str) -> None:
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)

    run("mount", "--make-rprivate", "/")
    for folder in _TEMPORARY:
        Path(folder).mkdir(parents=True, exist_ok=True)
        run("mount", "-t", "tmpfs", "tmpfs", folder)
    # A mount namespace shares the files themselves: without a copy of its own, NetworkManager
    # would write the testing machine's /etc/resolv.conf.
    run("cp", "-a", "/etc", "/run/etc")
    run("mount", "--bind", "/run/etc", "/etc")
    for profile in Path("/etc/NetworkManager/system-connections").glob("*"):
        profile.unlink()
    run("mount", "-t", "sysfs", "sysfs", "/sys")
    for folder in ("/run/dbus", "/run/udev/rules.d", "/run/NetworkManager"):
        Path(folder).mkdir(parents=True)
    # NetworkManager leaves devices alone that udev does not know, and veth pairs by default.
    Path("/run/udev/rules.d/99-lab.rules").write_text(
        'SUBSYSTEM=="net", KERNEL=="port*", ENV{NM_UNMANAGED}="0"\n'
        'SUBSYSTEM=="net", KERNEL=="peer*", ENV{NM_UNMANAGED}="1"\n'
    )
    for name, script in (("systemd-run", _SYSTEMD_RUN), ("systemctl", _SYSTEMCTL)):
        program = Path("/usr/local/sbin") / name
        program.write_text(script)
        program.chmod(0o755)
    Path("/run/bus.conf").write_text(_BUS_CONFIGURATION)
    Path("/run/NetworkManager.conf").write_text("[main]\nplugins=keyfile\nno-auto-default=*\n")
    run("ip", "link", "set", "lo", "up")
    run("/lib/systemd/systemd-udevd", "--daemon", "--resolve-names=never")
    run("dbus-daemon", "--config-file=/run/bus.conf", "--fork", "--nopidfile")
    for number, (port, mac) in enumerate(PORTS.items()):
        peer = f"peer{number}"
        run("ip", "link", "add", port, "address", mac, "type", "veth", "peer", "name", peer)
        run("ip", "link", "set", peer, "up")
    run("udevadm", "trigger", "--subsystem-match=net", "--action=add")
    run("udevadm", "settle")
    start_network_manager()
    print("READY", flush=True)
    sys.stdin.read()


def start_network_manager() -> None:
    """Run it, and wait until it has brought up what it brings up by itself."""
    with Path("/run/NetworkManager.log").open("a") as log:
        subprocess.Popen(
            ["NetworkManager", "--debug", "--no-daemon", "--config=/run/NetworkManager.conf"],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    subprocess.run(["nm-online", "--wait-for-startup", "--timeout=30", "--quiet"], check=False)


class NetworkLab:
    """The lab as a context manager, for tests; everything in it ends with it."""

    def __enter__(self) -> NetworkLab:
        self._resolver_of_this_machine = Path("/etc/resolv.conf").read_bytes()
        self._process = subprocess.Popen(
            [
                *("unshare", "--net", "--mount", "--uts", "--pid", "--fork", "--mount-proc"),
                *("--kill-child", sys.executable, __file__),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "READY\n"
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        self._inside = children.read_text().split()[0]
        return self

    def __exit__(self, *_exception: object) -> None:
        self._process.kill()
        self._process.wait()
        assert Path("/etc/resolv.conf").read_bytes() == self._resolver_of_this_machine

    def run(self, *argv: str, input: str | None = None, check: bool = True) -> str:
        """The standard output of a command run inside."""
        done = subprocess.run(
            [*self._enter(), *argv],
            input=input,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "LC_ALL": "C", "PYTHONPATH": str(_REPOSITORY)},
        )
        if check and done.returncode:
            raise AssertionError(f"{argv}: {done.stdout}{done.stderr}")
        return done.stdout

    def python(self, code: str, **facts: Any) -> Any:
        """What ``code`` leaves in ``result``, run inside by this interpreter with ``facts``."""
        program = f"import json,sys\nfacts=json.load(sys.stdin)\nresult=None\n{code}\n"
        program += "print(json.dumps(result))"
        return json.loads(
            self.run(sys.executable, "-c", program, input=json.dumps(facts)).splitlines()[-1]
        )

    def killed(self, code: str, **facts: Any) -> None:
        """Run ``code``, which must end by SIGKILL of its own process."""
        program = f"import json,os,signal,sys\nfacts=json.load(sys.stdin)\n{code}\n"
        done = subprocess.run(
            [*self._enter(), sys.executable, "-c", program],
            input=json.dumps(facts),
            capture_output=True,
            text=True,
            timeout=120,
        )
        # nsenter forks for the process namespace, and ends as its child did.
        assert done.returncode in (-9, 137), done.stderr

    def config(self, *arguments: str, check: bool = True) -> str:
        """The output of flexvdi-config with ``arguments``, run inside."""
        command = Path(sys.executable).with_name("flexvdi-config")
        return self.run(str(command), *arguments, check=check)

    def kill_network_manager(self) -> None:
        """As a crash does; back when the bus has noticed, so that the next one gets the name."""
        self.run("killall", "-9", "NetworkManager")
        self.wait_for(
            lambda: not self.run("pidof", "NetworkManager", check=False), "NetworkManager lives"
        )
        self.wait_for(lambda: "false" in self.run(*_NAME_HAS_OWNER), "the bus still has its name")

    def start_network_manager(self) -> None:
        """As systemd does after a crash, and at boot."""
        self.python(
            "from tests.integration.host.network_lab import start_network_manager\n"
            "start_network_manager()"
        )

    def power_cut(self) -> None:
        """What a boot after a power cut finds: no process, nothing below /run, bare ports."""
        self.run("killall", "-9", "sleep", check=False)
        self.run("sh", "-c", "for timer in /run/lab-*.timer; do rm -f $timer; done")
        self.kill_network_manager()
        for place in ("/run/NetworkManager", "/var/lib/NetworkManager"):
            self.run("find", place, "-mindepth", "1", "-delete")
        for link in json.loads(self.run("ip", "-json", "-details", "link")):
            name = link["ifname"]
            if link.get("linkinfo", {}).get("info_kind") in ("bridge", "bond", "vlan"):
                self.run("ip", "link", "delete", name)
        for port in PORTS:
            self.run("ip", "address", "flush", "dev", port)
            self.run("ip", "link", "set", port, "down")
        self.start_network_manager()

    def _enter(self) -> list[str]:
        return ["nsenter", "-t", self._inside, "-n", "-m", "-u", "-p"]

    def addresses(self, interface: str) -> list[str]:
        """The global addresses of an interface, with prefix; none if it does not exist."""
        said = self.run("ip", "-json", "address", "show", "dev", interface, check=False)
        return [
            f"{address['local']}/{address['prefixlen']}"
            for link in json.loads(said or "[]")
            for address in link.get("addr_info", [])
            if address["scope"] == "global"
        ]

    def wait_for(self, holds: Any, what: str, seconds: float = 180) -> None:
        """Look again until ``holds()``; fails with the lab's log after ``seconds``."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"{what}\n{self.run('tail', '-n', '60', '/run/NetworkManager.log')}"
                )
            time.sleep(0.1)


if __name__ == "__main__":
    _bring_up()
