"""What scenes start with: a server with something on it, and the two lists that everything else is opened from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from textual import events
from textual.pilot import Pilot

from tests.support.app.app import (
    main_screen,
    open_sent_folder,
    put_cursor_on,
    screen_of,
    sent_folder,
    settled,
    until,
)
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import ensure_folder, publish
from tui.locations.location import Location
from tui.ui.base.question import Question
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog

Scene = Callable[[Pilot[Any]], Awaitable[None]]
#: The moment at which the server's clock is stopped for pictures.
STANDS_AT = "2026-11-25T13:05:00+00:00"
ARGUMENTS = ("--fixed-secrets", "--public-url", "https://links.harlow-finch.example")


def add_shortcut(server: ServerProcess) -> None:
    """Makes the folder, with its shortcut in My Favorites, as a send does."""
    with server.client() as client:
        folder = ensure_folder(client)
        work_id = next(
            f["work_id"] for f in client.get("/share/v1/folders").json()["folders"] if f["id"] == folder
        )
        client.post(
            "/work/api/v2/customers/1/libraries/ACTIVE/my-favorites/children",
            json={"target_id": work_id, "name": "DJONES - Secure Sent Links"},
        ).raise_for_status()


def send_some(server: ServerProcess) -> None:
    """Fills the Secure Sent Links folder with documents that are published, used up and unpublished."""
    add_shortcut(server)
    expires = datetime(2026, 12, 2, 17, 0, tzinfo=UTC).isoformat()
    # All at the same moment: the last one has the highest id, and is listed first.
    gone = publish(
        server, b"x" * 1_200_000, "Exhibit 7 - Camera 07.51 (the whole night, uncut, with sound).png"
    )
    publish(server, "契約".encode() * 700, "秘密保持契約書.docx", downloads_permitted=20)
    used = publish(server, b"x" * 99, "Rota Weeks 38-41.xlsx", downloads_permitted=1)
    publish(
        server,
        b"%PDF-1.4 x" * 400,
        "Letter of Intent.pdf",
        expires_at=expires,
        downloads_permitted=5,
        recipients=["Ada Keller <a.keller@castellan.example>", "registry@castellan.example"],
    )
    publish(server, b"x" * 6400, "Closing Checklist.xlsx", password="Blue-Harbour7", expires_at=expires)
    share_one(server)
    with server.guest() as guest, server.client() as client:
        path = used["url"].partition(".example")[2]
        assert guest.post(path).status_code == 303
        client.post(f"/share/v1/documents/{gone['id']}/unpublish").raise_for_status()


def share_one(server: ServerProcess) -> None:
    """MKELLER has a folder, and adds DJONES to it; DJONES adds two members to their own."""
    with server.client() as client:
        for name in ("MKELLER", "TOKAFOR"):
            password = client.put(f"/share/v1/users/{name}/password", json={"password": "Blue-Harbour7"})
            password.raise_for_status()
        own = client.get("/share/v1/folder").json()["folder"]["id"]
        for name in ("MKELLER", "TOKAFOR"):
            client.post(f"/share/v1/folders/{own}/members", json={"name": name}).raise_for_status()
        signed = client.post("/share/v1/login", json={"user": "MKELLER", "password": "Blue-Harbour7"})
        token = signed.raise_for_status().json()["token"]
    publish(server, b"x" * 5100, "Disclosure Letter.docx", token=token)
    with server.client(token) as client:
        folder = client.get("/share/v1/folder").json()["folder"]["id"]
        client.post(f"/share/v1/folders/{folder}/members", json={"name": "DJONES"}).raise_for_status()


async def picker(pilot: Pilot[Any]) -> None:
    main = await main_screen(pilot)
    # All branches that open by themselves have been filled.
    await settled(pilot)
    put_cursor_on(main, "Call Notes - Castellan.txt")
    await pilot.press("space", "down", "space")


async def folder(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    await open_sent_folder(pilot, await main_screen(pilot))


async def close_all(pilot: Pilot[Any]) -> MainScreen:
    """Closes everything that lies over the first screen; a question whether to close is answered with yes, any other
    one with no."""
    main = next(screen for screen in pilot.app.screen_stack if isinstance(screen, MainScreen))
    closing = False
    while pilot.app.screen is not main:
        assert pilot.app.is_running, "the app has ended: no key closes anything"
        asked = isinstance(pilot.app.screen, Question)
        await pilot.press("y" if asked and closing else "escape")
        closing = not asked
        await settled(pilot)
    main.table.clear_selection()
    main.table.focus()
    return main


async def back(pilot: Pilot[Any]) -> None:
    """Closes everything that is open and goes to the app's first location."""
    main = await close_all(pilot)
    main.open_place(await main.session.first_place())
    await settled(pilot)


async def typed(pilot: Pilot[Any], text: str) -> None:
    """Pastes into the focused widget: a pilot types slowly."""
    # A widget that was just given the focus has it after this.
    await pilot.pause()
    assert pilot.app.focused is not None
    pilot.app.focused.post_message(events.Paste(text))
    await pilot.pause()


async def about_to_send(pilot: Pilot[Any], main: MainScreen, files: Location, *keys: str) -> SendDialog:
    """The send dialog with all six files, or with those that ``keys`` select."""
    main.open_place(files)
    await until(pilot, lambda: main.kind == "local" and len(main.table.rows) >= 6)
    await pilot.press(*(keys or ("ctrl+a",)), "s")
    return await screen_of(pilot, SendDialog)


async def opened(pilot: Pilot[Any], key: str, kind: type[Any]) -> Any:
    """The dialog that a key opens for First.pdf in the folder."""
    await sent_folder(pilot)
    put_cursor_on(await main_screen(pilot), "First.pdf")
    await pilot.press(key)
    dialog = await screen_of(pilot, kind)
    await settled(pilot, dialog)
    return dialog
