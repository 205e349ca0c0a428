"""Each setting of a link reaches every place where it would be lost: told once, and nowhere forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import refusal
from tests.support.sends.all_settings import MAIL_ARGUMENTS, PASSWORD, VALUES, found, settings
from tests.support.sends.dying import USER, Sends, files
from tests.support.sends.jobs import connected
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tui.clients.share import ShareClient
from tui.rules.link_settings import LEFT_OUT, LinkSettings
from tui.sending.job.job import SendJob
from tui.sending.journal.journal import Journal
from tui.sending.recorded_sources import source_record
from tui.sending.sources import FileSource
from tui.wire.share import Document, Resend, Send

#: What is changed when a document is sent again. *To* is changed by a request of its own.
AGAIN = [name for name in VALUES if name != "recipients"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that can notify senders."""
    data = tmp_path_factory.mktemp("settings") / "data"
    with ServerProcess(data, arguments=MAIL_ARGUMENTS) as process:
        with Sender(process) as me:
            user = me.get("/me")["user"]
            me.request("PATCH", f"/users/{user}", json={"email": "me@firm.example"}).raise_for_status()
        yield process


@pytest.fixture
async def share(server: ServerProcess) -> AsyncIterator[ShareClient]:
    async with connected(server.url, server.token) as (client, _):
        yield client


async def _send_of(share: ShareClient, job: SendJob) -> Send:
    send_id = job.documents[0].send_id
    assert send_id is not None
    return (await share.sends.state(send_id)).send


def _lost(answer: Send | Document, expected: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found(answer).items() if value != expected[name]}


def test_all_settings_have_a_value_here() -> None:
    assert {each.name for each in fields(LinkSettings)} - {"zone_offset"} == VALUES.keys()


@pytest.mark.parametrize("size", [10, 600_000], ids=["in a batch", "uploaded"])
async def test_opened_published_and_listed(
    share: ShareClient, dying: Sends, tmp_path: Path, size: int
) -> None:
    """The answer to opening, that to publishing, the row of the list, and the row that the journal keeps."""
    job = dying.begin(files(tmp_path, size), **VALUES)
    await job.run()
    (document,) = job.documents
    listed = [each async for page in share.all_document_pages() for each in page.documents]
    (row,) = [each for each in listed if each.id == document.id]
    for answer in (await _send_of(share, job), document, row, await share.document(document.id)):
        assert _lost(answer, VALUES) == {}


async def test_in_the_journal_and_resumed(share: ShareClient, dying: Sends, tmp_path: Path) -> None:
    """A send that is killed before it was opened begins again with what was asked for, the password typed again."""
    (path,) = files(tmp_path, 10)
    journal = Journal(dying.state, "local", USER)
    journal.begin([(source_record(FileSource.of(path)), path.name, "key")], settings(), datetime.now(UTC))
    journal.release()
    status = await dying.stands(share)
    kept = {name: getattr(status.settings, name) for name in VALUES}
    assert kept == {**VALUES, "password": None}
    resumed = await dying.resume(share, PASSWORD)
    await resumed.run()
    assert _lost(resumed.documents[0], VALUES) == {}


async def test_opened_again(
    server: ServerProcess, share: ShareClient, dying: Sends, proxy: Misbehaving, tmp_path: Path
) -> None:
    """A send that the server has lost is opened with the same settings: the password wasn't kept, so without one."""
    proxy.spoil("POST", refusal(404, "send.unknown", "There is no such send."), "/batch")
    job = dying.begin(files(tmp_path, 10, 20), **{k: v for k, v in VALUES.items() if k != "password"})
    await job.run()
    assert sum(seen.path.endswith("/sends") for seen in proxy.seen) == 2
    for document in job.documents:
        assert _lost(document, {**VALUES, "password": None}) == {}


@pytest.mark.parametrize("changed", AGAIN)
async def test_sent_again(share: ShareClient, dying: Sends, tmp_path: Path, changed: str) -> None:
    """What is changed is changed, and all else is kept; what is removed is gone."""
    job = dying.begin(files(tmp_path, 10))
    await job.run()
    (document,) = job.documents
    before = found(document)
    password = PASSWORD if changed == "password" else LEFT_OUT
    request = Resend(**LinkSettings.of({changed: VALUES[changed]}, password).fields())
    assert found(await share.resend(document.id, request)) == {**before, changed: VALUES[changed]}
    assert found(await share.resend(document.id, Resend())) == {**before, changed: VALUES[changed]}
    nothing = False if isinstance(VALUES[changed], bool) else None
    removal = Resend.model_validate({changed: nothing})
    assert found(await share.resend(document.id, removal)) == before
