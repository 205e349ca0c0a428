"""The filter of a Secure Sent Links folder: who has a link, who took it; and what went out together, as one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    main_screen,
    name_of,
    names,
    put_cursor_on,
    said,
    screen_of,
    screen_text,
    sent_folder,
    settled,
    until,
)
from tests.support.checks.long import in_long, more
from tests.support.network.misbehave import Misbehaving
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import ensure_folder, publish, publish_all
from tests.support.users.share import Sender
from tui.locations.kinds import SHARE_ROOT
from tui.ui.base.question import Question
from tui.ui.draft.draft import DraftScreen
from tui.ui.draft.plain_links import PlainLinks
from tui.ui.main.main import MainScreen

#: Of :func:`three_sent`.
SERVER = "shared"


async def filtered(pilot: Pilot[Any], main: MainScreen, text: str) -> list[str]:
    """The names in the list under another filter."""
    if main.browser.list.needle:
        await pilot.press("escape")
    await pilot.press("slash")
    await until(pilot, lambda: main.query("#filter") and main.query_one("#filter").has_focus, "the field")
    await pilot.press(*text)
    await until(pilot, lambda: main.browser.list.needle == text.strip(), "what was typed")
    await pilot.press("enter")
    await settled(pilot)
    return [name_of(row) for row in main.table.rows]


async def test_each_word_of_the_filter(three_sent: ServerProcess, tmp_path: Path) -> None:
    """In a folder that is loaded as a whole, nothing is asked of the server."""
    with Sender(three_sent) as me:
        me.send("For Anna.pdf", recipients=["Anna Arp <anna@müller.de>"])
        off = me.send("Off.pdf", recipients=["bob@example.com"])
        me.post(f"/documents/{off['id']}/unpublish")
        taken = me.send("Taken.pdf")
        with three_sent.guest() as guest:
            guest.post(taken["url"])
    with Misbehaving(three_sent.url) as proxy:
        app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
        # Without frames, a sentence isn't cut into lines.
        async with app.run_test(size=(100, 29)) as pilot:
            main = await sent_folder(pilot)
            asked = proxy.count("GET", "/documents")
            for text, expected in (
                ("to:anna", ["For Anna.pdf"]),
                *in_long(
                    ("to:MÜLLER.de", ["For Anna.pdf"]),
                    ("is:off", ["Off.pdf"]),
                    ("is:taken", ["Taken.pdf"]),
                ),
                ("is:waiting", ["For Anna.pdf", "Third.pdf", "Second.pdf", "First.pdf"]),
                ("is:off to:bob", ["Off.pdf"]),
                ("from:first", ["First.pdf"]),
                ("anna", ["For Anna.pdf"]),
                ('"for anna"', ["For Anna.pdf"]),
                ("to:", ["Taken.pdf", "Off.pdf", "For Anna.pdf", "Third.pdf", "Second.pdf", "First.pdf"]),
            ):
                assert await filtered(pilot, main, text) == expected, text
            assert proxy.count("GET", "/documents") == asked
            for text, sentence in (
                ("too:anna", "There is no filter too:, only to:, from: and is:. Did you mean 'to:'?"),
                ("is:waitng", "Did you mean 'waiting'?"),
                ("to:zzz", "Nothing here fits to:zzz; "),
                ("zzz", "zzz"),
            ):
                assert await filtered(pilot, main, text) == []
                assert sentence in " ".join(screen_text(pilot).split()), text
            await pilot.press("escape")
            await settled(pilot)
            assert len(main.table.rows) == 6


@more
async def test_the_server_filters_a_folder_of_several_pages(server: ServerProcess, tmp_path: Path) -> None:
    """What isn't loaded is found, too; nothing that can't be read is asked for."""
    with Sender(server) as me:
        me.send("Oldest for Anna.txt", recipients=["anna@example.com"])
        stopped = me.send("Oldest and off.txt")
        me.post(f"/documents/{stopped['id']}/unpublish")
    publish_all(server, [f"Minutes {number:03}.txt" for number in range(420)])
    with Misbehaving(server.url) as proxy:
        app = app_for(server, tmp_path, demo=False, url=proxy.url)
        async with app.run_test(size=(100, 30)) as pilot:
            main = await sent_folder(pilot)
            assert main.browser.list.window.more
            assert await filtered(pilot, main, "to:anna") == ["Oldest for Anna.txt"]
            assert await filtered(pilot, main, "is:off") == ["Oldest and off.txt"]
            assert len(await filtered(pilot, main, "minutes is:on")) == 100
            await pilot.press("end")
            await settled(pilot)
            assert name_of(main.table.rows[-1]) == "Minutes 419.txt"
            assert await filtered(pilot, main, "too:anna") == []
            assert "Did you mean" in " ".join(screen_text(pilot).split())
            assert await filtered(pilot, main, "x" * 1001) == []
            assert "The filter is too long" in " ".join(screen_text(pilot).split())
            assert proxy.count("GET", "filter=too%3A") == 0
            # A folder that changes underneath, and a filter that changes while a page is under way.
            with proxy.holding("GET", "filter=is%3Aoff"):
                await pilot.press("escape", "slash", *"is:off")
                await until(pilot, lambda: proxy.count("GET", "filter=is%3Aoff") > 1, "the request")
                await pilot.press(*["backspace"] * 6, *"to:anna")
            await until(pilot, lambda: names(main) == {"Oldest for Anna.txt"}, "the last one typed")
            await settled(pilot)
            assert names(main) == {"Oldest for Anna.txt"}
            publish(server, b"new", "New for Anna.txt", recipients=["anna@example.com"])
            await until(pilot, lambda: "New for Anna.txt" in names(main), "the new one")
            await settled(pilot)
            assert names(main) == {"Oldest for Anna.txt", "New for Anna.txt"}


@pytest.fixture
def one_send(three_sent: ServerProcess) -> ServerProcess:
    """With a send of three documents between others."""
    publish_all(three_sent, ["C first.pdf", "B second.pdf", "A third.pdf"])
    publish(three_sent, b"later", "Later.pdf")
    return three_sent


@more
async def test_what_was_sent_together_is_one(one_send: ServerProcess, tmp_path: Path) -> None:
    """Whatever the list is sorted or filtered by: in the order of the send."""
    app = app_for(one_send, tmp_path, demo=False)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        sent = ["C first.pdf", "B second.pdf", "A third.pdf"]
        for prepare in ((), ("S",), ("slash", *"second", "enter")):
            await pilot.press(*prepare)
            await settled(pilot)
            put_cursor_on(main, "B second.pdf")
            # It says so of the selection before, too.
            main.say("")
            await pilot.press("e")
            await until(pilot, lambda: "of one send" in said(main), "the selection")
            assert [name_of(row) for row in main.chosen] == sent
            await pilot.press("C")
            links = await screen_of(pilot, PlainLinks)
            assert [document.name for document in links._documents] == sent
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.screen is main)
            await pilot.press("w")
            draft = await screen_of(pilot, DraftScreen)
            assert [document.name for document in draft.documents] == sent
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.screen is main)
        await pilot.press("u")
        question = await screen_of(pilot, Question)
        assert question.text[0] == "Unpublish 3 links?"
        await pilot.press("y")
        await until(pilot, lambda: "Unpublished 3 links" in said(main), "the outcome")
        await pilot.press("escape")
        await settled(pilot)
        off = {name_of(row) for row in main.table.rows if not row.data.published}
        assert off == set(sent)
        main.table.clear_selection()
        put_cursor_on(main, "Later.pdf")
        await pilot.press("e")
        await until(pilot, lambda: said(main) == "It was sent alone.")


async def test_a_link_that_is_off_is_not_handed_out(three_sent: ServerProcess, tmp_path: Path) -> None:
    """By any of the keys: copied, shown, mailed or as a code. Of several, it is left out."""
    with Sender(three_sent) as me:
        off = me.send("Off.pdf")
        me.post(f"/documents/{off['id']}/unpublish")
    async with app_for(three_sent, tmp_path, demo=False).run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Off.pdf")
        for key in "cCwx":
            await pilot.press(key)
            await until(
                pilot, lambda: said(main).startswith("The link of “Off.pdf” is off (unpublished); s"), key
            )
            assert pilot.app.screen is main
            main.say("")
        await pilot.press("space")
        put_cursor_on(main, "First.pdf")
        await pilot.press("space", "c")
        await until(pilot, lambda: said(main).startswith("1 of 2 links is off and left out."), "the copy")
        await pilot.press("C")
        assert [d.name for d in (await screen_of(pilot, PlainLinks))._documents] == ["First.pdf"]
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main)
        await pilot.press("w")
        assert [d.name for d in (await screen_of(pilot, DraftScreen)).documents] == ["First.pdf"]


@more
async def test_two_folders_that_differ_at_the_end(server: ServerProcess, tmp_path: Path) -> None:
    """In the tree and in the list, at 80 columns: each has the whole time of day at which it was made."""
    with server.client() as client:
        for _ in range(2):
            folder = ensure_folder(client)
            generation = client.get("/share/v1/folder").json()["generation"]
            client.post("/share/v1/folder", json={"generation": generation, "shortcut": False})
        assert folder
        names_of_folders = [each["name"] for each in client.get("/share/v1/folders").json()["folders"]]
    ends = [name[-8:] for name in names_of_folders if name[-1].isdecimal()]
    assert len(set(ends)) == len(ends) > 0
    assert len(names_of_folders) > len(ends)
    async with app_for(server, tmp_path, demo=False).run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        share = main.places.find("share")
        assert share is not None
        main.places.focus()
        main.places.move_cursor(share)
        await pilot.press("right")
        await until(pilot, lambda: len(share.children) == len(names_of_folders))
        main.open_place(SHARE_ROOT)
        await until(pilot, lambda: len(main.table.rows) == len(names_of_folders))
        await settled(pilot)
        border = main.table.region.x
        lines = screen_text(pilot).splitlines()
        for side in ([line[:border] for line in lines], [line[border:] for line in lines]):
            for end in ends:
                assert any(end in line for line in side), end
