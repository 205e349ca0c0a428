"""Which links of documents that were sent no longer work, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Hang, refusal
from tests.support.sends.jobs import Bytes, fetch, job_of
from tests.support.servers.server import ServerProcess
from tests.support.users.recipient import act
from tests.support.users.share import Sender
from tui.clients.share import ShareClient
from tui.sending import stopped_links as stopping
from tui.sending.stopped_links import stopped_links
from tui.wire.share import Document

DAY = 86_400


async def send(share: ShareClient, *names: str, **settings: Any) -> list[Document]:
    job = job_of(share, *(Bytes(name, name.encode()) for name in names), **settings)
    await job.run()
    assert sorted(document.name for document in job.documents) == sorted(names)
    return list(job.documents)


async def test_each_reason(restored_server: ServerProcess, share: ShareClient) -> None:
    """A link that was replaced is named too, although the document has one that works."""
    now = datetime.now(UTC)
    sent = await send(
        share,
        *("works.txt", "by hand.txt", "trash.txt", "removed.txt", "used.txt", "replaced.txt"),
        downloads_permitted=1,
        expires_at=now + timedelta(days=9),
    )
    sent += await send(share, "expired.txt", expires_at=now + timedelta(days=1))
    assert await stopped_links(share, sent) == []
    documents = {document.name.partition(".")[0]: {"id": document.id} for document in sent}
    act(restored_server, documents["by hand"], "unpublish")
    act(restored_server, documents["removed"], "delete")
    with Sender(restored_server) as sender:
        sender.post("/trash/empty")
    act(restored_server, documents["trash"], "delete")
    used = next(document for document in sent if document.name == "used.txt")
    assert fetch(restored_server, used) == b"used.txt"
    act(restored_server, documents["replaced"], "resend", new_address=True)
    restored_server.turn_clock(2 * DAY)
    assert {document.name: why for document, why in await stopped_links(share, sent)} == {
        "by hand.txt": "unpublished",
        "trash.txt": "in the trash",
        "removed.txt": "permanently removed",
        "used.txt": "limit reached",
        "replaced.txt": "replaced by a new one",
        "expired.txt": "expired",
    }


async def test_what_the_server_does_not_say_works(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No e-mail is held up by a question that gets no answer."""
    (document,) = await send(share, "unknown.txt")
    act(server, {"id": document.id}, "unpublish")
    proxy.spoil("GET", refusal(503, "database.away", "The database is away."), times=ALWAYS)
    assert await stopped_links(share, [document]) == []
    proxy.behave()
    with monkeypatch.context() as patch:
        patch.setattr(stopping, "_SECONDS", 0.1)
        proxy.spoil("GET", Hang(), times=ALWAYS)
        assert await stopped_links(share, [document]) == []
    proxy.behave()
    assert [why for _, why in await stopped_links(share, [document])] == ["unpublished"]
