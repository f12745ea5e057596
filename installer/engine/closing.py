"""What the installation leaves on the host: its report, the equivalent kickstart, the whole log.

The kickstart is ``/root/flexvdi-ks.cfg`` (as Anaconda leaves ``/root/anaconda-ks.cfg``), mode 0600:
rendered from the plan, so that it holds password hashes but no password, whatever the original
held. Report and log are in ``/var/log/flexvdi/install/``, readable by root only.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from foundation.atomic_file import write_atomically
from foundation.password_hash import hash_password
from installer.engine.machinery import Record
from installer.engine.step import InstallContext
from installer.engine.traces import Traces
from installer.log_saving import WITHHELD
from installer.machine.model import Machine
from installer.report import REPORT_PATH, make_report
from kickstart.install_plan import InstallPlan, Partition, Storage, User
from kickstart.writing import write_kickstart

KICKSTART_PATH = "root/flexvdi-ks.cfg"


def leave_records(record: Record, traces: Traces, context: InstallContext) -> None:
    """Write them all; run again, they are replaced."""
    report_path = context.target / REPORT_PATH
    folder = report_path.parent
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    context.say(f"Leaving the log in /{Path(REPORT_PATH).parent}")
    for path in sorted(traces.folder.rglob("*")):
        if path.is_file() and path.name not in WITHHELD:
            kept = folder / path.relative_to(traces.folder)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, kept)
            kept.chmod(0o600)
    report = make_report(
        started=record.started,
        answers=traces.mask(record.answers),
        machine=record.machine,
        plan=context.plan,
        layout=context.layout,
        manifest=context.manifest,
        release=context.release,
        steps=record.seconds,
    )
    write_atomically(report_path, report.model_dump_json(indent=1) + "\n", 0o600)
    kickstart = context.target / KICKSTART_PATH
    kickstart.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    plan = with_lasting_names(without_clear_passwords(context.plan), context.machine)
    write_atomically(kickstart, write_kickstart(plan), 0o600)


def without_clear_passwords(plan: InstallPlan) -> InstallPlan:
    """``plan`` with every password that is still in clear hashed."""
    root = plan.root_password
    if root is not None and root.password and not root.crypted:
        root = root.model_copy(update={"password": hash_password(root.password), "crypted": True})
    return plan.model_copy(
        update={
            "root_password": root,
            "users": tuple(_hashed(user) for user in plan.users),
            "installer_ssh": tuple(_hashed(user) for user in plan.installer_ssh),
        }
    )


def _hashed(user: User) -> User:
    if user.password is None or user.crypted:
        return user
    return user.model_copy(update={"password": hash_password(user.password), "crypted": True})


def with_lasting_names(plan: InstallPlan, machine: Machine) -> InstallPlan:
    """``plan`` with disks named by what outlives a reboot instead of ``sda``."""
    lasting = {name: disk.lasting_path for disk in machine.disks for name in (disk.name, disk.path)}

    def renamed(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(lasting.get(name, name) for name in names)

    storage = plan.storage
    clearing = storage.clearing
    return plan.model_copy(
        update={
            "storage": Storage.model_copy(
                storage,
                update={
                    "use": storage.use.model_copy(
                        update={
                            "only": renamed(storage.use.only),
                            "ignored": renamed(storage.use.ignored),
                        }
                    ),
                    "clearing": clearing
                    and clearing.model_copy(update={"disks": renamed(clearing.disks)}),
                    "partitions": tuple(
                        _on_lasting_disk(partition, lasting) for partition in storage.partitions
                    ),
                },
            )
        }
    )


def _on_lasting_disk(partition: Partition, lasting: dict[str, str]) -> Partition:
    if partition.disk is None:
        return partition
    return partition.model_copy(update={"disk": lasting.get(partition.disk, partition.disk)})
