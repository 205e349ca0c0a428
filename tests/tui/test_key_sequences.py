"""Keys that are pressed one after the other: what they do, what may follow, and how half a sequence ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widget import Widget

from tests.support.app.app import (
    app_for,
    focused_id,
    main_screen,
    open_sent_folder,
    running,
    said,
    screen_of,
    screen_text,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.share import Sender
from tui.commands.keymap import checked
from tui.config.preferences import Preferences
from tui.ui.app import SentlinksApp
from tui.ui.base.help import Help
from tui.ui.base.menu import Menu
from tui.ui.base.prompt import Prompt
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.textual_patches import sequences
from tui.ui.widgets.footer import Footer

SIZE = (100, 24)


def bar(pilot: Pilot[Any]) -> str:
    return str(pilot.app.screen.query_one(Footer).render().plain).rstrip()


def half(pilot: Pilot[Any]) -> str:
    app = pilot.app
    assert isinstance(app, SentlinksApp)
    return app.sequences.begun


def clicked(pilot: Pilot[Any], widget: Widget, x: int, y: int) -> None:
    """Clicks as a terminal does, whose events come to the app first."""
    at = (widget.region.x + x, widget.region.y + y)
    for kind in (events.MouseDown, events.MouseUp):
        pilot.app.post_message(kind(None, *at, 0, 0, 1, False, False, False, *at))


async def to_places_and_back(pilot: Pilot[Any], main: MainScreen) -> None:
    home = main.place
    for key, kind in (("w", "worklist"), ("c", "checked_out"), ("l", "local"), ("h", "folder")):
        await pilot.press("g", key)
        await until(pilot, lambda kind=kind: main.kind == kind, kind)
        assert main.table.has_focus
    assert main.place == home
    main.places.focus()
    await pilot.press("g", "w")
    await until(pilot, lambda: main.kind == "worklist" and main.table.has_focus, "from the tree, too")
    await pilot.press("g", "h")
    await until(pilot, lambda: main.place == home, "home")


async def the_footer_says_what_may_follow(pilot: Pilot[Any], main: MainScreen) -> None:
    await until(pilot, lambda: "/ Filter  g Go" in bar(pilot), "the beginning")
    await pilot.press("g")
    await until(pilot, lambda: bar(pilot).startswith(" g…"), "what may follow")
    assert bar(pilot).startswith(" g…  s Sent  w Worklist  c Checked out  l Local files  h Home")
    assert bar(pilot).endswith("g Top")
    await pilot.press("escape")
    await until(pilot, lambda: "g Go" in bar(pilot), "the usual keys")
    assert half(pilot) == ""
    # A click on what may follow does it, and the keys come back.
    await pilot.click(Footer, offset=(bar(pilot).index("g Go"), 0))
    await until(pilot, lambda: bar(pilot).startswith(" g…"), "what may follow, by the mouse")
    await pilot.click(Footer, offset=(bar(pilot).index("w Worklist"), 0))
    await until(pilot, lambda: main.kind == "worklist", "the worklist by the mouse")
    assert half(pilot) == ""
    await pilot.press("g", "h")
    await until(pilot, lambda: main.kind == "folder", "home")


async def half_a_sequence_does_nothing(pilot: Pilot[Any], main: MainScreen) -> None:
    for keys, sentence in (
        (("g", "x"), "“gx” does nothing here; f1 shows the keys that work."),
        (("g", "delete"), "does nothing here; f1 shows"),
        (("g", "s", "s"), ""),
    ):
        main.say("")
        await pilot.press(*keys[:2])
        await pilot.pause()
        assert sentence in said(main)
        assert half(pilot) == ""
    main.table.move_to(2)
    # A click in between is a click, and the next key one by itself.
    await pilot.press("g")
    clicked(pilot, main.table, 10, 1)
    await until(pilot, lambda: main.table.cursor == 0, "the click")
    assert half(pilot) == ""
    await pilot.press("j")
    assert main.table.cursor == 1
    # What is pasted is no key of it.
    await pilot.press("g")
    pilot.app.post_message(events.Paste("s"))
    await pilot.pause()
    await pilot.press("j")
    assert main.table.cursor == 2
    # Keys that always work do, and end it.
    await pilot.press("g", "ctrl+l", "k")
    assert main.table.cursor == 1


async def in_fields_it_is_text(pilot: Pilot[Any], main: MainScreen) -> None:
    await pilot.press("slash", "g", "l", "g")
    assert main.browser.list.needle == "glg"
    await pilot.press("escape", "escape")
    await pilot.press("ctrl+f", *"g s")
    prompt = await screen_of(pilot, Prompt)
    assert prompt._typed in ("gs", "g s")
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is main, "the end of the prompt")


async def in_dialogs(pilot: Pilot[Any], main: MainScreen) -> None:
    await pilot.press("home", "space", "space", "space", "s")
    dialog = await screen_of(pilot, SendDialog)
    await pilot.press("G")
    assert dialog.table.cursor == 2
    await pilot.press("g", "g")
    assert dialog.table.cursor == 0
    await pilot.press("g", "d")
    assert dialog.state.count == 3
    await until(pilot, lambda: "“gd” does nothing here" in said(dialog, "#overall"), "why")
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is main, "the end of the dialog")
    await pilot.press("question_mark")
    await screen_of(pilot, Help)
    await pilot.press("o")
    await until(pilot, lambda: not isinstance(pilot.app.screen, Help), "the guides")
    await pilot.press("escape", "escape")
    await until(pilot, lambda: pilot.app.screen is main, "the end of the help")


async def test_sequences(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with running(sample_server, tmp_path, size=SIZE) as (pilot, main):
        await to_places_and_back(pilot, main)
        await the_footer_says_what_may_follow(pilot, main)
        await half_a_sequence_does_nothing(pilot, main)
        await in_fields_it_is_text(pilot, main)
        await in_dialogs(pilot, main)


@more
async def test_half_a_sequence_ends_by_itself(
    sample_server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequences, "SECONDS", 0.05)
    async with running(sample_server, tmp_path, size=SIZE) as (pilot, main):
        await pilot.press("g")
        await until(pilot, lambda: half(pilot) == "" and "g Go" in bar(pilot), "the usual keys")
        # Read too slowly, a key doesn't do something else.
        await pilot.press("s")
        await until(pilot, lambda: said(main).startswith("Too slow for “gs”"), "why nothing happens")
        await pilot.press("g")
        await until(pilot, lambda: half(pilot) == "" and "g Go" in bar(pilot), "the usual keys")
        await pilot.press("j")
        assert main.table.cursor == 1
        # However late they are handled, keys that were pressed together belong together.
        one, other = events.Key("g", "g"), events.Key("w", "w")
        one.time = other.time = 1.0
        pilot.app.post_message(one)
        pilot.app.post_message(other)
        await until(pilot, lambda: main.kind == "worklist", "the worklist")


@more
async def test_what_was_sent(fresh_server: ServerProcess, tmp_path: Path) -> None:
    async with app_for(fresh_server, tmp_path, demo=False).run_test(size=SIZE) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        await pilot.press("g", "s")
        await until(pilot, lambda: said(main).startswith("Nothing sent yet."), "that there is none")
        publish(fresh_server, b"x", "Offer.pdf")
        await pilot.press("g", "s")
        await until(pilot, lambda: main.kind == "sent", "the folder")
        assert [row.name for row in main.table.rows] == ["Offer.pdf"]
        # What was deleted was sent all the same.
        with Sender(fresh_server) as me:
            (document,) = me.get(f"/folders/{me.folder}/documents")["documents"]
            me.delete(f"/documents/{document['id']}")
            await until(pilot, lambda: not main.table.rows, "the news")
            await settled(pilot)
            assert "No sent documents here." in screen_text(pilot)
            me.delete(f"/folders/{me.folder}")
        await pilot.press("g", "h")
        await until(pilot, lambda: main.kind != "sent", "another place")
        await settled(pilot)
        await main.session.load_folders()
        await pilot.press("g", "s")
        await until(
            pilot, lambda: said(main).startswith("Your Sent folder was deleted"), "that there was one"
        )


@more
async def test_own_sequences(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """They work from lists, menus and while typing, if they don't begin with a letter."""
    publish(fresh_server, b"x", "Offer.pdf")
    table = {"folder.unpublish": "y u", "folder.trash": ["y t", "f6"], "main.reload": "ctrl+x r"}
    preferences = Preferences(keys=checked(table, "[keys]"))
    app = app_for(fresh_server, tmp_path, demo=False, preferences=preferences)
    async with app.run_test(size=(120, 30)) as pilot:
        main = await main_screen(pilot)
        await open_sent_folder(pilot, main)
        await settled(pilot)
        await pilot.press("y")
        await until(pilot, lambda: bar(pilot).startswith(" y…"), "what may follow")
        assert bar(pilot) == " y…  u Unpublish  t Trash"
        await pilot.press("escape", "m")
        menu = await screen_of(pilot, Menu)
        assert any(offer.shown == ["y u"] for offer in menu._commands)
        await pilot.press("y", "u")
        await until(pilot, lambda: not main.table.rows[0].data.published, "unpublished from the menu")
        await until(pilot, lambda: "z undoes it" in said(main), "the outcome")
        await pilot.press("3", "y", "t")
        await pilot.pause()
        assert said(main) == "“3yt” does nothing: a number repeats a motion, as in 3j."
        await pilot.press("y", "t")
        await until(pilot, lambda: main.kind == "trash", "the trash")
        assert focused_id(pilot) == "list"
