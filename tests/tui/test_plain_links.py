"""The links alone on the screen, for selecting them by hand (T2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.support.app import app_for, main_screen, open_sent_folder, said, screen_of, settled, until
from tests.support.publish import publish
from tests.support.server import ServerProcess
from tui.config.preferences import Preferences
from tui.screens.plain_links import PlainLinks


def shown(pilot: Pilot[Any]) -> list[str]:
    return [strip.text.rstrip() for strip in pilot.app.screen._compositor.render_strips()]


async def test_they_are_one_a_line_as_they_would_be_copied(
    fresh_server: ServerProcess, tmp_path: Path
) -> None:
    links = {name: publish(fresh_server, b"x", name)["url"] for name in ("One.pdf", "Two.pdf")}
    wanted = Preferences(copy_format="names")
    app = app_for(fresh_server, tmp_path, demo=False, preferences=wanted)
    async with app.run_test(size=(100, 24)) as pilot:
        main = await main_screen(pilot)
        await open_sent_folder(pilot, main)
        await settled(pilot)
        names = [row.data.name for row in main.table.rows]
        await pilot.press("asterisk", "C")
        await screen_of(pilot, PlainLinks)
        await pilot.pause()
        lines = shown(pilot)
        assert lines[: len(names)] == [f"{name}: {links[name]}" for name in names]
        assert not any("│" in line for line in lines)
        assert set(lines[len(names) : -1]) == {""}
        await pilot.press("escape")
        assert app.screen is main


async def test_a_long_link_is_shown_whole(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """On a narrow screen it continues at the very beginning of the next line."""
    url = publish(fresh_server, b"x", "One.pdf")["url"]
    app = app_for(fresh_server, tmp_path, demo=False)
    async with app.run_test(size=(40, 12)) as pilot:
        main = await main_screen(pilot)
        await open_sent_folder(pilot, main)
        await settled(pilot)
        await pilot.press("C")
        await screen_of(pilot, PlainLinks)
        await pilot.pause()
        assert "".join(shown(pilot)[:-1]) == url


async def test_the_list_names_its_key_after_a_copy_that_cannot_be_confirmed(
    fresh_server: ServerProcess, tmp_path: Path
) -> None:
    """The list itself shows no links that could be selected."""
    publish(fresh_server, b"x", "One.pdf")
    app = app_for(fresh_server, tmp_path, demo=False)
    async with app.run_test(size=(100, 24)) as pilot:
        main = await main_screen(pilot)
        await open_sent_folder(pilot, main)
        await settled(pilot)
        await pilot.press("c")
        await until(pilot, lambda: "can't be confirmed" in said(main))
        assert "If not, C shows the links alone." in said(main)
        assert "on the screen" not in said(main)
