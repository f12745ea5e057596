"""The libvirt domain of a Manager, from its descriptor (libvirt.org/formatdomain.html).

The same descriptor, folder and host make the same text, so a definition can be compared with what
libvirt keeps, and a Manager can be defined anew on any host that has its folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

from host.deployment.descriptor import Kept, ManagerDescriptor

NAMESPACE = "https://flexvdi.org/xml/manager/1"
CONSOLE_LOG = "/var/log/libvirt/qemu/{name}-serial.log"
# What the start before the last has said is beside it (host.machine.manager.domains).
CONSOLE_LOGS = (CONSOLE_LOG, f"{CONSOLE_LOG}.previous")
_PREFIX = "flexvdi"

# Fixed for all appliances: what the image has drivers for, on every base's QEMU.
_MACHINE = "q35"
_WATCHDOG = "i6300esb"

Element = ElementTree.Element


@dataclass(frozen=True)
class Hypervisor:
    """What differs from host to host: how guests run there."""

    accelerator: Literal["kvm", "tcg"]


def domain_xml(kept: Kept, hypervisor: Hypervisor) -> str:
    """The definition, indented."""
    descriptor = kept.descriptor
    kvm = hypervisor.accelerator == "kvm"
    domain = _new("domain", type="kvm" if kvm else "qemu")
    _text(domain, "name", descriptor.name)
    _text(domain, "uuid", descriptor.id)
    _text(domain, "title", "flexVDI Manager")
    domain.append(_metadata(kept))
    _text(domain, "memory", str(descriptor.memory), unit="MiB")
    _text(domain, "vcpu", str(descriptor.vcpus))
    system = _new("os")
    _text(system, "type", "hvm", arch="x86_64", machine=_MACHINE)
    system.append(_new("boot", dev="hd"))
    domain.append(system)
    features = _new("features")
    features.extend((_new("acpi"), _new("apic")))
    domain.append(features)
    # A model that all hosts of a platform can agree on when the guest moves; emulated, the best.
    domain.append(_new("cpu", mode="host-model" if kvm else "maximum"))
    domain.append(_new("clock", offset="utc"))
    for event, action in (("poweroff", "destroy"), ("reboot", "restart"), ("crash", "restart")):
        _text(domain, f"on_{event}", action)
    domain.append(_devices(kept))
    ElementTree.indent(domain)
    return ElementTree.tostring(domain, encoding="unicode") + "\n"


def descriptor_id_of(xml: str) -> str:
    """The descriptor that a domain belongs to; empty for guests that are no Manager of ours."""
    manager = ElementTree.fromstring(xml).find(f"./metadata/{{{NAMESPACE}}}manager")
    return manager.get("descriptor", "") if manager is not None else ""


def _metadata(kept: Kept) -> Element:
    """Whose guest this is; libvirt keeps it for us."""
    ElementTree.register_namespace(_PREFIX, NAMESPACE)
    metadata = _new("metadata")
    manager = ElementTree.SubElement(metadata, f"{{{NAMESPACE}}}manager")
    manager.set("descriptor", kept.descriptor.id)
    manager.set("folder", kept.folder)
    return metadata


def _devices(kept: Kept) -> Element:
    descriptor = kept.descriptor
    devices = _new("devices")
    devices.append(_disk(kept.path(descriptor.system), "vda", "flexvdi-system", descriptor))
    devices.append(_disk(kept.path(descriptor.data), "vdb", "flexvdi-data", descriptor))
    seed = _new("disk", type="file", device="cdrom")
    seed.extend(
        (
            _new("driver", name="qemu", type="raw"),
            _new("source", file=kept.path(descriptor.seed)),
            _new("target", dev="sda", bus="sata"),
            _new("readonly"),
        )
    )
    devices.append(seed)
    devices.append(_interface(descriptor))
    devices.extend(_lines(descriptor))
    devices.extend(_screen(descriptor))
    devices.append(_new("watchdog", model=_WATCHDOG, action="reset"))
    balloon = _new("memballoon", model="virtio")
    balloon.append(_new("stats", period="10"))
    devices.append(balloon)
    entropy = _new("rng", model="virtio")
    _text(entropy, "backend", "/dev/urandom", model="random")
    devices.append(entropy)
    return devices


def _disk(path: str, target: str, serial: str, descriptor: ManagerDescriptor) -> Element:
    """A virtio disk; ``serial`` names it inside of the guest, whatever its place is."""
    disk = _new("disk", type="file", device="disk")
    # Without the host's cache where its filesystem can do that: safe to move while it runs.
    cache = "none" if descriptor.direct else "writeback"
    disk.extend(
        (
            _new("driver", name="qemu", type="qcow2", cache=cache, discard="unmap"),
            _new("source", file=path),
            _new("target", dev=target, bus="virtio"),
        )
    )
    _text(disk, "serial", serial)
    return disk


def _interface(descriptor: ManagerDescriptor) -> Element:
    interface = _new("interface", type="bridge")
    interface.extend(
        (
            _new("mac", address=descriptor.mac),
            _new("source", bridge=descriptor.bridge),
            _new("model", type="virtio"),
        )
    )
    return interface


def _lines(descriptor: ManagerDescriptor) -> tuple[Element, ...]:
    """The serial console, kept in a log as well, and the channel of the guest agent."""
    serial = _new("serial", type="pty")
    log = CONSOLE_LOG.format(name=descriptor.name)
    serial.extend((_new("log", file=log, append="on"), _new("target", port="0")))
    console = _new("console", type="pty")
    console.extend((_new("log", file=log, append="on"), _new("target", type="serial", port="0")))
    agent = _new("channel", type="unix")
    agent.append(_new("target", type="virtio", name="org.qemu.guest_agent.0"))
    return serial, console, agent


def _screen(descriptor: ManagerDescriptor) -> tuple[Element, ...]:
    """On this host's loopback only: whoever may log in here may see it."""
    if descriptor.display == "none":
        return ()
    graphics = _new("graphics", type=descriptor.display, autoport="yes", listen="127.0.0.1")
    graphics.append(_new("listen", type="address", address="127.0.0.1"))
    video = _new("video")
    video.append(_new("model", type="vga"))
    return graphics, video


def _new(tag: str, /, **attributes: str) -> Element:
    return Element(tag, attributes)


def _text(parent: Element, tag: str, text: str, /, **attributes: str) -> None:
    ElementTree.SubElement(parent, tag, attributes).text = text
