"""flexvdi-managerctl on this machine, as an administrator of a lab's Manager uses it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from foundation.atomic_file import write_atomically
from foundation.secret import Secret
from tests.lab.host_verbs import PATIENCE
from tests.lab.places import own_command


class ManagerCtl:
    """Verbs of flexvdi-managerctl; what it keeps between them is in ``folder``."""

    def __init__(self, folder: Path) -> None:
        """It knows no Manager yet."""
        self._folder = folder
        self._environment = {**os.environ, "FLEXVDI_MANAGERCTL": str(folder)}

    def sign_in(self, port: int, fingerprint: str, name: str, password: Secret) -> None:
        """Get to know the Manager at a port of this machine, and be ``name`` there.

        A token keeps that up: sessions end while a machine is being installed.
        """
        self.do("connect", f"127.0.0.1:{port}", "--fingerprint", fingerprint)
        self.do("sign-in", name, "--password-file", "-", said=f"{password.reveal()}\n")
        token = self.ask("token", "create", "--name", "lab", "--role", "admin")["secret"]
        file = self._folder / "token"
        write_atomically(file, token, 0o600)
        self._environment["FLEXVDI_TOKEN_FILE"] = str(file)

    def ask(self, *verb: str) -> Any:
        """What a verb answers in JSON."""
        return json.loads(self.do(*verb, "--json"))

    def do(self, *verb: str, said: str = "") -> str:
        """What a verb says; raises AssertionError with its words when it fails."""
        done = self._run(verb, said)
        assert done.returncode == 0, f"{' '.join(verb)}: {done.stdout}{done.stderr}"
        return done.stdout

    def refused(self, *verb: str) -> str:
        """What a verb says that must not succeed."""
        done = self._run(verb, "")
        assert done.returncode != 0, f"{' '.join(verb)} was not refused: {done.stdout}"
        return done.stderr

    def hosts(self) -> dict[str, dict[str, Any]]:
        """The hosts of the platform by their names."""
        return {host["name"]: host for host in self.ask("host", "list")["items"]}

    def _run(self, verb: tuple[str, ...], said: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [own_command("flexvdi-managerctl"), *verb],
            input=said,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env=self._environment,
        )
