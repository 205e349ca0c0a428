"""More states of the app's screens: with nothing in them, with a lot, and with hostile names."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.support.app.app import main_screen, put_cursor_on, said, screen_of, settled, until
from tests.support.pictures.list_scenes import hostile_names
from tests.support.pictures.scene_start import Scene, folder, picker, typed
from tests.support.pictures.scenes import audit, members, rename
from tests.support.pictures.send_scenes import send
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import ensure_folder, publish
from tui.locations.location import Location
from tui.ui.base.menu import Menu
from tui.ui.base.prompt import Prompt
from tui.ui.base.question import Question
from tui.ui.dialogs.details import Details
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.send.versions import VersionQuestion

#: A user who has nothing yet; one whose folder is empty; and one whose documents have the names found in practice.
PEOPLE = ("APATEL", "RSATO", "LMARCHETTI")
_NAMES = (
    "Grüße [bold]fett[-].txt",
    "名前 ÷ ½ 'x' & y.docx",
    "Exhibit " + "x" * 120 + ".png",
    "e\u0301t\u00e9.pdf",
)
_AGENT = "[red]Mozilla[/] <script>alert(1)</script>"
_ON_DISK = (
    "\x1b[31mred\x1b[0m.txt",
    "line\nbreak.txt",
    "cod.\u202etxt.exe",
    "[bold]x[-].md",
    "tab\there.csv",
)


def sign_in_people(server: ServerProcess) -> dict[str, str]:
    """Makes what each of :data:`PEOPLE` has, puts documents into DJONES's trash, and returns their tokens."""
    tokens = {}
    with server.client() as client:
        for name in PEOPLE:
            password = client.put(f"/share/v1/users/{name}/password", json={"password": "Blue-Harbour7"})
            password.raise_for_status()
            signed = client.post("/share/v1/login", json={"user": name, "password": "Blue-Harbour7"})
            tokens[name] = signed.raise_for_status().json()["token"]
        for number in range(3):
            old = publish(server, b"x" * 900 * (number + 1), f"Offer, draft {number + 1}.docx")
            client.delete(f"/share/v1/documents/{old['id']}").raise_for_status()
    with server.client(tokens["RSATO"]) as client:
        ensure_folder(client)
    for name in _NAMES:
        sent = publish(server, b"x" * 4000, name, token=tokens["LMARCHETTI"])
    with server.guest() as guest:
        guest.post(sent["url"].partition(".example")[2], headers={"User-Agent": _AGENT})
    return tokens


def fill_disk(folder: Path) -> None:
    """Makes three folders: one empty, one with many files, one with hostile names."""
    then = datetime(2026, 11, 24, 9, 30, tzinfo=UTC).timestamp()
    many = [f"Scan {number:03}.pdf" for number in range(1, 251)]
    for name, files in {"Empty": [], "Scans": many, "Quarantine": list(_ON_DISK)}.items():
        (folder / name).mkdir()
        for place, file in enumerate(files):
            path = folder / name / file
            path.write_bytes(b"x" * (place + 1) * 1000)
            os.utime(path, (then, then))


async def _open(pilot: Pilot[Any], place: Location, *above: Location) -> MainScreen:
    main = await main_screen(pilot)
    await settled(pilot)
    main.open_place(place, path=[*above, place] if above else None)
    await until(pilot, lambda: main.place == place, place.name)
    await settled(pilot)
    return main


def _at(kind: str, name: str) -> Scene:
    async def scene(pilot: Pilot[Any]) -> None:
        await _open(pilot, Location(kind, name))

    return scene


async def _own_folder(pilot: Pilot[Any]) -> None:
    main = await main_screen(pilot)
    await settled(pilot)
    found = (await main.session.share.current_folder()).folder
    assert found is not None
    await _open(pilot, Location("sent", found.name, found.id))


async def _empty_members(pilot: Pilot[Any]) -> None:
    await _own_folder(pilot)
    await pilot.press("p")
    await until(pilot, lambda: type(pilot.app.screen).__name__ == "Members")


async def _own_audit(pilot: Pilot[Any]) -> None:
    await main_screen(pilot)
    await settled(pilot)
    await pilot.press("A")
    await until(pilot, lambda: type(pilot.app.screen).__name__ == "TimelineScreen")
    await settled(pilot)


async def nothing_found(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    await pilot.press("slash")
    await typed(pilot, "zzz")


async def trash(pilot: Pilot[Any]) -> None:
    await folder(pilot)
    await _open(pilot, Location("trash", "Trash"))


async def event(pilot: Pilot[Any]) -> None:
    """All details of an event in the audit."""
    await audit(pilot)
    await pilot.press("down", "enter")
    await screen_of(pilot, Details)


async def event_of_a_stranger(pilot: Pilot[Any]) -> None:
    await _own_audit(pilot)
    await pilot.press("enter")
    await screen_of(pilot, Details)


async def sorted_(pilot: Pilot[Any]) -> None:
    await folder(pilot)
    await pilot.press("S")
    await settled(pilot)


async def closing(pilot: Pilot[Any]) -> None:
    """The question when a dialog with typed input is closed."""
    await send(pilot)
    await pilot.press("escape")
    await screen_of(pilot, Question)


async def nobody(pilot: Pilot[Any]) -> None:
    """A member is added who is unknown to the server."""
    await members(pilot)
    await typed(pilot, "NOBODY")
    await pilot.press("enter")
    await settled(pilot)


async def name_refused(pilot: Pilot[Any]) -> None:
    await rename(pilot)
    await pilot.press("ctrl+a", "ctrl+k", "enter")
    await settled(pilot)


def _found(text: str) -> Scene:
    async def scene(pilot: Pilot[Any]) -> None:
        main = await main_screen(pilot)
        await settled(pilot)
        await pilot.press("ctrl+f")
        await screen_of(pilot, Prompt)
        await typed(pilot, text)
        await pilot.press("enter")
        await until(pilot, lambda: main.place is not None and main.place.kind == "found")
        await settled(pilot)

    return scene


async def later_version(pilot: Pilot[Any]) -> None:
    """Sending an earlier version asks which version is meant."""
    main = await _open(pilot, Location("worklist", "Document Worklist"))
    put_cursor_on(main, "Share Purchase Agreement.docx")
    await pilot.press("s")
    await screen_of(pilot, VersionQuestion)


async def checked_out(pilot: Pilot[Any]) -> None:
    """Sending a checked-out document asks whether it is meant."""
    main = await _open(pilot, Location("worklist", "Document Worklist"))
    put_cursor_on(main, "Report on the Lease.docx")
    await pilot.press("s")
    await screen_of(pilot, Question)


async def hint(pilot: Pilot[Any]) -> None:
    """A user starts the app for the first time."""
    main = await main_screen(pilot)
    await settled(pilot)
    await until(pilot, lambda: said(main).startswith("New here?"))


async def hostile_send(pilot: Pilot[Any]) -> None:
    await hostile_names(pilot)
    await pilot.press("ctrl+a", "s")
    await screen_of(pilot, SendDialog)


async def hostile_facts(pilot: Pilot[Any]) -> None:
    await hostile_names(pilot)
    await pilot.press("down", "i")
    await screen_of(pilot, Details)


async def hostile_menu(pilot: Pilot[Any]) -> None:
    await hostile_names(pilot)
    await pilot.press("down", "m")
    await screen_of(pilot, Menu)


#: The scenes of each of :data:`PEOPLE`.
OF_PEOPLE: dict[str, dict[str, Scene]] = {
    "APATEL": {
        "favorites-empty": _at("favorites", "My Favorites"),
        "share-empty": _at("share", "Share"),
        "trash-empty": _at("trash", "Trash"),
        "audit-empty": _own_audit,
    },
    "RSATO": {"folder-empty": _own_folder, "members-empty": _empty_members},
    "LMARCHETTI": {
        "folder-hostile": _own_folder,
        "audit-hostile": _own_audit,
        "event-hostile": event_of_a_stranger,
    },
}
#: Lists, and what is opened from them. A chosen order stays, and so does the cursor of the tree: these come last.
MORE: dict[str, dict[str, Scene]] = {
    "lists": {
        "worklist": _at("worklist", "Document Worklist"),
        "checked-out": _at("checked_out", "Checked Out"),
        "favorites": _at("favorites", "My Favorites"),
        "workspaces": _at("workspaces", "Workspaces"),
        "nothing-found": nothing_found,
        "found-many": _found("a"),
        "found-none": _found("[bold]zzz[/] " + "x" * 150),
        "trash": trash,
        "sorted": sorted_,
    },
    "dialogs": {
        "event": event,
        "closing": closing,
        "nobody": nobody,
        "later-version": later_version,
        "checked-out-asked": checked_out,
        "hostile-send": hostile_send,
        "hostile-facts": hostile_facts,
        "hostile-menu": hostile_menu,
        "name-refused": name_refused,
    },
}


def on_disk(disk: Path) -> dict[str, Scene]:
    """Folders of this machine, under names that don't reveal where they are."""

    def shown(name: str, *keys: str) -> Scene:
        async def scene(pilot: Pilot[Any]) -> None:
            above = [Location("local", name, f"/{name}") for name in ("/", "home", "djones")]
            await _open(pilot, Location("local", name, str(disk / name)), *above)
            await pilot.press(*keys)

        return scene

    return {
        "local-empty": shown("Empty"),
        "local-full": shown("Scans", "pagedown", "space", "down", "space"),
        "local-hostile": shown("Quarantine", "down"),
    }
