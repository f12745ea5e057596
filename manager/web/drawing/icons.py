"""The dashboard's icons: outlines on a 24 × 24 grid, drawn into the page itself."""

from __future__ import annotations

from markupsafe import Markup

# SVG path data; drawn as lines in the text's own colour (parts.css).
PATHS: dict[str, str] = {
    "about": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5.5M12 7.6v.1",
    "account": "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20c.8-3.7 3.8-5.5 7.5-5.5s6.7 1.8 7.5 5.5",
    "administrators": "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 19c.6-3.2 3-5 6.5-5s5.9 1.8 "
    "6.5 5M16 5.3a3.3 3.3 0 0 1 0 6.4M18 14.4c1.9.7 3.1 2.3 3.5 4.6",
    "arrow": "M5 12h14M13 6l6 6-6 6",
    "audit": "M7 3h7l5 5v13H7zM14 3v5h5M10 13h6M10 17h4",
    "backup": "M4 5h16v4H4zM5.5 9v10h13V9M10 13h4",
    "bad": "M12 3 2.5 20h19zM12 10v4.5M12 17.4v.1",
    "busy": "M12 3a9 9 0 1 1-8.5 6M12 7v5l3 2",
    "close": "M6 6l12 12M18 6 6 18",
    "copy": "M9 9h11v11H9zM5 15H4V4h11v1",
    "directory": "M4 5h6l2 2.5h8V19H4zM8 15.5c.4-1.7 1.6-2.5 4-2.5s3.6.8 4 2.5M12 9.5v.1",
    "event": "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15zM10 21h4",
    "good": "M5 12.5l4.5 4.5L19 7",
    "guest": "M3 5h18v11H3zM9 20h6M12 16v4",
    "host": "M4 4h16v6H4zM4 14h16v6H4zM7.5 7v.1M7.5 17v.1M11 7h6M11 17h6",
    "idle": "M6 12h12",
    "join": "M12 5v14M5 12h14",
    "key": "M8.5 11a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM11.7 12.3 20 4M16 8l3 3",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "out": "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
    "overview": "M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z",
    "settings": "M4 7h10M18 7h2M4 17h2M10 17h10M16 4.8v4.4M8 14.8v4.4",
    "task": "M4 6h2M4 12h2M4 18h2M10 6h10M10 12h10M10 18h10",
    "theme": "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
    "warn": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.5v6M12 16.4v.1",
}


def icon(name: str) -> Markup:
    """The drawing ``name``, hidden from screen readers: words beside it say the same."""
    return Markup(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>'
    ).format(PATHS[name])
