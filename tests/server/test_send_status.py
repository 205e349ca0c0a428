"""What is known of a send whose process has ended, and what becomes of a password that no one knows."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import HoldAnswer, LoseAnswer, refusal
from tests.support.sends.dying import Sends, files
from tests.support.sends.jobs import PIECE, count_sent, fetch, states
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tui.clients.share import ShareClient
from tui.rules.errors import Unreachable
from tui.sending.job.job import SendJob
from tui.sending.journal.journal import Journal
from tui.sending.recorded_sources import LostSource
from tui.sending.resuming import planned, query_status, status_from_journal, with_password

MADE = "Made-Up-Heron-48"
NEW = "Another-Heron-49"


async def killed(dying: Sends, proxy: Misbehaving, job: SendJob, published: int, patches: int = 1) -> None:
    """Kills a send that has published that many documents, when the server has the first pieces of the others."""
    proxy.spoil("PATCH", HoldAnswer(), times=ALWAYS)
    await dying.ended_after(job, lambda: len(job.documents) >= published and proxy.count("PATCH") >= patches)
    proxy.behave()


async def test_what_is_published_seen_and_missing(
    share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    paths = files(tmp_path, 2 * PIECE, 20, 6 * PIECE)
    await killed(dying, proxy, job := dying.begin(paths), published=2)
    status = await dying.stands(share)
    assert [document.name for document in status.published] == ["paper00.bin", "paper01.bin"]
    assert status.unseen == status.published
    assert [entry.name for entry in status.missing] == ["paper02.bin"]
    (offset,) = status.offsets.values()
    assert offset >= PIECE
    assert status.percent == 100 * (2 * PIECE + 20 + offset) // (8 * PIECE + 20)
    assert (status.send, status.needs_password, status.password_unknown) == (job.send, False, False)
    # Without the server, the journal alone says as much, except how far the upload is.
    known = status_from_journal(status.contents, running=True)
    assert (known.published, known.send, known.running) == (status.published, job.send, True)
    assert (known.offsets, known.percent) == ({}, 25)
    journal = Journal.take(dying.state, status.contents)
    journal.shown()
    journal.release()
    seen = await dying.stands(share)
    assert (seen.unseen, seen.published) == ([], status.published)


async def test_links_that_have_stopped_or_are_gone_are_no_news(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    await killed(dying, proxy, dying.begin(files(tmp_path, 10, 20, 30, 5 * PIECE)), published=3)
    first, second, third = (await dying.stands(share)).published
    with Sender(server) as sender:
        sender.post(f"/documents/{first.id}/unpublish")
        sender.delete(f"/documents/{second.id}")
        sender.post("/trash/empty")
    status = await dying.stands(share)
    assert [document.id for document in status.unseen] == [third.id]
    assert [document.id for document in status.published] == [first.id, third.id]
    assert [entry.name for entry in status.missing] == ["paper03.bin"]
    journal = Journal.take(dying.state, status.contents)
    rows = (await planned(None, journal, status)).rows
    assert [type(row.source) is LostSource for row in rows] == [True, True, True, False]
    assert [row.source.size for row in rows] == [10, 20, 30, 5 * PIECE]
    journal.release()


async def test_a_send_of_nothing_but_empty_files_is_no_part_of_the_way(
    share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    proxy.spoil("POST", HoldAnswer(), "/sends")
    job = dying.begin(files(tmp_path, 0))
    await dying.ended_after(job, lambda: proxy.count("POST", "/sends") == 1)
    assert (await dying.stands(share)).percent == 0


async def test_what_was_published_unheard_is_noted(
    share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    before = await count_sent(share)
    proxy.spoil("POST", HoldAnswer(), "/batch")
    job = dying.begin(files(tmp_path, 10, 20))
    await dying.ended_after(job, lambda: any(seen.held for seen in proxy.seen))
    assert await count_sent(share) == before + 2
    assert status_from_journal((await dying.stands(share)).contents).published == []
    status = await dying.stands(share)
    # What a journal with a damaged plan doesn't know is found at the server.
    contents = (await dying.stands(share)).contents
    contents.damaged, contents.entries = True, []
    assert (await query_status(share, contents)).published == status.published
    told: list[str] = []
    journal = Journal.take(dying.state, status.contents)
    journal.on_published = lambda document: told.append(document.name)
    status.note(journal)
    # Once is enough.
    status.note(journal)
    journal.release()
    assert told == ["paper00.bin", "paper01.bin"]
    assert status_from_journal((await dying.stands(share)).contents).published == status.published


async def test_a_send_that_the_server_has_lost_needs_its_password(
    share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    """The documents that the journal has are still known; the rest is opened again."""
    await killed(dying, proxy, dying.begin(files(tmp_path, 10, 5 * PIECE), password=NEW), published=1)
    assert not (await dying.stands(share)).needs_password
    proxy.spoil("GET", refusal(404, "send.unknown", "There is no such send."), "/sends/")
    contents = (await dying.stands(share)).contents
    status = await query_status(share, contents)
    assert status.send is not None
    proxy.spoil("GET", refusal(404, "send.unknown", "There is no such send."), "/sends/", times=2)
    async with httpx.AsyncClient(base_url=proxy.url, headers=share.http.headers) as http:
        lost = await query_status(ShareClient(http), contents)
    assert (lost.send, lost.offsets, len(lost.published), lost.needs_password) == (None, {}, 1, True)


async def test_a_password_that_no_one_knows_is_replaced(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    """The program made it up, and was killed before it had shown it."""
    paths = files(tmp_path, 10, 20, 5 * PIECE)
    job = dying.begin(paths, password=MADE)
    assert job.journal is not None
    job.journal.password_made = True
    await killed(dying, proxy, job, published=2)
    status = await dying.stands(share)
    assert status.password_unknown
    assert len(status.offsets) == 1
    with Sender(server) as sender:
        sender.post(f"/documents/{status.published[1].id}/unpublish")
    status = await with_password(share, await dying.stands(share), NEW)
    assert (status.send, status.offsets, status.needs_password) == (None, {}, True)
    assert fetch(server, status.published[0], NEW) == paths[0].read_bytes()
    with pytest.raises(AssertionError):
        fetch(server, status.published[0], MADE)
    # It isn't published again only because its password has changed.
    assert [document.published for document in status.published] == [True, False]
    assert (await dying.stands(share)).offsets == {}
    again = await dying.resume(share, status=status, password=NEW)
    await again.run()
    assert states(again) == ["succeeded"] * 3
    assert fetch(server, again.documents[2], NEW) == paths[2].read_bytes()


async def test_a_password_is_replaced_as_soon_as_the_server_is_back(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path
) -> None:
    job = dying.begin(files(tmp_path, 10, 5 * PIECE), password=MADE)
    await killed(dying, proxy, job, published=1)
    status = await dying.stands(share)
    proxy.spoil("DELETE", LoseAnswer(), times=ALWAYS)
    proxy.spoil("POST", refusal(503, "server.busy", "The server is busy."), "/resend")
    with pytest.raises(Unreachable):
        await with_password(share, status, NEW)
    status = await with_password(share, status, NEW)
    assert fetch(server, status.published[0], NEW)
