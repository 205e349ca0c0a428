"""The guides in the app: a list, links from one to the other, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widgets import Markdown, OptionList

from tests.support.app.app import app_for, main_screen, screen_of, settled, until
from tests.support.checks.long import some
from tests.support.servers.server import ServerProcess
from tui import guides
from tui.ui.base.guides import Guides
from tui.ui.base.help import Help


async def opened(pilot: Pilot[Any]) -> Guides:
    await main_screen(pilot)
    await settled(pilot)
    await pilot.press("question_mark")
    await screen_of(pilot, Help)
    await pilot.press("o")
    shown = await screen_of(pilot, Guides)
    await until(pilot, lambda: shown.query_one(OptionList).has_focus)
    return shown


async def showing(pilot: Pilot[Any], shown: Guides, topic: str) -> None:
    """Waits until a guide is shown."""

    def is_shown() -> bool:
        source = shown.query_one(Markdown).source
        return source == guides.read(topic) and shown.query_one(VerticalScroll).has_focus

    await until(pilot, is_shown, topic)


async def test_from_guide_to_guide_and_back(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with app_for(sample_server, tmp_path).run_test(size=(80, 24)) as pilot:
        shown = await opened(pilot)
        listed = shown.query_one(OptionList)
        assert [option.id for option in listed.options] == list(guides.TOPICS)
        assert shown.disabled_reason("previous_guide") == "This is the list of all guides."
        await pilot.press("j", "j", "j", "enter")
        await showing(pilot, shown, "sending")
        page = shown.query_one(VerticalScroll)
        await pilot.press("j", "j", "k")
        await until(pilot, lambda: page.scroll_y == 1)
        await pilot.press("pagedown")
        await until(pilot, lambda: page.scroll_y > 10)
        # Below it are those that it leads to.
        linked = guides.links("sending")
        assert linked
        assert [option.id for option in listed.options] == linked
        await pilot.press("tab", "down", "enter")
        await showing(pilot, shown, linked[min(1, len(linked) - 1)])
        assert page.scroll_y == 0
        await pilot.press("backspace")
        await showing(pilot, shown, "sending")
        await pilot.press("backspace")
        await until(pilot, lambda: listed.has_focus and listed.highlighted == guides.TOPICS.index("sending"))
        await pilot.press("escape")
        await screen_of(pilot, Help)


async def test_every_guide_can_be_shown(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with app_for(sample_server, tmp_path).run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        await settled(pilot)
        await pilot.press("f3")
        shown = await screen_of(pilot, Guides)
        for topic in some(6, guides.TOPICS):
            await shown.open_guide(topic)
            await showing(pilot, shown, topic)
        # A link that isn't one to a guide opens nothing.
        shown.query_one(Markdown).post_message(
            Markdown.LinkClicked(shown.query_one(Markdown), "https://example.com")
        )
        shown.query_one(Markdown).post_message(Markdown.LinkClicked(shown.query_one(Markdown), "sending.md"))
        await showing(pilot, shown, "sending")
