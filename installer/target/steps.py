"""The steps that make the mounted, empty filesystems a host, in their order.

Scripts of the answers run between them: the engine places those.
"""

from __future__ import annotations

from installer.engine.step import Step
from installer.target.accounts import create_accounts
from installer.target.bootloader import install_bootloader
from installer.target.finishing import unmount_target
from installer.target.identity import configure
from installer.target.image_copy import copy_image, verify_image
from installer.target.installed_mark import leave_mark
from installer.target.manager_image import copy_manager_image

VERIFY_STEP = Step("verify-image", "Checking the image", verify_image, weight=4)

TARGET_STEPS = (
    Step("copy", "Copying the system", copy_image, destructive=True, weight=30),
    Step(
        "manager-image",
        "Copying the Manager's image",
        copy_manager_image,
        destructive=True,
        weight=4,
    ),
    Step("configure", "Configuring the host", configure, destructive=True, weight=2),
    Step("accounts", "Creating accounts", create_accounts, destructive=True),
    Step("bootloader", "Making the disks bootable", install_bootloader, destructive=True, weight=3),
    Step("mark", "Marking the disks as installed", leave_mark, destructive=True),
    Step("unmount", "Unmounting the new system", unmount_target, destructive=True),
)
