"""The engine as a program: sets up folder, log and socket, then lets the conductor lead."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from foundation.command_line import EXIT_OK
from foundation.failure import Failure
from foundation.kernel_command_line import KernelCommandLine
from installer.engine.conductor import Conductor
from installer.engine.events import LogEvent
from installer.engine.hub import Hub
from installer.engine.installer_log import keep_log
from installer.engine.machinery import Machinery, Say
from installer.engine.server import Server
from installer.engine.traces import Traces

log = logging.getLogger("flexvdi.installer")


@dataclass(frozen=True)
class EngineOptions:
    """How an engine is started. ``simulate`` names a machine in JSON for a dry run.

    ``kickstart`` is a place as ``inst.ks=`` names it. ``kernel_arguments`` replace the kernel's
    command line; ``more_arguments`` come after it. ``pace`` is in seconds.
    """

    socket: Path
    folder: Path
    kickstart: str = ""
    kernel_arguments: str | None = None
    more_arguments: str = ""
    simulate: Path | None = None
    pace: float = 1.0
    fail_at: str = ""


@dataclass(frozen=True)
class Engine:
    """An engine at work. ``leave_when_done`` closes the socket once nothing more will happen."""

    conductor: Conductor
    server: Server
    thread: Thread

    def leave_when_done(self) -> None:
        """Hang up on the consoles when the conductor has come to its end."""

        def wait() -> None:
            self.thread.join()
            self.server.close()

        Thread(target=wait, name="end", daemon=True).start()


@contextmanager
def engine_at_work(options: EngineOptions) -> Iterator[Engine]:
    """An engine with its socket, for as long as the context lasts; raises Failure."""
    try:
        options.folder.mkdir(parents=True, exist_ok=True)
        options.folder.chmod(0o700)
    except OSError as error:
        raise Failure(
            f"The folder {options.folder} could not be made: {error.strerror}.",
            "Run it as root, or name another with --folder.",
        ) from error
    hub = Hub()
    log_path = keep_log(options.folder, hub.redact)
    conductor = Conductor(
        _machinery(options, hub), hub, options.folder, log_path, options.kickstart
    )
    server = Server(options.socket, hub, conductor.handle)
    thread = Thread(target=conductor.conduct, name="conductor", daemon=True)
    thread.start()
    try:
        yield Engine(conductor, server, thread)
    finally:
        server.close()


def serve(options: EngineOptions) -> int:
    """Run an engine until the machine goes down or a signal ends it.

    After the conductor's end the socket stays open, so that consoles can still read how it went.
    """
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with engine_at_work(options):
        stop.wait()
    return EXIT_OK


def _machinery(options: EngineOptions, hub: Hub) -> Machinery:
    command_line = _command_line(options)
    if options.simulate is not None:
        from installer.engine.simulation import Simulation, read_machine

        machine = read_machine(options.simulate)
        return Simulation(machine, options.folder, command_line, options.pace, options.fail_at)
    from installer.engine.real_machinery import RealMachinery

    return RealMachinery(command_line, Traces(options.folder, hub.redact), _teller(hub))


def _command_line(options: EngineOptions) -> KernelCommandLine:
    more = KernelCommandLine.parse(options.more_arguments).arguments
    if options.kernel_arguments is not None:
        given = KernelCommandLine.parse(options.kernel_arguments)
    elif options.simulate is not None:
        given = KernelCommandLine(())
    else:
        given = KernelCommandLine.of_this_machine()
    return KernelCommandLine((*given.arguments, *more))


def _teller(hub: Hub) -> Say:
    def say(line: str) -> None:
        log.info("%s", line)
        hub.publish(LogEvent(text=line))

    return say
