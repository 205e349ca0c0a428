"""The app with a folder of more documents than it loads at once, and what is asked of the server for them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.support.app.app import asked, running, settled, until
from tests.support.app.performed import performed
from tests.support.network.misbehave import Misbehaving
from tests.support.servers.fill import Filled, fill
from tests.support.servers.server import ServerProcess
from tui.locations.location import Location
from tui.ui.browser.windows import window_of
from tui.ui.main.main import MainScreen

#: The path of a folder's rows ends in this.
CHILDREN = "/children"


@contextmanager
def filled_server(data: Path, count: int) -> Iterator[tuple[ServerProcess, Filled]]:
    """A server whose large folder has ``count`` documents."""
    filled = asyncio.run(fill(data, count))
    with ServerProcess(data) as server:
        yield server, filled


def in_order(server: ServerProcess, filled: Filled, sort: str | None = None) -> list[str]:
    """The documents of the large folder as the server sorts them."""
    path = f"/work/api/v2/customers/1/libraries/ACTIVE/folders/{filled.large}/children"
    with server.client(filled.tokens["DJONES"]) as client:
        answer = client.get(
            path, params={"limit": 9999} | ({"sort": sort} if sort else {})
        ).raise_for_status()
    return [item["id"].rpartition(".")[0] for item in answer.json()["data"]]


@asynccontextmanager
async def large_folder(
    library: tuple[ServerProcess, Filled],
    state: Path,
    *,
    size: tuple[int, int] = (100, 40),
    demo: bool = True,
    url: str | None = None,
) -> AsyncIterator[tuple[Pilot[Any], MainScreen]]:
    """Runs the app on the server of a library that was filled; yields the pilot and the first screen, with the large
    folder open and nothing under way. ``url`` is another address for the server."""
    server, filled = library
    token = filled.tokens["DJONES"]
    async with running(server, state, size=size, demo=demo, token=token, url=url) as (pilot, main):
        main.open_place(Location("folder", "Large", filled.large))
        await until(pilot, lambda: main.kind == "folder", "the folder")
        await settled(pilot)
        yield pilot, main


@asynccontextmanager
async def spoiled_folder(
    library: tuple[ServerProcess, Filled],
    state: Path,
    *,
    size: tuple[int, int] = (100, 40),
    demo: bool = True,
) -> AsyncIterator[tuple[Pilot[Any], MainScreen, Misbehaving]]:
    """The same through a proxy, which is yielded too."""
    with Misbehaving(library[0].url) as proxy:
        async with large_folder(library, state, size=size, demo=demo, url=proxy.url) as (pilot, main):
            yield pilot, main, proxy


async def go_to(pilot: Pilot[Any], main: MainScreen, ident: str, name: str = "Large") -> None:
    """Opens a folder, and waits until it is there."""
    main.open_place(Location("folder", name, ident))
    await until(pilot, lambda: main.place is not None and main.place.name == name, f"the folder {name}")
    await settled(pilot)


def running_in(
    library: tuple[ServerProcess, Filled], state: Path, url: str | None = None
) -> AbstractAsyncContextManager[tuple[Pilot[Any], MainScreen]]:
    """The same as :func:`large_folder`, on a wide screen and with the user's own Work."""
    return large_folder(library, state, size=(120, 40), demo=False, url=url)


@asynccontextmanager
async def asked_for(pilot: Pilot[Any], held: Misbehaving, *typed: str) -> AsyncIterator[threading.Event]:
    """Types some keys and holds back the requests that they cause, until the event is set or the block ends."""
    with held.holding("GET", CHILDREN) as go_on:
        before = held.count("GET", CHILDREN)
        await pilot.press(*typed)
        await asked(pilot, held, "GET", CHILDREN, before)
        yield go_on
        go_on.set()
        await settled(pilot)


def keys(main: MainScreen) -> list[str]:
    """The keys of the loaded rows."""
    return [row.key for row in main.table.rows]


def chosen(main: MainScreen) -> list[str]:
    """The keys of the selected rows, or else of the current one."""
    return [row.key for row in main.table.chosen]


async def all_of(main: MainScreen, needle: str = "") -> set[str]:
    """The keys of all rows that the server finds in the current location."""
    assert main.place is not None
    view, found = window_of(main.browser, main.place, needle), set[str]()
    while view.more:
        await performed(view.down())
        found |= {row.key for row in view.rows}
    return found


async def found_by_server(pilot: Pilot[Any], main: MainScreen, needle: str) -> None:
    """Filters by a text, and waits for what the server finds."""
    await pilot.press("slash", *needle, "enter")
    await until(pilot, lambda: main.browser.list.search_window is not None, "what the server finds")
    await settled(pilot)
