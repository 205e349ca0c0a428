"""Documents of Work with several versions, one of which a test chooses in the app."""

from __future__ import annotations

from textual.pilot import Pilot

from tests.support.app.app import main_screen, put_cursor_on, said, screen_of, settled, until
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker
from tui.locations.location import Location
from tui.ui.main.main import MainScreen
from tui.ui.send.versions import VersionQuestion

SIZE = (100, 30)
COMMENTS = ("as instructed", "after the call", "clause 7 struck out")


def content(name: str, version: int) -> bytes:
    """The bytes of a version; each has another size."""
    return f"{name}, version {version}".encode() * (50 * version)


def fill_matter(server: ServerProcess) -> dict[str, str]:
    """Two documents with three versions each and one with a single version; returns their ids, without a version."""
    found = {}
    with Worker(server) as worker:
        space = worker.workspace("Matter", default_security="public")
        for name in ("Lease", "Offer"):
            first = worker.upload(space, name, content(name, 1), comment=COMMENTS[0])["id"]
            for version in (2, 3):
                worker.new_version(first, name, content(name, version), comment=COMMENTS[version - 1])
            found[name] = first.rpartition(".")[0]
        found["Note"] = worker.upload(space, "Note", content("Note", 1))["id"].rpartition(".")[0]
        found["Matter"] = space
    return found


async def matter(pilot: Pilot[int], idents: dict[str, str]) -> MainScreen:
    """The list of the three documents, each in its latest version."""
    main = await main_screen(pilot)
    await settled(pilot)
    main.open_place(Location("workspace", "Matter", idents["Matter"]))
    await until(pilot, lambda: main.kind == "workspace" and len(main.table.rows) == 3)
    await settled(pilot)
    main.table.focus()
    return main


async def choose(pilot: Pilot[int], main: MainScreen, name: str, *keys: str) -> None:
    """Chooses a version of a document by keys."""
    put_cursor_on(main, f"{name}.txt")
    await pilot.press("v")
    await screen_of(pilot, VersionQuestion)
    await pilot.press(*keys, "enter")
    await screen_of(pilot, MainScreen)
    await until(pilot, lambda: f"of {name}.txt is chosen" in said(main))
