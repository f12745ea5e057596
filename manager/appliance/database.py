"""PostgreSQL's cluster on the data disk: made once, configured anew at every start.

It answers on a local socket only, to the system's own users (peer authentication): there is no
password to be known. Sources: PostgreSQL's manual, "Server Setup and Operation" and "Resource
Consumption".
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from foundation.atomic_file import write_atomically
from foundation.failure import Failure
from foundation.process import Completed, run
from manager.appliance.places import DATABASE_NAME, DATABASE_USER, MANAGER_USER, Places

SOCKET_FOLDER = Path("/run/flexvdi-database")
URL = f"postgresql://{MANAGER_USER}@/{DATABASE_NAME}?host={SOCKET_FOLDER}"
_INITDB_TIMEOUT = 1800.0
_LEAST_BUFFERS, _MOST_BUFFERS = 32, 256
# Where the base says that PostgreSQL's programs are.
_PLACE = "postgresql"

# Only who is that user of the system is that user of the database. The Manager's task engine looks
# into the database "postgres" for whether its own exists.
_WHO_MAY = f"""\
local all {DATABASE_USER} peer
local {DATABASE_NAME},postgres {MANAGER_USER} peer
"""


def programs(places: Places, places_of_base: dict[str, str]) -> Path:
    """The folder of initdb, postgres and psql."""
    return places.root / places_of_base[_PLACE]


def cluster(places: Places) -> Path:
    """The cluster's folder."""
    return places.databases / "cluster"


def make_cluster(places: Places, folder: Path) -> bool:
    """Make the cluster with the programs in ``folder``, unless it is there; whether it was made.

    Raises Failure when it is of another major version than the programs.
    """
    place = cluster(places)
    if place.exists():
        _check_version(place, folder)
        return False
    new = place.with_name("cluster.new")
    if new.exists():
        shutil.rmtree(new)
    _as_database_user(
        [
            str(folder / "initdb"),
            f"--pgdata={new}",
            "--auth=peer",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--data-checksums",
        ],
        timeout=_INITDB_TIMEOUT,
    )
    new.rename(place)
    return True


def configure(places: Places, memory: int) -> None:
    """Write the cluster's configuration for a machine with ``memory`` MiB."""
    for name, text in (("postgresql.conf", configuration(memory)), ("pg_hba.conf", _WHO_MAY)):
        path = cluster(places) / name
        write_atomically(path, text, 0o600)
        shutil.chown(path, DATABASE_USER, DATABASE_USER)


def configuration(memory: int) -> str:
    """``postgresql.conf``: little memory, nothing of replication, safe against power cuts."""
    buffers = max(_LEAST_BUFFERS, min(_MOST_BUFFERS, memory // 16))
    settings = {
        "listen_addresses": "''",
        "unix_socket_directories": f"'{SOCKET_FOLDER}'",
        "max_connections": "100",
        "shared_buffers": f"{buffers}MB",
        "effective_cache_size": f"{memory // 4}MB",
        "work_mem": "4MB",
        "maintenance_work_mem": "32MB",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_wal_size": "256MB",
        "checkpoint_completion_target": "0.9",
        "jit": "off",
        "max_parallel_workers_per_gather": "0",
        "autovacuum_max_workers": "1",
        "idle_in_transaction_session_timeout": "5min",
        "log_destination": "'stderr'",
        "log_line_prefix": "'%u@%d '",
        "log_timezone": "'UTC'",
        "timezone": "'UTC'",
        "log_min_duration_statement": "2s",
    }
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
    return f"# Written at every start of the appliance; what is changed here is lost.\n{lines}"


def make_database(folder: Path) -> None:
    """Make the Manager's user and database in the running server, unless they are there."""
    known = _ask(folder, f"SELECT 1 FROM pg_roles WHERE rolname = '{MANAGER_USER}'")
    if not known:
        _ask(folder, f'CREATE ROLE "{MANAGER_USER}" LOGIN')
    known = _ask(folder, f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE_NAME}'")
    if not known:
        _ask(folder, f'CREATE DATABASE {DATABASE_NAME} OWNER "{MANAGER_USER}"')


def dump(folder: Path, target: Path) -> None:
    """Copy the Manager's database into the new file ``target`` (pg_dump's custom format).

    It is written by the database's user, below the folder of databases, and moved then.
    """
    staged = target.with_name(f".{target.name}.new")
    staged.unlink(missing_ok=True)
    staged.touch(mode=0o600)
    shutil.chown(staged, DATABASE_USER, DATABASE_USER)
    argv = [str(folder / "pg_dump"), f"--host={SOCKET_FOLDER}", "--format=custom", "--no-password"]
    _as_database_user([*argv, f"--file={staged}", DATABASE_NAME], timeout=_INITDB_TIMEOUT)
    shutil.chown(staged, "root", "root")
    staged.rename(target)


def memory_of_this_machine() -> int:
    """MiB of memory, as the kernel counts them (proc_meminfo(5))."""
    total = re.search(r"^MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    assert total is not None
    return int(total.group(1)) // 1024


def _check_version(place: Path, folder: Path) -> None:
    found = (place / "PG_VERSION").read_text().strip()
    said = run([str(folder / "postgres"), "--version"]).stdout
    ours = re.search(r"\) (\d+)", said)
    if ours is None or ours.group(1) != found:
        raise Failure(
            f"The data are of PostgreSQL {found}; this image has {said.strip() or 'another one'}.",
            "Nothing was changed. Start the image that these data are of, make a backup in it, and "
            "restore that into a new Manager of this image.",
        )


def _ask(folder: Path, statement: str) -> str:
    argv = [
        str(folder / "psql"),
        f"--host={SOCKET_FOLDER}",
        "--no-psqlrc",
        "--tuples-only",
        "--no-align",
        "--set=ON_ERROR_STOP=1",
        "postgres",
    ]
    done = _as_database_user(argv, input_text=f"{statement};\n")
    return done.stdout.strip()


def _as_database_user(
    argv: list[str], *, input_text: str | None = None, timeout: float = 120.0
) -> Completed:
    return run(
        ["runuser", "--user", DATABASE_USER, "--", *argv],
        input_text=input_text,
        timeout=timeout,
        working_directory="/",
    )
