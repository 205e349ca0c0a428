"""What became of a command is still said if what follows it fails, such as reloading the list or the tree."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.support.app.app import (
    app_for,
    link_text,
    put_cursor_on,
    running,
    said,
    screen_of,
    sent_folder,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Hold, Say
from tests.support.servers.server import ServerProcess
from tui.clients import events
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.send import SendDialog

#: Of :func:`three_sent`.
SERVER = "shared"

BUSY = "is not available at the moment"


async def test_that_documents_were_sent(sample_server: ServerProcess, tmp_path: Path) -> None:
    """The branches of the tree are reloaded then."""
    with Misbehaving(sample_server.url) as proxy:
        async with running(sample_server, tmp_path, size=(200, 20), url=proxy.url) as (pilot, main):
            put_cursor_on(main, "Letter of Intent.pdf")
            await pilot.press("s")
            await screen_of(pilot, SendDialog)
            await pilot.press("ctrl+y")
            await screen_of(pilot, LinksScreen)
            before = len(proxy.seen)
            proxy.spoil("GET", Say(503), "favorites", times=ALWAYS)
            proxy.spoil("GET", Say(503), "/folders", times=ALWAYS)
            await pilot.press("escape")
            await screen_of(pilot, MainScreen)
            await until(pilot, lambda: any(seen.method == "GET" for seen in proxy.seen[before:]))
            await settled(pilot)
            assert said(main).startswith("1 document sent. It is in ")
            assert "The tree can't be reloaded: " in said(main)
            assert said(main).count(BUSY) == 1
            assert main.status.tone == "warn"


@more
async def test_what_failed_is_not_hidden_by_a_new_connection(
    three_sent: ServerProcess, tmp_path: Path
) -> None:
    """Nor that a document was unpublished by a list that can't be reloaded."""
    with Misbehaving(three_sent.url) as proxy:
        async with app_for(three_sent, tmp_path, demo=False, url=proxy.url).run_test(size=(200, 20)) as pilot:
            main = await sent_folder(pilot)
            proxy.spoil("POST", Say(409), "/unpublish")
            await pilot.press("u")
            await until(pilot, lambda: main.status.tone == "bad")
            await settled(pilot)
            failure = said(main)
            before = proxy.count("GET", "/documents")
            proxy.down()
            proxy.up()
            # The list is reloaded as soon as events arrive again.
            await until(pilot, lambda: proxy.count("GET", "/documents") > before, "a new connection")
            await settled(pilot)
            assert said(main) == failure
            proxy.spoil("GET", Say(503), "/documents", times=ALWAYS)
            await pilot.press("u")
            await until(pilot, lambda: said(main).startswith("Unpublished “"), "what came of it")
            await until(
                pilot, lambda: "z undoes it. The list can't be reloaded: " in said(main), "what failed"
            )


@more
async def test_what_was_done_is_not_hidden_by_a_new_connection(
    three_sent: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command may get through while the events still wait for their next try: how to undo it stays to be read."""
    monkeypatch.setattr(events, "FIRST_WAIT", 10_000.0)
    monkeypatch.setattr(events, "LONGEST_WAIT", 10_000.0)
    with Misbehaving(three_sent.url) as proxy:
        async with app_for(three_sent, tmp_path, demo=False, url=proxy.url).run_test(size=(200, 20)) as pilot:
            main = await sent_folder(pilot)
            proxy.down()
            await until(pilot, lambda: link_text(main).startswith("Connection lost"), "a word about it")
            go_on = threading.Event()
            proxy.spoil("GET", Hold(go_on), "/events")
            proxy.up()
            await pilot.press("u")
            await until(pilot, lambda: "z undoes it." in said(main), "what came of it")
            await settled(pilot)
            before = proxy.count("GET", "/documents")
            go_on.set()
            # The list is reloaded as soon as events arrive again.
            await until(pilot, lambda: proxy.count("GET", "/documents") > before, "a new connection")
            await settled(pilot)
            assert said(main).startswith("Unpublished “")
