"""Makes the copy this host's own: machine id, keys, and all that the host document stands for."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from foundation.atomic_file import write_atomically
from foundation.password_hash import hash_password
from foundation.process import run
from foundation.secret import Secret
from host.document.deployment import REQUEST_FILE, UnattendedDeployment
from host.document.membership import JOIN_TOKEN_FILE, join_token_text
from host.document.model import HostDocument
from host.document.system_files import PROFILE_DIRECTORY, FileContent, files_of, is_profile_of_ours
from host.document.writing import write_document
from installer.engine.step import InstallContext
from installer.target.fstab import write_fstab, write_storage_configuration
from installer.target.image_copy import installed_release
from installer.target.inside import run_inside
from installer.target.services import set_up_services

DOCUMENT_PATH = "etc/flexvdi/host.yaml"
_MULTIPATH_CONFIGURATION = "etc/multipath.conf"
_MULTIPATH_DEFAULT = "defaults {\n    user_friendly_names yes\n    find_multipaths yes\n}\n"


def configure(context: InstallContext) -> None:
    """Write everything that differs between two hosts made of the same image."""
    context.say("Writing the host's configuration")
    write_fstab(context)
    write_storage_configuration(context)
    _write_multipath_configuration(context)
    write_machine_id(context.target)
    make_ssh_host_keys(context.target)
    release = installed_release(context)
    write_files(
        context.target,
        files_of(context.plan.document, release.places, permanent_macs(context)),
    )
    write_document(installed_document(context), context.target / DOCUMENT_PATH)
    addon = context.plan.addon
    leave_join_token(context.target, addon.join_token, replace=addon.join_replace)
    leave_manager_request(context.target, addon.manager)
    set_up_services(context, release)


def leave_join_token(target: Path, token: Secret | None, *, replace: bool = False) -> None:
    """For the Agent, which joins with it at the first boot and removes it then."""
    if token is not None:
        path = target / JOIN_TOKEN_FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, join_token_text(token, replace=replace), 0o600)


def leave_manager_request(target: Path, request: UnattendedDeployment | None) -> None:
    """For the first boot, which deploys the Manager and removes the request then."""
    if request is not None:
        path = target / REQUEST_FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, request.model_dump_json(exclude_defaults=True), 0o600)


def write_machine_id(target: Path) -> None:
    """A fresh machine-id(5), unless an earlier run gave one."""
    path = target / "etc/machine-id"
    if not (path.exists() and len(path.read_text().strip()) == 32):
        write_atomically(path, f"{uuid4().hex}\n", 0o444)


def make_ssh_host_keys(target: Path) -> None:
    """SSH host keys of the kinds a host has, by the new system's own ssh-keygen; old ones stay.

    No RSA key: every client of the last ten years takes the others, and it is slow to make.
    """
    for kind in ("ed25519", "ecdsa"):
        key = f"etc/ssh/ssh_host_{kind}_key"
        if (target / "etc/ssh").is_dir() and not (target / key).exists():
            (target / f"{key}.pub").unlink(missing_ok=True)
            run_inside(
                target, ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", f"/{key}"]
            )


def permanent_macs(context: InstallContext) -> dict[str, str]:
    """The MAC addresses that the machine's ports were made with, by port."""
    return {port.name: port.mac for port in context.machine.network_ports if port.mac}


def write_files(target: Path, files: dict[str, FileContent]) -> None:
    """Write the files that the document stands for; older network profiles of ours go.

    What the image has already keeps its time: what was compiled of it stays newer.
    """
    profiles = target / PROFILE_DIRECTORY
    for old in profiles.glob("*") if profiles.is_dir() else ():
        if is_profile_of_ours(old.name) and f"{PROFILE_DIRECTORY}/{old.name}" not in files:
            old.unlink()
    for name, content in files.items():
        path = target / name
        if _holds(path, content):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if content.link is not None:
            path.unlink(missing_ok=True)
            path.symlink_to(content.link)
        else:
            path.unlink(missing_ok=True)  # never write through a link of the image
            write_atomically(path, content.text, content.mode)


def _holds(path: Path, content: FileContent) -> bool:
    if content.link is not None or path.is_symlink() or not path.is_file():
        return False
    same_mode = path.stat().st_mode & 0o7777 == content.mode
    return same_mode and path.read_bytes() == content.text.encode()


def installed_document(context: InstallContext) -> HostDocument:
    """The plan's document with what the plan says about root, so that both say the same."""
    document = context.plan.document
    access = document.access
    root = context.plan.root_password
    if root is not None and not root.locked and root.password:
        hashed = root.password if root.crypted else hash_password(root.password)
        kept = access.root_password_hash or hashed
        access = access.model_copy(update={"root_password_hash": kept})
    keys = tuple(dict.fromkeys((*access.root_ssh_keys, *context.plan.root_ssh_keys)))
    return document.replacing(access=access.model_copy(update={"root_ssh_keys": keys}))


def _write_multipath_configuration(context: InstallContext) -> None:
    """A root on multipath needs its configuration from the first boot on."""
    if not any(disk.path.startswith("/dev/mapper/") for disk in context.layout.disks):
        return
    live = Path("/") / _MULTIPATH_CONFIGURATION
    text = live.read_text() if live.exists() else _MULTIPATH_DEFAULT
    write_atomically(context.target / _MULTIPATH_CONFIGURATION, text)
    run(["systemctl", f"--root={context.target}", "enable", "multipathd.service"])
