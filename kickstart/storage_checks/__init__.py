"""Whether the parts of a storage layout fit together, as far as can be told without a machine.

pykickstart looks at single lines only, and the installer's screens make layouts without it; so
both ask here. Every fault is a Failure at the line that caused it; each check of ``_CHECKS`` looks
for one kind of fault.
"""

from __future__ import annotations

from foundation.failure import Failure
from kickstart.install_plan import Storage
from kickstart.storage_checks import arrays, filesystems, volumes, whole

_CHECKS = (
    whole.says_something,
    whole.disks_are_allowed,
    filesystems.mount_points_are_sound,
    filesystems.filesystems_are_known,
    filesystems.sizes_are_given,
    filesystems.system_fits,
    arrays.partitions_are_distinct,
    arrays.required_is_not_repeated,
    arrays.arrays_hold_together,
    volumes.groups_hold_together,
    volumes.volumes_hold_together,
)


def check_storage(storage: Storage) -> list[Failure]:
    """Everything that is wrong with ``storage``; empty when it fits together."""
    return [failure for check in _CHECKS for failure in check(storage)]
