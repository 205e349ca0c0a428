"""The app with a separate Work server: documents and favourites come from it, links from the other server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.app.app import (
    main_screen,
    name_of,
    open_sent_folder,
    put_cursor_on,
    resized,
    screen_of,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tests.support.users.work import PASSWORD, Worker, add_person
from tui.clients.connection import open_http
from tui.clients.target import Target
from tui.clients.work import WorkClient
from tui.clients.work_target import Registration, TokenGrant, WorkTarget
from tui.config import load
from tui.config.work_server import keep, target
from tui.locations.location import Location
from tui.session import Session
from tui.ui.app import SentlinksApp
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog
from tui.ui.widgets.heading import Heading
from tui.ui.widgets.status_line import StatusLine


@pytest.fixture
def share_server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "share", arguments=("--user", "SHARER")) as process:
        yield process


@pytest.fixture
def paper(server: ServerProcess) -> str:
    with Worker(server) as worker:
        space = worker.workspace("Matter", default_security="public")
        worker.request("POST", "my-favorites/children", json={"target_id": space, "name": "My matter"})
        return str(worker.upload(space, "Deed", b"the deed", "pdf")["id"])


def app_on(share: ServerProcess, work: WorkTarget | None, state: Path) -> SentlinksApp:
    return SentlinksApp(Session(Target(share.url, share.token), state=state, work_target=work))


async def test_documents_of_the_one_become_links_of_the_other(
    server: ServerProcess, share_server: ServerProcess, paper: str, tmp_path: Path
) -> None:
    app = app_on(share_server, WorkTarget(Target(server.url, server.token)), tmp_path / "state")
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        assert main.place is not None
        assert main.place.kind == "worklist"
        hosts = [each.url.removeprefix("http://") for each in (share_server, server)]
        heading = str(main.query_one(Heading).render()).rstrip()
        assert heading == f" Secure Sent Links           SHARER · {hosts[0]} · Work at {hosts[1]}"
        put_cursor_on(main, "Deed.pdf")
        await pilot.press("s")
        await screen_of(pilot, SendDialog)
        await pilot.press("ctrl+y")
        links = await screen_of(pilot, LinksScreen)
        url = links.documents[0].url
        assert url is not None
        assert url.startswith(share_server.url)
        assert httpx.post(url, follow_redirects=True, trust_env=False).content == b"the deed"
        await pilot.press("escape")
        main = await screen_of(pilot, MainScreen)
        await open_sent_folder(pilot, main)
        assert [name_of(row) for row in main.table.rows] == ["Deed.pdf"]
        favorites = await main.session.places(Location("favorites", ""))
        assert [(p.kind, p.name) for p in favorites] == [
            ("sent", "SHARER - Secure Sent Links"),
            ("workspace", "My matter"),
        ]
        # The ids are the same on both servers; each shortcut is found, and removed, on its own server.
        shortcut = main.session.favorites.shortcut_of(favorites[0])
        await main.session.favorites.remove(shortcut)
        assert [p.name for p in await main.session.places(Location("favorites", ""))] == ["My matter"]
        main.open_place(favorites[1])
        await until(pilot, lambda: main.place == favorites[1] and len(main.table.rows) == 1, "the matter")
        put_cursor_on(main, "Deed.pdf")
        history = (await main.session.work.history(paper)).items
        assert [entry.name for entry in history][:2] == ["SHARED", "EXPORT"]
        await settled(pilot)


@more
async def test_signing_in_with_the_command_is_enough(
    server: ServerProcess, share_server: ServerProcess, paper: str, tmp_path: Path
) -> None:
    """Without a sign-in to Work, the status line says so; after the command, Work's locations open."""
    add_person(server, "WORKER")
    config = load({"SENTLINKS_HOME": str(tmp_path / "home"), "SENTLINKS_WORK_SERVER": server.url})
    app = app_on(share_server, target(config), tmp_path / "state")
    async with app.run_test(size=(80, 24)) as pilot:
        main = await screen_of(pilot, MainScreen)
        status = main.query_one("#status", StatusLine)
        await until(pilot, lambda: "login --work" in str(status.render()), "the sentence")
        assert isinstance(app.screen, MainScreen), "no dialog asks for the password of the other server"
        async with open_http(Target(server.url)) as http:
            grant: TokenGrant = await WorkClient(http).session.sign_in("WORKER", PASSWORD)
        keep(config, server.url, "WORKER", grant, Registration())
        main.open_place(Location("workspaces", "Workspaces"))
        await until(pilot, lambda: "▸ Matter" in [name_of(row) for row in main.table.rows], "the workspaces")
        # The user is signed in now.
        await until(pilot, lambda: "login --work" not in status.text, "the end of the sentence")
        await settled(pilot)


#: A width, what is named in it, and what is seen of that.
HEADINGS = [
    (
        80,
        ["share.a-very-long-name.example:8443", "Work at documents.a-very-long-name.example"],
        " Secure Sent Links  DJONES · share.a-very-long-name… · Work at documents.a-ver…",
    ),
    (
        80,
        ["share.example", "Work at documents.a-very-long-name.example"],
        " Secure Sent Links  DJONES · share.example · Work at documents.a-very-long-nam…",
    ),
    (
        80,
        ["share.a-very-long-name.example:8443", "Work at w.example"],
        " Secure Sent Links  DJONES · share.a-very-long-name.exampl… · Work at w.example",
    ),
    (80, ["https://share.example"], " Secure Sent Links" + " " * 31 + "DJONES · https://share.example"),
    (40, ["share.example", "Work at w.example"], " Secure Sent Links  DJONES · sh… · Wor…"),
    (20, ["share.example", "Work at w.example"], " Secure Sent Links…"),
]


@more
async def test_both_are_seen_where_there_is_no_room(tmp_path: Path) -> None:
    app = SentlinksApp(Session(Target("http://127.0.0.1:1"), state=tmp_path))
    async with app.run_test(size=(80, 20)) as pilot:
        heading = (await screen_of(pilot, MainScreen)).query_one(Heading)
        for width, places, shown in HEADINGS:
            if app.size.width != width:
                await resized(pilot, width, 20)
            heading.show("DJONES", *places)
            await pilot.pause()
            line = str(heading.render())
            assert line.rstrip() == shown
            assert len(line) == width
            assert heading.text.endswith(places[-1])
