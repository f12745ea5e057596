"""libvirt's storage pools (host.machine.pools.Pools)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree

from foundation.failure import Failure
from host.storage_values import PoolStatus

_URI = "qemu:///system"
_REMEDY = "See `systemctl status libvirtd virtstoraged`."


class RealPools:
    """Pools of the libvirt of this machine."""

    def __init__(self, uri: str = _URI) -> None:
        """``uri`` is libvirt's."""
        self._uri = uri

    def pools(self) -> tuple[PoolStatus, ...]:
        """All pools, active or not."""
        with self._libvirt("listed") as connection:
            return tuple(
                sorted(map(_status, connection.listAllStoragePools()), key=lambda pool: pool.name)
            )

    def define(self, name: str, path: str) -> None:
        """Define, start, autostart; a pool that is as wanted is only started."""
        with self._libvirt(f"{name} be set up") as connection:
            pool = _find(connection, name)
            if pool is not None and _status(pool).path != path:
                if pool.isActive():
                    pool.destroy()
                pool.undefine()
                pool = None
            pool = pool or connection.storagePoolDefineXML(pool_xml(name, path))
            pool.setAutostart(True)
            if not pool.isActive():
                pool.create()
            pool.refresh()

    def remove(self, name: str) -> None:
        """Stop and undefine; files stay."""
        with self._libvirt(f"{name} be removed") as connection:
            pool = _find(connection, name)
            if pool is None:
                return
            if pool.isActive():
                pool.destroy()
            pool.undefine()

    @contextmanager
    def _libvirt(self, what: str) -> Iterator[Any]:
        try:
            import libvirt as binding
        except ImportError as error:
            raise Failure("libvirt's Python binding is missing.", _REMEDY) from error
        binding.registerErrorHandler(lambda _context, _error: None, None)
        try:
            connection = binding.open(self._uri)
            try:
                yield connection
            finally:
                connection.close()
        except binding.libvirtError as error:
            words = (error.get_error_message() or "no reason given").rstrip(".")
            raise Failure(
                f"libvirt's storage pools could not be reached, or {what}: {words}.", _REMEDY
            ) from error


def pool_xml(name: str, path: str) -> str:
    """A pool of a directory (libvirt.org/formatstorage.html)."""
    pool = ElementTree.Element("pool", type="dir")
    ElementTree.SubElement(pool, "name").text = name
    target = ElementTree.SubElement(pool, "target")
    ElementTree.SubElement(target, "path").text = path
    return ElementTree.tostring(pool, encoding="unicode")


def parse_pool(text: str) -> tuple[str, str]:
    """Kind and path of a pool's XML; empty where it says none."""
    pool = ElementTree.fromstring(text)
    return pool.get("type", ""), pool.findtext("target/path", "")


def _find(connection: Any, name: str) -> Any:
    return next((p for p in connection.listAllStoragePools() if p.name() == name), None)


def _status(pool: Any) -> PoolStatus:
    kind, path = parse_pool(pool.XMLDesc())
    _state, capacity, _allocation, free = pool.info()
    active, autostart = bool(pool.isActive()), bool(pool.autostart())
    return PoolStatus(pool.name(), kind, path, active, autostart, capacity, free)
