"""Search in the whole library, from any location."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from tests.support.app import put_cursor_on, running, said, screen_of, screen_text, settled, until
from tests.support.server import ServerProcess
from tests.support.work import Worker
from tui.screens.main import MainScreen
from tui.screens.menu import offered
from tui.screens.prompt import Prompt
from tui.screens.send import SendDialog
from tui.widgets.field import Field


async def find(pilot: Pilot[Any], main: MainScreen, text: str) -> list[str]:
    """Searches for ``text`` and returns the names shown."""
    await pilot.press("ctrl+f")
    ask = await screen_of(pilot, Prompt)
    ask.query_one("#typed", Field).value = text
    await pilot.press("enter")
    await until(pilot, lambda: main.place is not None and (main.place.kind, main.place.id) == ("found", text))
    await settled(pilot)
    return [row.name for row in main.table.rows]


async def test_the_key_is_called_what_the_button_is(sample_server: ServerProcess, tmp_path: Path) -> None:
    """In the footer, in the help and in the palette."""
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, _):
        await pilot.press("ctrl+f")
        ask = await screen_of(pilot, Prompt)
        assert str(ask.query_one("#keep", Button).label) == "Find"
        await until(pilot, lambda: " ^s Find " in screen_text(pilot), "the footer")
        assert [offer.command.title for offer in offered(ask) if offer.command.id == "keep"] == ["Find"]


@pytest.mark.parametrize("text", ["share agree", "DJONES", "memo", "10", "nothing-has-this"])
async def test_it_finds_what_the_server_finds(
    text: str, sample_server: ServerProcess, tmp_path: Path
) -> None:
    """Search matches name, author, class and number, prefixes too, newest first."""
    with Worker(sample_server) as worker:
        documents = worker.items("documents", anywhere=text, limit=200)
    expected = [f"{document['name']}.{document['extension']}" for document in documents]
    async with running(sample_server, tmp_path, size=(120, 40)) as (pilot, main):
        assert await find(pilot, main, text) == expected
        assert bool(expected) is (text != "nothing-has-this")


async def test_what_was_found_is_sent_and_one_goes_back(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        app = pilot.app
        before = main.place
        assert "Share Purchase Agreement.docx" in await find(pilot, main, "share purch")
        put_cursor_on(main, "Share Purchase Agreement.docx")
        await pilot.press("space", "s")
        dialog = await screen_of(pilot, SendDialog)
        await pilot.press("escape")
        await until(pilot, lambda: dialog not in app.screen_stack)
        # The last search is still in the field, ready to be edited.
        await pilot.press("ctrl+f")
        ask = await screen_of(pilot, Prompt)
        assert ask.query_one("#typed", Field).value == "share purch"
        await pilot.press("escape", "backspace")
        await until(pilot, lambda: main.place == before)


async def test_escape_goes_back_as_the_footer_says(sample_server: ServerProcess, tmp_path: Path) -> None:
    """Before that, it ends the filter and clears the selection, as in every list."""
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        before = main.place
        await find(pilot, main, "share purch")
        assert "esc Back" in screen_text(pilot).splitlines()[-1]
        await pilot.press("space", "escape")
        assert main.kind == "found"
        assert not main.table.selected
        await pilot.press("escape")
        await until(pilot, lambda: main.place == before)
        assert "esc Back" not in screen_text(pilot).splitlines()[-1]


async def test_an_id_as_it_is_shown_finds_its_document(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with running(sample_server, tmp_path, size=(120, 40)) as (pilot, main):
        await find(pilot, main, "share purch")
        document = main.table.rows[0].data
        for text in (document.id, document.id.rpartition(".")[0]):
            await find(pilot, main, text)
            assert [row.data.id for row in main.table.rows] == [document.id]


async def test_what_has_no_word_is_refused(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        app = pilot.app
        before = main.place
        await pilot.press("ctrl+f")
        ask = await screen_of(pilot, Prompt)
        for text in ("%", "[/]", " - "):
            ask.query_one("#typed", Field).value = text
            await pilot.press("enter")
            assert app.screen is ask
            assert said(ask, "#said") == "There is nothing to search for; type a word."
        # The field takes no more text than the server does.
        ask.query_one("#typed", Field).value = "a" * 995
        await pilot.press(*"a" * 15)
        assert len(ask.query_one("#typed", Field).value) == 1000
        # Nothing is lost that would be worth asking about.
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is main)
        assert main.place == before


async def test_what_was_said_of_a_place_is_not_said_of_the_next(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        await find(pilot, main, "letter intent")
        await pilot.press("v")
        await until(pilot, lambda: "only one version" in said(main))
        await pilot.press("f5")
        await settled(pilot)
        await pilot.press("backspace")
        await until(pilot, lambda: main.kind != "found")
        assert said(main) == ""
