"""All tables there are. An area's tables are known to migrations once they are imported here."""

from __future__ import annotations

import manager.access.tables
import manager.audit.tables
import manager.directory.tables
import manager.events.tables
import manager.guests.tables
import manager.hosts.tables
import manager.preferences.tables
import manager.tasks.tables
from manager.database.base import Base

metadata = Base.metadata

__all__ = ["manager", "metadata"]
