"""An InstallPlan written as a kickstart: what an interactive installation leaves on the host.

Reading the text gives the same plan again, apart from the places (``where``) and the notes. What
kickstart has no words for goes into ``%addon com_flexvdi``. Passwords are written as hashes only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from foundation.failure import Failure
from foundation.secret import Secret
from host.document.deployment import UnattendedDeployment
from host.document.model import HostDocument
from kickstart.install_plan import (
    Formatted,
    InstallPlan,
    LogicalVolume,
    Partition,
    RaidArray,
    Script,
    Storage,
    User,
)
from kickstart.writing_network import beyond_commands, network_lines
from kickstart.writing_network import command_line as _line


def write_kickstart(plan: InstallPlan) -> str:
    """``plan`` as a kickstart; raises Failure when it holds a password in clear."""
    lines = [
        *_system(plan),
        "",
        *_people(plan),
        "",
        *_storage(plan.storage),
        *_bootloader(plan),
        "",
        *_rest(plan),
        "",
    ]
    for script in plan.scripts:
        lines += [*_script(script), ""]
    lines += [*_addon(plan), ""]
    return "\n".join(lines)


def _system(plan: InstallPlan) -> list[str]:
    identity, time = plan.document.identity, plan.document.time
    firewall = plan.document.firewall
    lines = [
        "rescue" if plan.rescue else "text",
        _line("lang", identity.language),
        _line("keyboard", xlayouts=identity.keyboard),
        _line("timezone", time.timezone, utc=time.utc),
        *(_line("timesource", ntp_server=server) for server in time.ntp_servers),
        *(_line("timesource", ntp_pool=pool) for pool in time.ntp_pools),
        _line("network", hostname=identity.hostname),
        *network_lines(plan),
    ]
    if plan.selinux:
        lines.append(f"selinux --{plan.selinux.mode}")
    removed = () if "ssh" in firewall.services else ("ssh",)
    lines.append(
        _line(
            "firewall",
            enabled=firewall.enabled,
            disabled=not firewall.enabled,
            service=firewall.services,
            remove_service=removed,
            port=tuple(port.replace("/", ":") for port in firewall.ports),
        )
    )
    return lines


def _people(plan: InstallPlan) -> list[str]:
    lines = []
    if root := plan.root_password:
        words = [_hash(root.password, root.crypted)] if root.password else []
        lines.append(
            _line(
                "rootpw",
                *words,
                iscrypted=bool(words),
                lock=root.locked,
                allow_ssh=root.allow_ssh,
            )
        )
    lines += [_line("group", name=group.name, gid=group.gid) for group in plan.groups]
    for user in plan.users:
        lines.append(
            _line(
                "user",
                name=user.name,
                gecos=user.full_name,
                password=_hash(user.password, user.crypted) if user.password else None,
                iscrypted=user.password is not None,
                lock=user.locked,
                uid=user.uid,
                gid=user.gid,
                homedir=user.home,
                shell=user.shell,
                groups=user.groups,
            )
        )
        lines += [_line("sshkey", key, username=user.name) for key in user.ssh_keys]
    lines += [_line("sshkey", key, username="root") for key in plan.root_ssh_keys]
    lines += [_installer_account(user) for user in plan.installer_ssh]
    return lines


def _installer_account(user: User) -> str:
    if user.ssh_keys:
        return _line("sshpw", user.ssh_keys[0], username=user.name, sshkey=True)
    password = _hash(user.password, user.crypted) if user.password else ""
    return _line("sshpw", password, username=user.name, iscrypted=True, lock=user.locked)


def _hash(password: Secret, crypted: bool) -> str:
    if not crypted:
        raise Failure(
            "The plan holds a password in clear, which is not written to files.",
            "Hash it with foundation.password_hash first.",
        )
    return password.reveal()


def _storage(storage: Storage) -> list[str]:
    lines = []
    if storage.use.only or storage.use.ignored:
        lines.append(_line("ignoredisk", only_use=storage.use.only, drives=storage.use.ignored))
    if clearing := storage.clearing:
        if clearing.zerombr:
            lines.append("zerombr")
        scope = {"none": "--none", "all": "--all", "linux": "--linux"}.get(clearing.scope)
        command = f"clearpart {scope}" if scope else "clearpart"
        lines.append(
            _line(
                command,
                list=clearing.partitions,
                initlabel=clearing.initialize_labels,
                drives=clearing.disks,
            )
        )
    if automatic := storage.automatic:
        lines.append(
            _line(
                "autopart",
                type=automatic.scheme,
                fstype=automatic.filesystem,
                nohome=not automatic.home,
                noswap=not automatic.swap,
                noboot=not automatic.boot,
            )
        )
    if storage.required:
        lines.append(_line("reqpart", add_boot=storage.required_with_boot))
    lines += [_partition(part) for part in storage.partitions]
    lines += [_raid(raid) for raid in storage.raids]
    for group in storage.groups:
        lines.append(
            _line(
                "volgroup",
                group.name,
                *group.members,
                useexisting=group.existing,
                pesize=group.extent_kib,
                reserved_space=group.reserved or None,
                reserved_percent=group.reserved_percent or None,
            )
        )
    lines += [_volume(volume) for volume in storage.volumes]
    return lines


def _formatted(item: Formatted) -> dict[str, Any]:
    return {
        "label": item.label,
        "fsoptions": item.mount_options,
        "mkfsoptions": item.mkfs_options,
        "noformat": not item.format,
    }


def _partition(part: Partition) -> str:
    kind = {"bios-boot": "biosboot", "prep": "prepboot"}.get(part.role, part.filesystem)
    return _line(
        "part",
        part.name,
        fstype=kind,
        ondisk=part.disk,
        onpart=part.existing,
        size=part.size,
        grow=part.grow,
        maxsize=part.max_size,
        recommended=part.recommended,
        **_formatted(part),
    )


def _raid(raid: RaidArray) -> str:
    return _line(
        "raid",
        raid.volume_name or raid.mount_point or "none",
        *raid.members,
        device=raid.device,
        level=f"RAID{raid.level}",
        fstype=raid.filesystem,
        spares=raid.spares or None,
        chunksize=raid.chunk_size_kib,
        **_formatted(raid),
    )


def _volume(volume: LogicalVolume) -> str:
    return _line(
        "logvol",
        volume.mount_point or "none",
        vgname=volume.group,
        name=volume.name,
        fstype=volume.filesystem,
        thinpool=volume.kind == "thin-pool",
        thin=volume.kind == "thin",
        poolname=volume.pool,
        size=volume.size,
        percent=volume.percent,
        grow=volume.grow,
        maxsize=volume.max_size,
        recommended=volume.recommended,
        metadatasize=volume.metadata_size,
        chunksize=volume.chunk_size_kib,
        useexisting=volume.existing,
        **_formatted(volume),
    )


def _bootloader(plan: InstallPlan) -> list[str]:
    loader = plan.bootloader
    line = _line(
        "bootloader",
        append=loader.append,
        boot_drive=loader.boot_drive,
        driveorder=loader.drives,
        timeout=loader.timeout,
        location="none" if loader.location == "none" else None,
        iscrypted=loader.password_hash is not None,
        password=loader.password_hash.reveal() if loader.password_hash else None,
        leavebootorder=loader.leave_boot_order,
    )
    return [line] if line != "bootloader" else []


def _rest(plan: InstallPlan) -> list[str]:
    lines = []
    if plan.services.enabled or plan.services.disabled:
        lines.append(
            _line("services", enabled=plan.services.enabled, disabled=plan.services.disabled)
        )
    if payload := plan.payload:
        lines.append(
            _line(
                "liveimg",
                url=payload.url,
                checksum=payload.sha256,
                proxy=payload.proxy,
                noverifyssl=not payload.verify_tls,
            )
        )
    if plan.logging:
        lines.append(_line("logging", host=plan.logging.host, port=plan.logging.port))
    if plan.finish != "wait":
        lines.append(_line(plan.finish, eject=plan.eject))
    return lines


def _script(script: Script) -> list[str]:
    header = _line(
        f"%{script.stage}",
        interpreter=script.interpreter if script.interpreter != "/bin/sh" else None,
        log=script.log,
        erroronfail=script.stop_on_error,
        nochroot=script.stage == "post" and not script.in_target,
    )
    return [header, script.text.removesuffix("\n"), "%end"]


def _addon(plan: InstallPlan) -> list[str]:
    """What differs from an empty document and is not in the commands."""
    document, empty = plan.document, HostDocument()
    content: dict[str, Any] = {}
    network: dict[str, Any] = {}
    if plan.document.network.management:
        network["management"] = plan.document.network.management
    if beyond := beyond_commands(plan.document.network):
        network["interfaces"] = beyond
    if network:
        content["network"] = network
    access = _different(_values(document.access), _values(empty.access))
    said = {"root_password_hash", "root_ssh_keys"}
    if plan.root_password and plan.root_password.allow_ssh:
        said.add("ssh_passwords")
    plain = {user.name for user in plan.users if "wheel" in user.groups}
    if others := [one for one in access.pop("administrators", []) if one["name"] not in plain]:
        access["administrators"] = others
    if access := {name: value for name, value in access.items() if name not in said}:
        content["access"] = access
    if document.membership is not None:
        content["membership"] = _values(document.membership)
    if plan.addon.manager is not None:
        content["manager"] = _manager(plan.addon.manager)
    if plan.addon.report_url:
        content["report_url"] = plan.addon.report_url
    if not content:
        return []
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True).rstrip("\n")
    return ["%addon com_flexvdi", text, "%end"]


def _manager(manager: UnattendedDeployment) -> dict[str, Any]:
    """What was said of it; what the host is to suggest itself stays unsaid."""
    said = manager.model_dump(mode="json", exclude_unset=True)
    return {**said, "password_hash": manager.password_hash.reveal()}


def _values(model: Any) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(model.model_dump_json())
    return values


def _different(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value != defaults.get(name)}
