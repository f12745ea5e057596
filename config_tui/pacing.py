"""How often a screen looks at the whole host: often while somebody is there, seldom otherwise.

A host has several consoles, and mostly nobody is at any of them; looking must not become work that
its guests go without. What a console shows is never much older than half a minute all the same.
"""

from __future__ import annotations

_WATCHED, _UNWATCHED = 5.0, 30.0  # seconds between looks
_SOMEBODY_IS_THERE = 120.0  # seconds after a key
_PAUSE_OVER_LOOK = 9.0  # a look that takes long is made less often


def pause_between_looks(lasted: float, untouched: float) -> float:
    """Seconds to leave before the next look, when the last one ``lasted`` so many.

    ``untouched`` are the seconds since somebody pressed a key.
    """
    if untouched >= _SOMEBODY_IS_THERE:
        return _UNWATCHED
    return min(max(_WATCHED, _PAUSE_OVER_LOOK * lasted), _UNWATCHED)
