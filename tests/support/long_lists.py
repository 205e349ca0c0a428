"""The app with a folder of more documents than it loads at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.support.app import running, settled, until
from tests.support.fill import Filled
from tests.support.misbehave import Misbehaving
from tests.support.server import ServerProcess
from tui.locations.location import Location
from tui.screens.main import MainScreen


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
