"""The details of a sent document: what it was sent from, by its name, and what wrong passwords have done."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.support.app.app import app_for, put_cursor_on, screen_of, screen_text, sent_folder, settled
from tests.support.pictures.scene_start import add_shortcut
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import guess
from tests.support.users.share import PASSWORD, Sender, fetch
from tests.support.users.work import Worker
from tui.rules.display import moment_text
from tui.ui.dialogs.details import Details


async def test_what_it_was_sent_from_has_a_name(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """As it is called in Work by now; its number and version if it is there no longer."""
    add_shortcut(fresh_server)
    with Worker(fresh_server) as worker, Sender(fresh_server) as me:
        source = worker.upload(worker.workspace("Halyard"), "Board Minutes")["id"]
        number = source.removesuffix(".1")
        for name, label in (
            ("Offer.pdf", source),
            ("Gone.pdf", "ACTIVE!9999.2"),
            ("Own.pdf", "file:Draft.pdf"),
        ):
            sent = me.open()
            answer = me.publish(sent["id"], me.upload(sent["id"], b"x"), name, b"x", source=label)
            assert answer.status_code == 201, answer.text
    async with app_for(fresh_server, tmp_path, demo=False).run_test(size=(100, 40)) as pilot:
        main = await sent_folder(pilot)
        for name, said in (
            ("Offer.pdf", f"Board Minutes.txt ({number}, v1)"),
            ("Gone.pdf", "ACTIVE!9999, v2"),
            ("Own.pdf", "a local file"),
        ):
            put_cursor_on(main, name)
            await pilot.press("i")
            await settled(pilot, await screen_of(pilot, Details))
            row = next(line for line in screen_text(pilot).splitlines() if "Sent from" in line)
            assert row.partition("Sent from")[2].strip(" │") == said
            await pilot.press("escape")
            await screen_of(pilot, type(main))


async def test_how_many_wrong_passwords_there_were(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """And how long one has to wait, which is in the details; the line below the list has their number."""
    document = publish(fresh_server, b"x", "Secret.pdf", password=PASSWORD)
    with fresh_server.guest() as guest:
        guess(fresh_server, guest, document, 12)
    async with app_for(fresh_server, tmp_path, demo=False).run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Secret.pdf")
        await settled(pilot)
        assert "· 13 wrong passwords" in screen_text(pilot)
        await pilot.press("i")
        await settled(pilot, await screen_of(pilot, Details))
        assert "13 wrong passwords; next try in " in screen_text(pilot)


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_a_link_that_was_sent_again_says_so(
    fresh_server: ServerProcess, tmp_path: Path, size: tuple[int, int]
) -> None:
    """Its downloads are counted anew: neither row nor details look as if nobody had taken it since the first time."""
    with Sender(fresh_server) as me:
        document = me.send("Offer.pdf", downloads_permitted=2)
        fetch(fresh_server, document["url"])
        again = me.resend(document)
    async with app_for(fresh_server, tmp_path, demo=False).run_test(size=size) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Offer.pdf")
        await settled(pilot)
        assert "0 of 2 anew" in screen_text(pilot)
        await pilot.press("i")
        await settled(pilot, await screen_of(pilot, Details))
        shown = " ".join(screen_text(pilot).split())
        assert f"Sent again {moment_text(datetime.fromisoformat(again['resent_at']))}" in shown
        assert "Downloads 0 of 2 taken since it was sent again" in shown
