"""The links alone on the screen, for selecting them by hand (T2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    main_screen,
    open_sent_folder,
    put_cursor_on,
    resized,
    said,
    screen_of,
    settled,
    until,
)
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tui.config.preferences import Preferences
from tui.ui.draft.plain_links import PlainLinks


def shown(pilot: Pilot[Any]) -> list[str]:
    return [strip.text.rstrip() for strip in pilot.app.screen._compositor.render_strips()]


async def test_they_are_one_a_line_as_they_would_be_copied(
    fresh_server: ServerProcess, tmp_path: Path
) -> None:
    """The list, which shows no links that could be selected, names the key after a copy that can't be confirmed. On a
    narrow screen, a long link continues at the very beginning of the next line."""
    links = {name: publish(fresh_server, b"x", name)["url"] for name in ("One.pdf", "Two.pdf")}
    wanted = Preferences(copy_format="names")
    app = app_for(fresh_server, tmp_path, demo=False, preferences=wanted)
    async with app.run_test(size=(100, 24)) as pilot:
        main = await main_screen(pilot)
        await open_sent_folder(pilot, main)
        await settled(pilot)
        names = [row.data.name for row in main.table.rows]
        await pilot.press("c")
        await until(pilot, lambda: "can't be confirmed" in said(main))
        assert "If not, C shows the links alone." in said(main)
        assert "on the screen" not in said(main)
        await pilot.press("asterisk", "C")
        await screen_of(pilot, PlainLinks)
        await pilot.pause()
        lines = shown(pilot)
        assert lines[: len(names)] == [f"{name}: {links[name]}" for name in names]
        assert not any("│" in line for line in lines)
        assert set(lines[len(names) : -1]) == {""}
        await pilot.press("escape")
        assert app.screen is main
        await resized(pilot, 40, 12)
        main.table.clear_selection()
        put_cursor_on(main, "One.pdf")
        await pilot.press("C")
        await screen_of(pilot, PlainLinks)
        await pilot.pause()
        assert "".join(shown(pilot)[:-1]) == f"One.pdf: {links['One.pdf']}"
