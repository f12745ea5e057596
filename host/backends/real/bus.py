"""Calls to system services over D-Bus, as plain blocking calls for worker threads.

Every call opens what it needs and gives up after its timeout, so that a service that hangs costs
one thread some seconds and nothing else.
"""

from __future__ import annotations

from typing import Any

from jeepney import DBusAddress, DBusErrorResponse, Properties, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from foundation.failure import Failure

DEFAULT_TIMEOUT = 20.0


class BusFailure(Failure):
    """A call that failed; ``error`` is the D-Bus name of the error, empty when none came."""

    def __init__(self, cause: str, remedy: str, error: str = "") -> None:
        """As Failure, with the error's name."""
        super().__init__(cause, remedy)
        self.error = error


class Bus:
    """A connection to the system bus; use it as a context manager, in one thread."""

    def __init__(self, timeout: float = DEFAULT_TIMEOUT) -> None:
        """``timeout`` in seconds holds for each call, and for the bus to let us in.

        Raises BusFailure without a bus.
        """
        self._timeout = timeout
        try:
            # jeepney itself would give a busy machine one second.
            self._connection: DBusConnection = open_dbus_connection(
                bus="SYSTEM", auth_timeout=timeout
            )
        except (OSError, EOFError) as error:
            raise BusFailure(
                "The system bus (D-Bus) does not answer.",
                "See `systemctl status dbus`.",
            ) from error

    def __enter__(self) -> Bus:
        """The bus itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the connection."""
        self._connection.close()

    def call(
        self,
        service: Service,
        method: str,
        signature: str = "",
        *arguments: Any,
        path: str = "",
        interface: str = "",
    ) -> Any:
        """Call ``method``; returns what it answers: None, one value, or a tuple of several."""
        message = new_method_call(service.at(path, interface), method, signature or None, arguments)
        return self._ask(service, message)

    def get(self, service: Service, name: str, *, path: str = "", interface: str = "") -> Any:
        """The value of a property."""
        message = Properties(service.at(path, interface)).get(name)
        _signature, value = self._ask(service, message)
        return value

    def _ask(self, service: Service, message: Any) -> Any:
        try:
            reply = self._connection.send_and_get_reply(message, timeout=self._timeout)
            body = _body(reply)
        except DBusErrorResponse as error:
            raise _failure(service, error) from error
        except TimeoutError as error:
            raise BusFailure(
                f"{service.title} did not answer within {self._timeout:.0f} s.",
                f"See `systemctl status {service.unit}`.",
            ) from error
        except (OSError, EOFError) as error:
            raise BusFailure(
                "The connection to the system bus broke.", "See `systemctl status dbus`."
            ) from error
        return body[0] if len(body) == 1 else (body or None)


class Service:
    """A service on the bus: its name, main object and interface, and its systemd unit."""

    def __init__(self, title: str, name: str, path: str, unit: str, interface: str = "") -> None:
        """``title`` is what people call it."""
        self.title = title
        self.name = name
        self.path = path
        self.unit = unit
        self.interface = interface or name

    def at(self, path: str = "", interface: str = "") -> DBusAddress:
        """The address of one of its objects."""
        return DBusAddress(path or self.path, self.name, interface or self.interface)


MESSAGE_BUS = Service("The system bus", "org.freedesktop.DBus", "/org/freedesktop/DBus", "dbus")
NETWORK_MANAGER = Service(
    "NetworkManager",
    "org.freedesktop.NetworkManager",
    "/org/freedesktop/NetworkManager",
    "NetworkManager",
)
HOSTNAMED = Service(
    "systemd-hostnamed",
    "org.freedesktop.hostname1",
    "/org/freedesktop/hostname1",
    "systemd-hostnamed",
)
TIMEDATED = Service(
    "systemd-timedated",
    "org.freedesktop.timedate1",
    "/org/freedesktop/timedate1",
    "systemd-timedated",
)
LOGIND = Service(
    "systemd-logind",
    "org.freedesktop.login1",
    "/org/freedesktop/login1",
    "systemd-logind",
    "org.freedesktop.login1.Manager",
)
SYSTEMD = Service(
    "systemd",
    "org.freedesktop.systemd1",
    "/org/freedesktop/systemd1",
    "init.scope",
    "org.freedesktop.systemd1.Manager",
)

_NOT_THERE = (
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.Spawn.ExecFailed",
    "org.freedesktop.DBus.Error.Spawn.ServiceNotFound",
)
_REFUSED = (
    "org.freedesktop.DBus.Error.AccessDenied",
    "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
    "org.freedesktop.NetworkManager.PermissionDenied",
)


def _body(reply: Any) -> tuple[Any, ...]:
    if reply.header.message_type.name == "error":
        raise DBusErrorResponse(reply)
    body: tuple[Any, ...] = reply.body
    return body


def _failure(service: Service, error: DBusErrorResponse) -> BusFailure:
    words = str(error.data[0]) if error.data else error.name
    if error.name in _NOT_THERE:
        return BusFailure(
            f"{service.title} is not running.",
            f"Start it with `systemctl start {service.unit}`.",
            error.name,
        )
    if error.name in _REFUSED:
        return BusFailure(f"{service.title} refuses this: {words}.", "Do it as root.", error.name)
    return BusFailure(
        f"{service.title} says: {words.rstrip('.')}.",
        f"See `journalctl -u {service.unit}`.",
        error.name,
    )
