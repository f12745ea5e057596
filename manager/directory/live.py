"""The directories of a running Manager: adapters that keep what they know between sign-ins."""

from __future__ import annotations

import threading

from foundation.failure import Failure
from manager.directory.ldap_directory import LdapDirectory
from manager.directory.refusals import Unavailable
from manager.directory.storing import StoredDirectory, all_directories, stored_password
from manager.services import Services


class LiveDirectories:
    """An adapter for each stored directory, made anew when the stored one has changed."""

    def __init__(self, services: Services) -> None:
        """Nothing is opened yet."""
        self._services = services
        self._lock = threading.Lock()
        self._made: dict[str, tuple[int, LdapDirectory]] = {}

    def enabled(self) -> list[StoredDirectory]:
        """Those that are asked, in their order."""
        return [each for each in all_directories(self._services) if each.settings.enabled]

    def adapter(self, stored: StoredDirectory) -> LdapDirectory:
        """The adapter of one; raises Unavailable when its password cannot be read."""
        with self._lock:
            version, adapter = self._made.get(stored.id, (0, None))
            if adapter is None or version != stored.version:
                try:
                    password = stored_password(self._services, stored.id)
                except Failure as failure:
                    raise Unavailable(failure.cause, failure.remedy, retry=False) from failure
                adapter = LdapDirectory(stored.settings, password)
                self._made[stored.id] = (stored.version, adapter)
            return adapter

    def server_states(self, stored: StoredDirectory) -> dict[str, str]:
        """For each server, empty or why it is not asked at present."""
        with self._lock:
            version, adapter = self._made.get(stored.id, (0, None))
        if adapter is not None and version == stored.version:
            return adapter.server_states()
        return {str(address): "" for address in stored.settings.addresses()}
