"""A key whose command isn't available now says why, in place of an older message."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from textual.events import MouseDown
from textual.pilot import Pilot

from tests.support.app.app import app_for, put_cursor_on, running, said, screen_of, sent_folder, until
from tests.support.checks.long import more
from tests.support.pictures.scene_start import about_to_send, add_shortcut
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tui.locations.location import Location
from tui.ui.base import app_screen
from tui.ui.dialogs.policy import PolicyScreen
from tui.ui.dialogs.themes import ThemesScreen
from tui.ui.draft.draft import DraftScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.widgets import status_line
from tui.ui.widgets.field import Field

SIZE = (100, 24)


async def pressed(pilot: Pilot[Any], main: MainScreen, *keys: str) -> str:
    """What the status line says after keys were pressed that find an older message there."""
    main.say("Unpublished “First.pdf”.", "good")
    await pilot.press(*keys)
    await pilot.pause()
    return said(main)


async def test_the_reason_of_the_command_replaces_the_message(server: ServerProcess, tmp_path: Path) -> None:
    add_shortcut(server)
    document = publish(server, b"x", "First.pdf")
    publish(server, b"x", "Open.pdf")
    publish(server, b"x", "Protected.pdf", password="Blue-Harbour7")
    with server.client() as client:
        client.post(f"/share/v1/documents/{document['id']}/unpublish").raise_for_status()
    async with running(server, tmp_path, size=SIZE) as (pilot, _):
        main = await sent_folder(pilot)
        put_cursor_on(main, "First.pdf")
        assert await pressed(pilot, main, "u") == "“First.pdf” is already off."
        assert await pressed(pilot, main, "U") == "No recipient has to wait after wrong passwords."
        assert await pressed(pilot, main, "z") == "Nothing to undo."
        assert await pressed(pilot, main, "R") == "No send is unfinished."
        for name, reason in (
            ("Open.pdf", "There is no password."),
            ("Protected.pdf", "The password isn't stored and can't be shown later."),
        ):
            # In the draft for documents that were sent earlier.
            put_cursor_on(main, name)
            await pilot.press("w")
            draft = await screen_of(pilot, DraftScreen)
            for key in ("ctrl+r", "ctrl+g"):
                draft.say("Saved as secure-links.eml.", "good")
                await pilot.press(key)
                assert said(draft, "#done") == reason
            await pilot.press("escape")
            assert await screen_of(pilot, MainScreen) is main
        await a_file_that_cannot_be_sent_says_why(pilot, main, tmp_path)


async def a_file_that_cannot_be_sent_says_why(pilot: Pilot[Any], main: MainScreen, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.txt").touch()
    os.mkfifo(folder / "pipe\n.txt")
    (folder / "lost.txt").symlink_to("nowhere")
    (folder / "below").mkdir()
    main.open_place(Location("local", "files", str(folder)))
    await until(pilot, lambda: main.kind == "local" and len(main.table.rows) == 4, "the files")
    put_cursor_on(main, "▸ below")
    for key, reason in (
        ("f", "“Add to My Favorites” is for folders in Work."),
        ("f2", "“Rename the shortcut” is for shortcuts in My Favorites."),
        ("F", "“Remove from My Favorites” is for shortcuts in My Favorites."),
    ):
        assert await pressed(pilot, main, key) == reason
    for name, reason in (
        ("pipe\n.txt", "pipe␊.txt is not a regular file"),
        ("lost.txt", "lost.txt leads to no file"),
    ):
        put_cursor_on(main, name)
        for key in ("s", "space"):
            assert await pressed(pilot, main, key) == f"{reason}, so it can't be sent."


@more
async def test_a_command_for_rows_of_other_lists_is_named(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """And so is a key without a command. Keys that have worked and letters in a field leave the message alone, and so
    does escape where nothing is to be left, unless there is none. A dialog gives its reasons, too."""
    async with running(sample_server, tmp_path, size=SIZE) as (pilot, main):
        for key, why in (
            ("u", "“Unpublish” is for a Sent folder."),
            ("E", "“Empty the trash” is for the trash."),
            ("p", "“Members” is for a Sent folder."),
            ("Y", "“Y” does nothing here; f1 shows the keys that work."),
            ("ctrl+e", "“^e” does nothing here; f1 shows the keys that work."),
        ):
            assert await pressed(pilot, main, key) == why
        kept = "Unpublished “First.pdf”."
        assert (
            await pressed(pilot, main, "j", "escape", "slash", "u", "z", "backspace", "backspace", "escape")
            == kept
        )
        main.say("")
        await pilot.press("escape")
        assert said(main) == "There is nothing to leave here."
        put_cursor_on(main, "Letter of Intent.pdf")
        await pilot.press("s")
        dialog = await screen_of(pilot, SendDialog)
        await pilot.press("ctrl+t")
        assert said(dialog, "#overall") == "Nothing has failed."
        # In a field, z is a letter.
        dialog.query_one("#to", Field).focus()
        await pilot.press("z")
        assert said(dialog, "#overall") == "1 document, 2.4 kB"


@more
async def test_arrows_that_have_nothing_to_scroll_say_so(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """Textual has keys for scrolling to the side, which do nothing in what is as wide as its room: in a list, in one of
    which something is chosen, and in the details of a row."""
    async with running(sample_server, tmp_path, size=SIZE) as (pilot, main):
        sign_of_key = {"left": "←", "right": "→", "ctrl+pageup": "^pgup"}
        for key, sign in sign_of_key.items():
            assert (
                await pressed(pilot, main, key) == f"“{sign}” does nothing here; f1 shows the keys that work."
            )
        for keys, kind in ((("P",), PolicyScreen), (("comma", "space"), ThemesScreen)):
            await pilot.press(*keys)
            screen = await screen_of(pilot, kind)
            for key, sign in sign_of_key.items():
                await pilot.press(key)
                await pilot.pause()
                assert said(screen, "#said").startswith(f"“{sign}” does nothing here"), (kind, key)
            await pilot.press("escape")


@more
async def test_why_a_key_does_nothing_is_said_for_a_while(
    server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later, it would seem to be about what was done since."""
    monkeypatch.setattr(app_screen, "FOR_A_WHILE", 0.2)
    async with running(server, tmp_path, size=SIZE) as (pilot, main):
        for keys, why in (("z", "Nothing to undo."), ("7d", "“7d” does nothing")):
            await pilot.press(*keys)
            await until(pilot, lambda why=why: said(main).startswith(why), why)
            await until(pilot, lambda why=why: not said(main).startswith(why), "the end of it")


async def test_what_was_said_some_time_ago_is_not_said_again(
    server: ServerProcess, tmp_path: Path, files: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither after why a key did nothing, nor at the next row, nor on the way back from a dialog; what failed is."""
    monkeypatch.setattr(status_line, "READ_SECONDS", 0.0)
    async with running(server, tmp_path, size=SIZE) as (pilot, main):
        main.open_place(files)
        await until(pilot, lambda: len(main.table.rows) == 6, "six files")
        main.table.focus()
        for keys in (("Y", "down"), ("down",), ("comma", "escape")):
            main.say("Not unpublished: the server answered something odd.", "bad")
            await pilot.press(*keys)
            await until(pilot, lambda: pilot.app.screen is main, "the main screen")
            assert said(main).startswith("Not unpublished")
            main.say("Unpublished “First.pdf”.", "good")
            await pilot.press(*keys)
            await until(pilot, lambda: pilot.app.screen is main, "the main screen")
            assert said(main) == "", keys


async def test_why_a_key_does_nothing_is_said_until_another_does_something(
    server: ServerProcess, tmp_path: Path, files: Location
) -> None:
    """Or the mouse does; then it is said again what was said before."""
    async with running(server, tmp_path, size=SIZE) as (pilot, main):
        main.say("Unpublished “First.pdf”.", "good")
        await pilot.press("Y")
        assert said(main).startswith("“Y” does nothing here")
        await pilot.press("down")
        assert said(main) == "Unpublished “First.pdf”."
        dialog = await about_to_send(pilot, main, files)
        amount = said(dialog, "#overall")
        refusal = "“space” does nothing here; f1 shows the keys that work."
        rule = "Password: optional; must not be a common one."
        for key, says in (("down", amount), ("tab", rule), ("shift+tab", amount), ("mouse", amount)):
            dialog.table.focus()
            await pilot.press("space", "space")
            assert said(dialog, "#overall") == refusal
            if key == "mouse":
                # A pilot gives its clicks to the screen, and not to the app, as a terminal does.
                pilot.app.post_message(MouseDown(None, 1, 1, 0, 0, 1, False, False, False, 1, 1))
                await pilot.pause()
            else:
                await pilot.press(key)
            assert said(dialog, "#overall") == says


async def test_why_there_is_no_server_stays(server: ServerProcess, tmp_path: Path) -> None:
    """It is the reason why those keys do nothing, and is said nowhere else."""
    app = app_for(server, tmp_path, demo=False, url="http://127.0.0.1:9")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "cannot be reached" in said(app.screen))
        failure = said(app.screen)
        await pilot.press("s", "u", "a", "R")
        await pilot.pause()
        assert said(app.screen) == failure
