"""Files that are published all or not at all, such as the attachments of a message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Call, Hang, refusal
from tests.support.sends.jobs import fetch, names_in_folder
from tests.support.servers.server import ServerProcess
from tui.clients.share import ShareClient
from tui.clients.work import WorkClient
from tui.rules.errors import Failed, InvalidValue
from tui.rules.link_settings import LinkSettings
from tui.sending.attachments import send_all
from tui.sending.job.small_documents import SMALL
from tui.wire.share import Document


class Sending:
    """Sends files all or nothing; ``stop`` ends it as a signal does."""

    def __init__(self, share: ShareClient, folder: Path) -> None:
        self.share = share
        self.work = WorkClient(share.http)
        self.folder = folder
        self.stop: Callable[[int], None] = lambda number: None

    @contextmanager
    def ended_by(self, stop: Callable[[int], None]) -> Iterator[None]:
        self.stop = stop
        yield

    async def send(self, **sizes: int) -> list[Document]:
        """Sends files of these names and sizes in bytes."""
        files = []
        for number, (name, size) in enumerate(sizes.items()):
            path = self.folder / f"part{number}"
            path.write_bytes(b"x" * size)
            files.append((path, name))
        return await send_all(self.share, self.work, files, LinkSettings(), self.ended_by)

    async def published(self, *names: str) -> set[str]:
        """Those of the names that are in the folder."""
        return set(names) & set(await names_in_folder(self.share))

    async def until_published(self, *names: str) -> None:
        async with asyncio.timeout(60):
            while await self.published(*names) != set(names):
                await asyncio.sleep(0.02)


@pytest.fixture
def sending(share: ShareClient, tmp_path: Path) -> Sending:
    return Sending(share, tmp_path)


async def test_they_are_published_in_order_under_the_given_names(
    server: ServerProcess, share: ShareClient, sending: Sending, tmp_path: Path
) -> None:
    (tmp_path / "0").write_text("offer")
    (tmp_path / "1").write_text("letter")
    files = [(tmp_path / "0", "Offer: final/2.PDF"), (tmp_path / "1", "letter")]
    settings = LinkSettings(downloads_permitted=3)
    documents = await send_all(share, sending.work, files, settings, sending.ended_by)
    assert [(d.name, d.downloads_permitted) for d in documents] == [("Offer_ final_2.PDF", 3), ("letter", 3)]
    assert [d.source for d in documents] == ["file:Offer: final/2.PDF", "file:letter"]
    assert [fetch(server, document) for document in documents] == [b"offer", b"letter"]


async def test_what_cannot_be_sent_at_all_publishes_nothing(sending: Sending, share: ShareClient) -> None:
    before = await names_in_folder(share)
    missing = [(sending.folder / "missing", "missing")]
    with pytest.raises(InvalidValue):
        await send_all(share, sending.work, missing, LinkSettings(), sending.ended_by)
    with pytest.raises(InvalidValue):
        await sending.send()
    assert await names_in_folder(share) == before


async def test_if_one_fails_none_stays_published(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, sending: Sending
) -> None:
    """One of the files goes while they are sent."""
    proxy.spoil("POST", Call((sending.folder / "part1").unlink), "/sends")
    with pytest.raises(Failed) as failed:
        await sending.send(first=1, second=2, third=3)
    assert failed.value.code == "file.missing"
    assert failed.value.message.startswith("second: ")
    assert failed.value.message.endswith(" Nothing was sent.")
    assert await sending.published("first", "second", "third") == set()
    trash = {document.name for document in (await share.trash()).documents}
    assert trash >= {"first", "third"}


async def test_what_cannot_be_withdrawn_is_named(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, sending: Sending
) -> None:
    """Saying that nothing was sent would be wrong."""
    proxy.spoil("POST", Call((sending.folder / "part1").unlink), "/sends")
    proxy.spoil("DELETE", refusal(500, "server.error", "The server failed."), "/documents", skip=1)
    with pytest.raises(Failed) as failed:
        await sending.send(withdrawn=1, gone=2, kept=3)
    assert await sending.published("withdrawn", "gone", "kept") == {"kept"}
    current = (await share.current_folder()).folder
    assert current is not None
    documents = [d async for page in share.document_pages(current.id) for d in page.documents]
    (kept,) = [document for document in documents if document.name == "kept"]
    assert "Nothing was sent" not in failed.value.message
    assert failed.value.message.endswith(
        f" Published, and not withdrawn: kept; run sentlinks delete {kept.id} to stop the link."
    )


@pytest.mark.parametrize("how", ["signal", "outside"])
async def test_if_it_is_stopped_none_stays_published(proxy: Misbehaving, sending: Sending, how: str) -> None:
    """By a signal, which is reported like any other failure, or because the task that waits for it is cancelled."""
    proxy.spoil("POST", Hang(), "/uploads")
    small, large = {f"{how} 1": 1, f"{how} 2": 2}, {f"{how} large": SMALL + 1}
    running = asyncio.create_task(sending.send(**small, **large))
    await sending.until_published(*small)
    if how == "signal":
        sending.stop(15)
        with pytest.raises(Failed, match="stopped") as stopped:
            await running
        assert stopped.value.code == "cancelled"
    else:
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert await sending.published(*small, *large) == set()
