"""What is written in a draft is not lost when the terminal is closed or the line breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    put_cursor_on,
    running,
    said,
    screen_of,
    screen_text,
    sent_folder,
    settled,
    until,
)
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.unit.test_kept_drafts import of_another_process
from tui.mail.kept_drafts import FOLDER
from tui.ui.base.question import Question
from tui.ui.draft.draft import DraftScreen
from tui.ui.main.main import MainScreen
from tui.ui.widgets.body_area import BodyArea

NAME = "{main.quit} Offer.pdf"
AGAIN = "This is the e-mail as you had written it when the program ended."


async def opened(pilot: Pilot[Any]) -> DraftScreen:
    main = await sent_folder(pilot)
    put_cursor_on(main, NAME)
    await pilot.press("w")
    return await screen_of(pilot, DraftScreen)


async def written(pilot: Pilot[Any], state: Path) -> DraftScreen:
    """A draft with a sentence at its beginning."""
    draft = await opened(pilot)
    draft.query_one(BodyArea).focus()
    await pilot.press(*"Dear Anna")
    await until(
        pilot, lambda: any("Dear Anna" in path.read_text() for path in (state / FOLDER).glob("*.json"))
    )
    return draft


async def test_it_is_there_again_after_the_terminal_was_closed(server: ServerProcess, tmp_path: Path) -> None:
    """The next start says so. Whoever closes the draft then has been asked, and loses it."""
    publish(server, b"x", NAME)
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        before = (await written(pilot, tmp_path)).text
        app._end(129)
        await until(pilot, lambda: app._exit)
    of_another_process(tmp_path)
    async with running(server, tmp_path, size=(100, 30)) as (pilot, main):
        kept = f"Your unfinished e-mail about “{NAME}” was kept: w on it in Sent goes on."
        await until(pilot, lambda: said(main) == kept, "what was kept")
        draft = await opened(pilot)
        assert draft.text == before
        assert AGAIN in screen_text(pilot)
        await pilot.press("escape")
        await screen_of(pilot, Question)
        await pilot.press("y")
        await screen_of(pilot, MainScreen)
        assert not (tmp_path / FOLDER).exists()
        draft = await opened(pilot)
        assert "Dear Anna" not in draft.text.body
        assert AGAIN not in screen_text(pilot)


async def test_nothing_is_left_of_what_is_saved_closed_or_quit(server: ServerProcess, tmp_path: Path) -> None:
    publish(server, b"x", NAME)
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        draft = await written(pilot, tmp_path)
        # As it was composed.
        await pilot.press(*["backspace"] * len("Dear Anna"))
        await until(pilot, lambda: not (tmp_path / FOLDER).exists(), "the file's end")
        await pilot.press(*"Dear Anna")
        await until(pilot, lambda: (tmp_path / FOLDER).exists(), "the file")
        draft.mail.kept = draft.text
        await until(pilot, lambda: not (tmp_path / FOLDER).exists(), "the file's end")
        await pilot.press(*"!")
        await until(pilot, lambda: (tmp_path / FOLDER).exists(), "the file")
        await settled(pilot, draft)
        await pilot.press("ctrl+q")
        await screen_of(pilot, Question)
        await pilot.press("y")
        await until(pilot, lambda: app._exit)
    assert not (tmp_path / FOLDER).exists()
