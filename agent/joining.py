"""Joining at the first boot with the token that an unattended installation left behind."""

from __future__ import annotations

from foundation.failure import Failure
from host.api import HostApi
from host.api.membership import JoinSecret
from host.audit import Actor
from host.document.membership import read_join_token
from host.machine.enrolment import Refused
from host.machine.files import Files
from host.membership_files import TOKEN_FILE, read_manager

_AGENT = Actor("flexvdi-agent", "")


def has_token(files: Files) -> bool:
    """Whether there is one to join with."""
    return files.read(TOKEN_FILE) is not None


def join_with_token(host: HostApi, files: Files) -> None:
    """Join the Manager of the document. Raises Failure; the token goes when it can never work."""
    content, manager = files.read(TOKEN_FILE), read_manager(files)
    if content is None or manager is None:
        raise Failure(
            "This host is to join a platform, but its document names no Manager.",
            "Join with `flexvdi-config manager join`.",
        )
    try:
        token, replace = read_join_token(content.text)
    except Failure:
        files.put(TOKEN_FILE, None)
        raise
    try:
        host.membership.join(manager.manager, JoinSecret(token=token), _AGENT, replace=replace)
    except Refused as refused:
        if refused.is_final:
            files.put(TOKEN_FILE, None)
        raise
    files.put(TOKEN_FILE, None)
