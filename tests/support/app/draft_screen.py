"""The app with a draft open, to be put into a mailbox or sent by a mail server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.support.app.app import app_for, main_screen, screen_of, until
from tests.support.pictures.scene_start import typed
from tests.support.servers.server import ServerProcess
from tui.config.preferences import Preferences
from tui.ui.draft.draft import DraftScreen
from tui.ui.draft.mail_password import MailPassword
from tui.ui.send.send import SendDialog
from tui.ui.widgets.status_line import StatusLine


@asynccontextmanager
async def drafted(
    server: ServerProcess, state: Path, *, keyring: bool = False, **mail: Any
) -> AsyncIterator[tuple[Pilot[Any], DraftScreen]]:
    """The app with the draft for one sent document; ``mail`` are the settings of the mail."""
    preferences = Preferences(mail_values=mail, keyring=keyring)
    app = app_for(server, state, demo=False, preferences=preferences)
    async with app.run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        yield pilot, await open_draft(pilot)


async def open_draft(pilot: Pilot[Any]) -> DraftScreen:
    """Sends the document under the cursor; the draft for it."""
    await pilot.press("s")
    await screen_of(pilot, SendDialog)
    await pilot.press("ctrl+s")
    return await screen_of(pilot, DraftScreen)


def said(screen: Any) -> str:
    """What the draft, or a dialog over it, says."""
    found: StatusLine = screen.query_one("#done" if isinstance(screen, DraftScreen) else "#said", StatusLine)
    return found.text


async def says(pilot: Pilot[Any], draft: DraftScreen, words: str) -> None:
    """Waits until the draft is on top and says something with these words."""
    await until(pilot, lambda: words in said(draft) and pilot.app.screen is draft, words)


async def types_password(pilot: Pilot[Any], password: str) -> MailPassword:
    """Types into the dialog that asks for a password. It isn't confirmed yet."""
    asked = await screen_of(pilot, MailPassword)
    await typed(pilot, password)
    return asked


def command(folder: Path, secret: str) -> str:
    """A command that prints a secret."""
    file = folder / "secret"
    file.write_text(f"{secret}\n")
    return f"/bin/cat {file}"
