"""Search in the whole library, from any location."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Button

from tests.support.app.app import put_cursor_on, running, said, screen_of, screen_text, settled, until
from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.support.users.work import Worker
from tui.ui.base.menu import offered
from tui.ui.base.prompt import Prompt
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.widgets.field import Field


async def find(pilot: Pilot[Any], main: MainScreen, text: str) -> list[str]:
    """Searches for ``text`` and returns the names shown."""
    await pilot.press("ctrl+f")
    ask = await screen_of(pilot, Prompt)
    ask.query_one("#typed", Field).value = text
    await pilot.press("enter")
    await until(pilot, lambda: main.place is not None and (main.place.kind, main.place.id) == ("found", text))
    await settled(pilot)
    return [row.name for row in main.table.rows]


async def test_it_finds_what_the_server_finds(sample_server: ServerProcess, tmp_path: Path) -> None:
    """Search matches name, author, class and number, prefixes too, newest first; also an id as it is shown."""
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        for text in ("share agree", "DJONES", "memo", "10", "nothing-has-this"):
            with Worker(sample_server) as worker:
                documents = worker.items("documents", anywhere=text, limit=200, sent_copies="false")
            expected = [f"{document['name']}.{document['extension']}" for document in documents]
            assert await find(pilot, main, text) == expected
            assert bool(expected) is (text != "nothing-has-this")
        await find(pilot, main, "share purch")
        document = main.table.rows[0].data
        for text in (document.id, document.id.rpartition(".")[0]):
            await find(pilot, main, text)
            assert [row.data.id for row in main.table.rows] == [document.id]


@more
async def test_what_was_found_is_sent_and_one_goes_back(sample_server: ServerProcess, tmp_path: Path) -> None:
    """Escape goes back as the footer says; before that, it ends the filter and clears the selection, as in every
    list."""
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
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is main and "esc Clear" in screen_text(pilot).splitlines()[-1])
        await pilot.press("escape")
        assert main.kind == "found"
        assert not main.table.selected
        await until(pilot, lambda: "esc Back" in screen_text(pilot).splitlines()[-1])
        await pilot.press("escape")
        await until(pilot, lambda: main.place == before)
        assert "esc Back" not in screen_text(pilot).splitlines()[-1]
        # What was said of one location is not said of the next.
        await find(pilot, main, "letter intent")
        await pilot.press("v")
        await until(pilot, lambda: "only one version" in said(main))
        await pilot.press("f5")
        await settled(pilot)
        await pilot.press("backspace")
        await until(pilot, lambda: main.place == before)
        assert said(main) == ""
        await what_has_no_word_is_refused(pilot, main)


@more
async def test_copies_that_were_sent_are_found_if_asked(server: ServerProcess, tmp_path: Path) -> None:
    """They are marked; the same key leaves them out again, and escape goes back to where the search began."""
    with Worker(server) as worker, Sender(server) as person:
        worker.upload(worker.workspace("Wills"), "Codicil of Hall", b"1", "pdf")
        copy = person.send("Codicil copy.pdf")["work_id"]
    async with running(server, tmp_path, size=(80, 24)) as (pilot, main):
        before = main.place
        assert await find(pilot, main, "codicil") == ["Codicil of Hall.pdf"]
        await pilot.press("c")
        await until(pilot, lambda: main.kind == "found_with_copies" and main.ready)
        assert [(row.name, row.cells[-1]) for row in main.table.rows] == [
            ("Codicil copy.pdf", ("sent copy", "warn")),
            ("Codicil of Hall.pdf", "Wills"),
        ]
        assert "sent copy" in screen_text(pilot)
        # Enter goes to what was sent, in its folder.
        put_cursor_on(main, "Codicil copy.pdf")
        await pilot.press("enter")
        await until(pilot, lambda: main.kind == "sent" and main.ready, "the folder")
        assert main.table.current is not None
        assert main.table.current.name == "Codicil copy.pdf"
        await pilot.press("backspace")
        await until(pilot, lambda: main.kind == "share" and main.ready, "the folders")
        await pilot.press("backspace")
        await until(pilot, lambda: main.kind == "found_with_copies" and main.ready, "what was found")
        await pilot.press("c")
        await until(pilot, lambda: main.kind == "found" and main.ready)
        assert [row.name for row in main.table.rows] == ["Codicil of Hall.pdf"]
        await pilot.press("escape")
        await until(pilot, lambda: main.place == before)
        await find(pilot, main, copy)
        assert [row.cells[-1] for row in main.table.rows] == [("sent copy", "warn")]


async def what_has_no_word_is_refused(pilot: Pilot[Any], main: MainScreen) -> None:
    app = pilot.app
    before = main.place
    await pilot.press("ctrl+f")
    ask = await screen_of(pilot, Prompt)
    # The key is called what the button is: in the footer, in the help and in the palette.
    assert str(ask.query_one("#keep", Button).label) == "Find"
    await until(pilot, lambda: " ^s Find " in screen_text(pilot), "the footer")
    assert [offer.command.title for offer in offered(ask) if offer.command.id == "keep"] == ["Find"]
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
