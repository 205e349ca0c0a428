"""What the app shows when the server fails, using a proxy that answers in its place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from textual.pilot import Pilot

from tests.support.app.app import main_screen, put_cursor_on, said, screen_of, settled, until
from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Hang
from tests.support.network.spoiling import Say as Answer
from tests.support.pictures.scene_start import picker, typed
from tui.locations.location import Location
from tui.ui.base.prompt import Prompt
from tui.ui.dialogs.timeline import TimelineScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.widgets.status_line import StatusLine

Failing = Callable[[Pilot[Any], Misbehaving], Awaitable[None]]


def _problem(status: int, title: str, detail: str) -> Answer:
    text = f'{{"title": "{title}", "status": {status}, "code": "x", "detail": "{detail}"}}'
    return Answer(status, text.encode(), "application/problem+json")


async def unreachable(pilot: Pilot[Any]) -> None:
    main = await screen_of(pilot, MainScreen)
    await until(pilot, lambda: "cannot be reached" in main.query_one("#status", StatusLine).text)


async def list_fails(pilot: Pilot[Any], proxy: Misbehaving) -> None:
    """A folder cannot be listed."""
    await picker(pilot)
    main = await main_screen(pilot)
    folder = next(
        place for place in await main.session.places(Location("favorites", "")) if place.kind == "folder"
    )
    proxy.spoil("GET", Answer(500, b"<h1>Internal Server Error</h1>"), "/children", times=ALWAYS)
    main.open_place(folder)
    await settled(pilot)


async def find_fails(pilot: Pilot[Any], proxy: Misbehaving) -> None:
    """A search fails, after one that found something."""
    await picker(pilot)
    main = await main_screen(pilot)
    proxy.spoil("GET", Answer(500, b"<h1>Internal Server Error</h1>"), "/documents", times=ALWAYS)
    await pilot.press("ctrl+f")
    await screen_of(pilot, Prompt)
    await typed(pilot, "share purch")
    await pilot.press("enter")
    await until(pilot, lambda: main.place is not None and main.place.kind == "found")
    await settled(pilot)


async def facts_fail(pilot: Pilot[Any], proxy: Misbehaving) -> None:
    await picker(pilot)
    main = await main_screen(pilot)
    proxy.spoil("GET", Answer(502, b"Bad Gateway", "text/plain"), "/history", times=ALWAYS)
    put_cursor_on(main, "Disclosure Letter.docx")
    await pilot.press("i")
    await settled(pilot)


async def audit_fails(pilot: Pilot[Any], proxy: Misbehaving) -> None:
    await picker(pilot)
    proxy.spoil("GET", Answer(500, b"<h1>Internal Server Error</h1>"), "/audit", times=ALWAYS)
    await pilot.press("A")
    await settled(pilot, await screen_of(pilot, TimelineScreen))


async def send_fails(pilot: Pilot[Any], proxy: Misbehaving) -> None:
    """The send could not be started."""
    await picker(pilot)
    await pilot.press("s")
    dialog = await screen_of(pilot, SendDialog)
    proxy.spoil("POST", _problem(403, "Forbidden", "You may not send from here."), "/sends", times=ALWAYS)
    await pilot.press("ctrl+y")
    await settled(pilot, dialog)


async def documents_fail(pilot: Pilot[Any], proxy: Misbehaving) -> None:
    """Both documents have failed; the reason for the row under the cursor is shown below the list."""
    await picker(pilot)
    await pilot.press("s")
    dialog = await screen_of(pilot, SendDialog)
    proxy.spoil("POST", _problem(403, "Forbidden", "The server has no room for it."), "/versions", times=2)
    await pilot.press("ctrl+y")
    await until(pilot, lambda: dialog.disabled_reason("retry") is None)


async def sending(pilot: Pilot[Any], proxy: Misbehaving) -> None:
    """Documents are being sent, and none has arrived yet."""
    await picker(pilot)
    await pilot.press("s")
    dialog = await screen_of(pilot, SendDialog)
    proxy.spoil("POST", Hang(), "/versions", times=ALWAYS)
    await pilot.press("ctrl+y")
    await until(pilot, lambda: proxy.count("POST", "/versions") == 2)
    # Everything that is painted gradually is on the screen.
    await until(pilot, lambda: all("on the server" in str(row.cells) for row in dialog.table.rows))
    await until(pilot, lambda: said(dialog, "#overall") == "0 of 2 sent · 0 B of 7.2 kB")


FAILING: dict[str, Failing] = {
    "list-fails": list_fails,
    "find-fails": find_fails,
    "facts-fail": facts_fail,
    "audit-fails": audit_fails,
    "send-fails": send_fails,
    "sending": sending,
}
