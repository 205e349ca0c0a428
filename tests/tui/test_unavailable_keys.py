"""A key whose command isn't available now says why, in place of an older message."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app import app_for, put_cursor_on, running, said, screen_of, sent_folder, until
from tests.support.publish import publish
from tests.support.server import ServerProcess
from tests.support.stage import add_shortcut
from tui.locations.location import Location
from tui.screens.draft import DraftScreen
from tui.screens.main import MainScreen
from tui.screens.recipients import RECIPIENTS_NOTE
from tui.screens.send import SendDialog
from tui.widgets.field import Field

SIZE = (100, 30)


async def pressed(pilot: Pilot[Any], main: MainScreen, *keys: str) -> str:
    """What the status line says after keys were pressed that find an older message there."""
    main.say("Unpublished “First.pdf”.", "good")
    await pilot.press(*keys)
    await pilot.pause()
    return said(main)


async def test_the_reason_of_the_command_replaces_the_message(server: ServerProcess, tmp_path: Path) -> None:
    add_shortcut(server)
    document = publish(server, b"x", "First.pdf")
    with server.client() as client:
        client.post(f"/share/v1/documents/{document['id']}/unpublish").raise_for_status()
    async with running(server, tmp_path, size=SIZE) as (pilot, _):
        main = await sent_folder(pilot)
        put_cursor_on(main, "First.pdf")
        assert await pressed(pilot, main, "u") == "It is not published."
        assert await pressed(pilot, main, "U") == "No recipient has to wait after wrong passwords."
        assert await pressed(pilot, main, "z") == "Nothing to undo."
        assert await pressed(pilot, main, "R") == "No send is unfinished."


async def test_a_command_for_rows_of_other_lists_is_named(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    async with running(sample_server, tmp_path, size=SIZE) as (pilot, main):
        assert await pressed(pilot, main, "u") == "“Unpublish” isn't available here."
        assert await pressed(pilot, main, "E") == "“Empty the trash” isn't available here."


async def test_a_file_that_cannot_be_sent_says_why(server: ServerProcess, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.txt").touch()
    os.mkfifo(folder / "pipe\n.txt")
    (folder / "lost.txt").symlink_to("nowhere")
    async with running(server, tmp_path, size=SIZE) as (pilot, main):
        main.open_place(Location("local", "files", str(folder)))
        await until(pilot, lambda: len(main.table.rows) == 3, "the files")
        for name, reason in (
            ("pipe\n.txt", "pipe␊.txt is not a regular file"),
            ("lost.txt", "lost.txt leads to no file"),
        ):
            put_cursor_on(main, name)
            for key in ("s", "space"):
                assert await pressed(pilot, main, key) == f"{reason}, so it can't be sent."


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        (None, "There is no password."),
        ("Blue-Harbour7", "The password isn't stored and can't be shown later."),
    ],
    ids=["without", "with"],
)
async def test_a_password_that_cannot_be_shown(
    password: str | None, reason: str, server: ServerProcess, tmp_path: Path
) -> None:
    """In the draft for documents that were sent earlier."""
    add_shortcut(server)
    publish(server, b"x", "First.pdf", **({"password": password} if password else {}))
    async with running(server, tmp_path, size=SIZE) as (pilot, _):
        main = await sent_folder(pilot)
        put_cursor_on(main, "First.pdf")
        await pilot.press("w")
        draft = await screen_of(pilot, DraftScreen)
        for key in ("ctrl+r", "ctrl+g"):
            draft.say("Saved as secure-links.eml.", "good")
            await pilot.press(key)
            assert said(draft, "#done") == reason


async def test_other_keys_leave_the_message_alone(sample_server: ServerProcess, tmp_path: Path) -> None:
    """Keys without a command, keys that have worked, escape where nothing is to be left, and letters in a field."""
    async with running(sample_server, tmp_path, size=SIZE) as (pilot, main):
        kept = "Unpublished “First.pdf”."
        assert await pressed(pilot, main, "Y", "j", "escape", "slash", "u", "z", "escape") == kept


async def test_a_dialog_says_it_too(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with running(sample_server, tmp_path, size=SIZE) as (pilot, main):
        put_cursor_on(main, "Letter of Intent.pdf")
        await pilot.press("s")
        dialog = await screen_of(pilot, SendDialog)
        await pilot.press("ctrl+t")
        assert said(dialog, "#overall") == "Nothing has failed."
        # In a field, z is a letter.
        dialog.query_one("#to", Field).focus()
        await pilot.press("z")
        assert said(dialog, "#overall") == RECIPIENTS_NOTE


async def test_why_there_is_no_server_stays(server: ServerProcess, tmp_path: Path) -> None:
    """It is the reason why those keys do nothing, and is said nowhere else."""
    app = app_for(server, tmp_path, demo=False, url="http://127.0.0.1:9")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "cannot be reached" in said(app.screen))
        failure = said(app.screen)
        await pilot.press("s", "u", "a", "R")
        await pilot.pause()
        assert said(app.screen) == failure
