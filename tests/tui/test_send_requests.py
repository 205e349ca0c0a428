"""How many requests a send costs, from ``s`` in the list to the draft with its links: nothing is asked for twice.

Counted is every request of the app, to Share and to Work, that the server gets from the key ``s`` until the draft is
shown and nothing of the send is under way any more, in the background either (the note in Work's history). The stream
of events isn't among them, as it was begun before; nor is what the list and the tree load again after the draft was
closed.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.support.app.app import put_cursor_on, running, said, screen_of, settled, until
from tests.support.network.misbehave import Misbehaving
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker
from tui.locations.location import Location
from tui.ui.draft.draft import DraftScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog

SIZE = (100, 30)
#: Of a document of Work: the first send of a user makes the folder and its shortcut.
FIRST, NEXT = 12, 8


@pytest.fixture
def fresh_server(tmp_path: Path) -> ServerProcess:
    return ServerProcess(tmp_path / "data")


async def matter(pilot: Pilot[int], main: MainScreen, server: ServerProcess, names: tuple[str, ...]) -> None:
    """The list of a workspace with documents of these names."""
    with Worker(server) as worker:
        space = worker.workspace("Matter", default_security="public")
        for name in names:
            worker.upload(space, name, name.encode())
    main.open_place(Location("workspace", "Matter", space))
    await until(pilot, lambda: main.kind == "workspace" and len(main.table.rows) == len(names))
    await settled(pilot)


async def sent(pilot: Pilot[int], proxy: Misbehaving, *, work: bool = True) -> list[str]:
    """Sends what is chosen, and returns the requests for it."""
    proxy.seen.clear()
    await pilot.press("s")
    dialog = await screen_of(pilot, SendDialog)
    await pilot.press("ctrl+s")
    draft = await screen_of(pilot, DraftScreen)
    assert (draft.documents[0].url or "no link") in draft.text.body
    if work:
        await until(pilot, lambda: proxy.count("POST", "/history"), "the note in Work's history")
    await settled(pilot, draft)
    await settled(pilot, dialog)
    found = [f"{seen.method} {seen.path}" for seen in proxy.seen]
    await pilot.press("escape")
    main = await screen_of(pilot, MainScreen)
    await settled(pilot, main)
    assert "1 document sent" in said(main)
    return found


async def test_the_requests_of_a_send_are_few(fresh_server: ServerProcess, tmp_path: Path) -> None:
    with fresh_server as server, Misbehaving(server.url) as proxy:
        async with running(server, tmp_path / "state", size=SIZE, demo=False, url=proxy.url) as (pilot, main):
            await matter(pilot, main, server, ("Offer", "Terms"))
            put_cursor_on(main, "Offer.txt")
            first = await sent(pilot, proxy)
            put_cursor_on(main, "Terms.txt")
            following = await sent(pilot, proxy)
    assert len(first) <= FIRST, first
    assert len(following) <= NEXT, following
    twice = [each for each in set(first) if first.count(each) > 1]
    assert twice == [], first
    assert len(set(following)) == len(following), following
