"""The page on which the disks are chosen, with everything known about each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import urwid

from config_tui.kit import theme
from config_tui.kit.dialog import Button, DialogStack, button_row
from config_tui.kit.table import Column, Row, Table
from installer.machine.model import Disk, Machine, in_words
from installer.probe_verb import contents_in_short, contents_of
from installer.screens.draft import Draft

_COLUMNS = (
    Column("Disk", least=7),
    Column("Size", least=8, right=True),
    Column("Model", least=8),
    Column("Serial", least=6),
    Column("On it now", least=10),
)
_DETAIL_ROWS = 7


class DisksPage:
    """Space ticks a disk; several are mirrored. Below the table is all about the one in focus."""

    title = "Disks"

    def __init__(
        self,
        machine: Machine,
        stack: DialogStack,
        take: Callable[[dict[str, Any]], None],
        back: Callable[[], None],
    ) -> None:
        """Nothing is ticked at first: a disk is never chosen for somebody."""
        self._machine = machine
        self._take = take
        self._back = back
        self.ticked: set[str] = set()
        rows = [
            Row(
                disk.name,
                (disk.name, in_words(disk.size), disk.model, disk.serial, contents_in_short(disk)),
                _reason(disk),
            )
            for disk in machine.disks
        ]
        self._table = Table(_COLUMNS, rows, ticked=self.ticked, on_ticked=lambda _: self._refresh())
        self._summary = urwid.Text("")
        self._detail = urwid.Text("")
        self._next = Button("Next", self._submit)
        buttons = button_row([self._next, Button("Back", back)])
        introduction = "Tick the disk to install on with space; tick two to mirror them (RAID 1)."
        if not machine.disks:
            introduction = (
                "No disk was found on this machine: look at cables and firmware settings."
            )
        self._pile = urwid.Pile(
            [
                ("pack", urwid.Text(introduction)),
                ("pack", urwid.Divider()),
                self._table,
                ("pack", urwid.Divider()),
                (_DETAIL_ROWS, urwid.Filler(self._detail, "top")),
                ("pack", self._summary),
                ("pack", urwid.Divider()),
                ("pack", buttons),
            ]
        )
        self._areas = (2, 7) if machine.disks else (7,)
        self._pile.focus_position = self._areas[0]
        self._buttons = buttons
        self.widget: urwid.Widget = _Keys(self._pile, self)
        self._refresh()

    def enter(self, draft: Draft) -> None:
        """The ticks stay as they were."""

    def _refresh(self) -> None:
        mark = theme.current().glyphs.warning
        chosen = self._chosen()
        if not chosen:
            text: Any = ("help", "No disk is ticked.")
        elif len(chosen) == 1:
            text = f"The host goes on {chosen[0].name}. Everything on it will be erased."
        else:
            names = ", ".join(disk.name for disk in chosen)
            smallest = min(disk.size for disk in chosen)
            text = (
                f"The host goes on {names}, mirrored ({in_words(smallest)} usable); each boots "
                "alone. Everything on them will be erased."
            )
            if max(disk.size for disk in chosen) > smallest * 11 // 10:
                text = [text, ("warning", f"\n{mark} Their sizes differ; the rest is not used.")]
        self._summary.set_text(text)
        self._next.enable(bool(chosen))

    def show_detail(self) -> None:
        """Tell everything about the disk in focus."""
        key = self._table.focus_key
        if key is None:
            return
        disk = self._machine.disk(key)
        about = " ".join(part for part in (disk.vendor, disk.model) if part) or "unknown"
        kind = "rotating" if disk.rotational else "solid state or virtual"
        contents = contents_of(disk)
        shown = contents[: _DETAIL_ROWS - 4]
        more = f" (and {len(contents) - len(shown)} more)" if len(contents) > len(shown) else ""
        self._detail.set_text(
            [
                ("heading", f"{disk.path}"),
                f"  {in_words(disk.size)}, {disk.sector_size} byte sectors, "
                f"{disk.transport or '-'}, {kind}\n",
                f"Model {about}, serial {disk.serial or '-'}, WWN {disk.wwn or '-'}\n",
                ("dim", f"{disk.lasting_path}\n"),
                f"On it now: {'; '.join(shown)}{more}",
            ]
        )

    def _chosen(self) -> tuple[Disk, ...]:
        return tuple(disk for disk in self._machine.disks if disk.name in self.ticked)

    def _submit(self) -> None:
        chosen = self._chosen()
        if chosen:
            self._take({"disks": tuple(disk.name for disk in chosen)})

    def keypress(self, key: str) -> str | None:
        """Tab goes between table and buttons, Enter on a disk goes on, Esc goes back."""
        if key == "esc":
            self._back()
            return None
        if key in ("tab", "shift tab"):
            stops = [
                (area, place) for area in self._areas for place in range(2 if area == 7 else 1)
            ]
            area = self._pile.focus_position
            here = (area, self._buttons.focus_position if area == 7 else 0)
            step = 1 if key == "tab" else -1
            area, place = stops[(stops.index(here) + step) % len(stops)]
            self._pile.focus_position = area
            if area == 7:
                self._buttons.focus_position = place
            return None
        if key == "enter" and self._pile.focus_position == 2 and self._chosen():
            self._pile.focus_position = 7
            self._buttons.focus_position = 0
            return None
        return key


class _Keys(urwid.WidgetWrap[Any]):
    """Gives the page the keys that its parts leave, and draws the detail of what has the focus."""

    def __init__(self, pile: urwid.Pile, page: DisksPage) -> None:
        self._page = page
        super().__init__(pile)

    def keypress(self, size: Any, key: str) -> str | None:
        if self._page.keypress(key) is None:
            return None
        left: str | None = super().keypress(size, key)
        return left

    def render(self, size: Any, focus: bool = False) -> urwid.Canvas:
        self._page.show_detail()
        canvas: urwid.Canvas = super().render(size, focus)
        return canvas


def _reason(disk: Disk) -> str:
    """Why a disk cannot be chosen; empty when it can."""
    if disk.install_medium:
        return "This is the install medium."
    if disk.read_only:
        return "This disk is read-only."
    used = [at for at in disk.used_at if not at.startswith("/mnt/sysroot")]
    if used:
        return f"In use: mounted at {', '.join(used)}."
    return ""
