"""Whether the parts of a storage layout fit together."""

from __future__ import annotations

from foundation.failure import Failure
from kickstart.install_plan import Storage


def check_storage(storage: Storage) -> list[Failure]:
    """Everything that is wrong with ``storage`` as far as can be told without a machine."""
    return []
