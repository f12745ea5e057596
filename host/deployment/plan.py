"""What deploying a Manager will do, before it is done: descriptor, definition, seed and steps."""

from __future__ import annotations

import base64
import secrets
import time
import uuid
from dataclasses import dataclass
from typing import Any, Literal

from foundation.secret import Secret
from host.deployment.appliance import Appliance
from host.deployment.descriptor import Kept, ManagerDescriptor
from host.deployment.domain_xml import Hypervisor, domain_xml
from host.deployment.seed import masked, seed_for, seed_texts
from host.document.deployment import DeploymentRequest

_MAC_PREFIX = "52:54:00"  # QEMU's


@dataclass(frozen=True)
class DeploymentPlan:
    """A deployment, ready to be carried out.

    The secrets are made here and nowhere else, so that a deployment that was interrupted goes on
    with those that the appliance was told.
    """

    request: DeploymentRequest
    image: Appliance
    kept: Kept
    hypervisor: Hypervisor
    join_token: Secret
    setup_secret: Secret

    @property
    def xml(self) -> str:
        """The domain's definition."""
        return domain_xml(self.kept, self.hypervisor)

    @property
    def seed(self) -> dict[str, str]:
        """The files of the seed, with secrets."""
        seed = seed_for(self.request, self.join_token, self.setup_secret)
        return seed_texts(self.kept.descriptor, seed)

    @property
    def data_disk(self) -> int:
        """Bytes."""
        return (self.request.data_disk or self.image.data_disk_gib) << 30

    @property
    def shown_seed(self) -> dict[str, str]:
        """The files of the seed, for eyes."""
        seed = seed_for(self.request, self.join_token, self.setup_secret)
        return masked(self.seed, seed)

    def steps(self) -> tuple[tuple[str, str], ...]:
        """Name and words of each step, in order."""
        request, image, kept = self.request, self.image, self.kept
        size = f"{image.size / (1 << 30):.2f} GiB"
        steps = [
            ("verify", f"Check the image {image.path} ({size}) against its manifest"),
            ("allocate", f"Make the folder {kept.folder}"),
            ("copy", f"Copy the image to {kept.path(kept.descriptor.system)}"),
            ("grow", f"Make the data disk, {self.data_disk >> 30} GiB for the guest"),
            ("seed", f"Tell the appliance its name and {kept.descriptor.address}, in a seed"),
            ("define", f"Define the guest {kept.descriptor.name} in libvirt"),
            ("start", "Start it"),
            ("wait", f"Wait until the Manager answers at https://{kept.descriptor.ip}"),
        ]
        if request.enrol:
            steps.append(("enrol", "Let this host join it"))
        steps.append(("record", "Keep its descriptor, and start it whenever this host starts"))
        return tuple(steps)

    def as_dict(self) -> dict[str, Any]:
        """Without secrets, as JSON-ready values."""
        return {
            "request": self.request.without_secrets(),
            "image": {"path": self.image.path, "version": self.image.version},
            "steps": [{"name": name, "title": title} for name, title in self.steps()],
            "domain": self.xml,
            "seed": self.shown_seed,
        }

    def facts(self) -> dict[str, Any]:
        """All of it for a job that may be resumed, secrets too."""
        return {
            "request": self.request.model_dump(mode="json"),
            "image": vars(self.image),
            "kept": self.kept.model_dump(mode="json"),
            "accelerator": self.hypervisor.accelerator,
            "join_token": self.join_token.reveal(),
            "setup_secret": self.setup_secret.reveal(),
        }


def plan_of_facts(facts: dict[str, Any]) -> DeploymentPlan:
    """The plan that a job was begun with."""
    return DeploymentPlan(
        request=DeploymentRequest(**facts["request"]),
        image=Appliance(**facts["image"]),
        kept=Kept(**facts["kept"]),
        hypervisor=Hypervisor(facts["accelerator"]),
        join_token=Secret(facts["join_token"]),
        setup_secret=Secret(facts["setup_secret"]),
    )


def make_plan(
    request: DeploymentRequest,
    image: Appliance,
    accelerator: Literal["kvm", "tcg"],
    display: Literal["spice", "vnc", "none"],
    direct: bool,
) -> DeploymentPlan:
    """A new plan; nothing is touched. ``direct`` is whether the storage knows O_DIRECT."""
    descriptor = ManagerDescriptor(
        id=str(uuid.uuid4()),
        name=request.name,
        hostname=request.hostname,
        address=request.address,
        gateway=request.gateway,
        dns=request.dns,
        time_servers=request.time_servers,
        ssh_keys=request.ssh_keys,
        version=image.version,
        base=image.base,
        mac=":".join((_MAC_PREFIX, *(f"{byte:02x}" for byte in secrets.token_bytes(3)))),
        bridge=request.bridge,
        vcpus=request.vcpus or image.vcpus,
        memory=request.memory or image.memory,
        display=display,
        direct=direct,
        autostart=request.autostart,
        created=time.time(),
    )
    return DeploymentPlan(
        request=request,
        image=image,
        kept=Kept(folder=request.place, descriptor=descriptor),
        hypervisor=Hypervisor(accelerator),
        join_token=Secret(base64.b32encode(secrets.token_bytes(20)).decode()),
        setup_secret=Secret(secrets.token_hex(16)),
    )
