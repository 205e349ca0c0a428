"""The motions of lists in dialogs: what scrolls, and what has a cursor, goes to its ends, by halves and by lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import OptionList

from tests.support.app.app import app_for, main_screen, put_cursor_on, screen_of, settled, until
from tests.support.servers.server import ServerProcess
from tui.ui.base.guides import Guides
from tui.ui.base.help import Help
from tui.ui.base.menu import Menu
from tui.ui.dialogs.details import Details
from tui.ui.widgets.scroll_box import ScrollBox
from tui.ui.widgets.table import Table


def place(widget: Widget) -> int:
    if isinstance(widget, Table):
        return widget.cursor
    return (widget.highlighted or 0) if isinstance(widget, OptionList) else round(widget.scroll_offset.y)


def last(widget: Widget) -> int:
    if isinstance(widget, Table):
        return len(widget.rows) - 1
    return widget.option_count - 1 if isinstance(widget, OptionList) else widget.max_scroll_y


async def moved_through(pilot: Pilot[Any], widget: Widget) -> None:
    await until(
        pilot, lambda: widget.has_focus and last(widget) > 1, f"something to move through in {widget}"
    )
    for keys, wanted in (
        ("G", last(widget)),
        ("k", last(widget) - 1),
        ("g g", 0),
        ("j", 1),
        ("ctrl+u", 0),
    ):
        await pilot.press(*keys.split())
        await until(pilot, lambda wanted=wanted: place(widget) == wanted, f"{keys} in {widget.screen}")
    await pilot.press("ctrl+d")
    await until(pilot, lambda: place(widget) > 0, f"ctrl+d in {widget.screen}")


async def test_in_every_kind_of_dialog(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with app_for(sample_server, tmp_path).run_test(size=(60, 14)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        put_cursor_on(main, "Share Purchase Agreement.docx")
        for keys, kind, what in (
            (("f1",), Help, ScrollBox),
            (("i",), Details, ScrollBox),
            (("f3",), Guides, OptionList),
            (("m",), Menu, OptionList),
        ):
            await pilot.press(*keys)
            dialog = await screen_of(pilot, kind)
            await until(pilot, lambda dialog=dialog, what=what: bool(dialog.query(what)))
            await moved_through(pilot, dialog.query(what).first(Widget))
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.screen is main)
