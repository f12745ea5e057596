"""A directory behind LDAP: the :class:`~manager.directory.port.Directory` that there is."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from foundation.secret import Secret
from manager.directory.checks import Check
from manager.directory.contents_examination import Sample
from manager.directory.examination import examine
from manager.directory.group_cache import GroupCache
from manager.directory.group_entries import find_group, groups_like
from manager.directory.groups import groups_of_entry
from manager.directory.link import Entry, Link, open_link
from manager.directory.people import people_named, person_with_id, user_from
from manager.directory.port import DirectoryGroup, DirectoryUser
from manager.directory.presets import preset_of
from manager.directory.refusals import Reason, Refused
from manager.directory.servers import Servers
from manager.directory.settings import DirectorySettings, ServerAddress
from manager.directory.signing_in import account_state, sign_in
from manager.directory.slots import Slots
from manager.directory.trust import trusting_context

Result = TypeVar("Result")


class LdapDirectory:
    """Signs in with the Manager's account, searches, and signs in again as the person.

    It keeps no connection: each call opens its own and closes it. What it does keep is which
    servers failed, and the groups of people for a few minutes.
    """

    def __init__(
        self, settings: DirectorySettings, bind_password: Secret, cache: GroupCache | None = None
    ) -> None:
        """``bind_password`` is that of ``settings.bind_user``."""
        self.settings = settings
        self._preset = preset_of(settings)
        self._password = bind_password
        self._context = trusting_context(settings.ca)
        self._servers = Servers(settings.addresses())
        self._slots = Slots()
        self._cache = cache or GroupCache()

    def authenticate(self, name: str, password: Secret) -> DirectoryUser:
        """The person, once the directory has accepted the password; raises Refused otherwise."""
        if not password:
            raise Refused(Reason.EMPTY_PASSWORD)

        def ask(address: ServerAddress) -> DirectoryUser:
            with self._signed_in(address) as link:
                found = people_named(link, name, self.settings, self._preset)
                user = user_from(found[0], self._preset, link.where) if len(found) == 1 else None
            reason = self._try_password(address, user.dn if user else self._nobody(), password)
            if user is None:
                raise Refused(Reason.AMBIGUOUS_USER if found else Reason.UNKNOWN_USER)
            if reason is not None:
                raise Refused(reason)
            return user

        user = self._ask(ask)
        self.forget(user)
        return user

    def find_user(self, name: str) -> DirectoryUser | None:
        """The person who signs in as ``name``; None when there is none, or more than one."""

        def ask(address: ServerAddress) -> DirectoryUser | None:
            with self._signed_in(address) as link:
                found = people_named(link, name, self.settings, self._preset)
                return user_from(found[0], self._preset, link.where) if len(found) == 1 else None

        return self._ask(ask)

    def find_group(self, dn: str) -> DirectoryGroup | None:
        """The group of that distinguished name; None when there is none."""

        def ask(address: ServerAddress) -> DirectoryGroup | None:
            with self._signed_in(address) as link:
                return find_group(link, dn, self._preset)

        return self._ask(ask)

    def groups_like(self, text: str) -> list[DirectoryGroup]:
        """The first groups with ``text`` in their name or description, to choose from."""

        def ask(address: ServerAddress) -> list[DirectoryGroup]:
            with self._signed_in(address) as link:
                return groups_like(link, text, self.settings, self._preset)

        return self._ask(ask)

    def groups_of(self, user: DirectoryUser) -> tuple[DirectoryGroup, ...]:
        """Every group that ``user`` is in; raises Refused when there is no such person any more."""
        known = self._cache.get(user.id)
        if known is not None:
            return known

        def ask(address: ServerAddress) -> tuple[DirectoryGroup, ...]:
            with self._signed_in(address) as link:
                entry = self._present(link, user.id)
                return groups_of_entry(link, entry, self.settings, self._preset)

        groups = self._ask(ask)
        self._cache.put(user.id, groups)
        return groups

    def probe(self) -> None:
        """Sign in with the Manager's account and out again; raises Unavailable."""

        def ask(address: ServerAddress) -> None:
            with self._signed_in(address):
                return

        self._ask(ask)

    def forget(self, user: DirectoryUser) -> None:
        """Ask the directory for the groups of ``user`` the next time."""
        self._cache.forget(user.id)

    def test(self, sample_user: str = "") -> Iterator[Check]:
        """Try everything in order, reading only; ``sample_user`` is looked for if given."""
        return examine(self.settings, self._password, Sample(sample_user))

    def server_states(self) -> dict[str, str]:
        """For each server, empty or why it is not asked at present."""
        return self._servers.states()

    def _ask(self, ask: Callable[[ServerAddress], Result]) -> Result:
        with self._slots.one():
            return self._servers.first_that_answers(ask)

    def _present(self, link: Link, identity: str) -> Entry:
        entry = person_with_id(link, identity, self.settings, self._preset)
        if entry is None:
            raise Refused(Reason.UNKNOWN_USER)
        return entry

    @contextmanager
    def _signed_in(self, address: ServerAddress) -> Iterator[Link]:
        with open_link(address, self.settings.security, self._context) as link:
            sign_in(link, self.settings.bind_user, self._password)
            yield link

    def _try_password(self, address: ServerAddress, dn: str, password: Secret) -> Reason | None:
        """What the server says to ``dn`` with ``password``, on a connection of its own."""
        with open_link(address, self.settings.security, self._context) as link:
            return account_state(link, dn, password)

    def _nobody(self) -> str:
        """A name that no entry has: unknown people are tried as well, so that it takes as long."""
        return f"cn={secrets.token_hex(16)},{self.settings.base}"
