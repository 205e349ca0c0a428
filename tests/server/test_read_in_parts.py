"""Documents are read in parts: only those that are needed, and the first ones at the same time."""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.server.test_sending_from_work import work_documents
from tests.support.carried import images
from tests.support.carried.office import docx, paragraph, run
from tests.support.carried.pdf import pdf, text
from tests.support.carried.workers import inspecting
from tests.support.sends.jobs import connected
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.support.users.work import Worker
from tui.clients.blocks import Block
from tui.inspection.inspector import FirstLines, Inspector
from tui.inspection.worker import WorkerFailed
from tui.rules.carried import Looked
from tui.rules.document_kinds import WITH_LINES
from tui.rules.errors import Failed, NotFound
from tui.sending.carried import CarriedReports
from tui.sending.readable import WHOLE, Readable, _of_one_version, handed_over, of_sent, of_work
from tui.sending.sources import WorkSource

MB = 1024 * 1024
PICTURE = random.Random(1).randbytes(4 * MB)


class Elsewhere:
    """A document that notes what is asked for. With ``together``, nothing is answered before so many requests came."""

    def __init__(self, content: bytes, together: int = 1) -> None:
        self.content = content
        self.asked: list[tuple[int, int]] = []
        self._together = together
        self._all = asyncio.Event()

    async def block(self, place: int, length: int) -> bytes:
        self.asked.append((place, length))
        if len(self.asked) >= self._together:
            self._all.set()
        await self._all.wait()
        return self.content[place : place + length]

    def readable(self, name: str) -> Readable:
        return Readable(name, len(self.content), block=self.block)


async def lines_of(document: Readable) -> FirstLines:
    carried = CarriedReports(Inspector())
    try:
        return await carried.first_lines(document)
    finally:
        carried.close()


async def test_small_documents_are_fetched_whole() -> None:
    there = Elsewhere(docx(paragraph(run("a"))))
    assert (await lines_of(there.readable("a.docx"))).lines == ("a",)
    assert there.asked == [(0, len(there.content))]
    empty = Elsewhere(b"")
    assert (await lines_of(empty.readable("a.txt"))).lines == ()
    assert empty.asked == []


async def test_both_ends_are_fetched_at_once_and_then_what_is_needed() -> None:
    there = Elsewhere(docx(paragraph(run("a")), {"word/media/a.bin": PICTURE}), together=2)
    assert (await lines_of(there.readable("a.docx"))).lines == ("a",)
    assert [place > MB for place, _ in there.asked] == [False, True]
    assert sum(length for _, length in there.asked) <= 110 * 1000, "the picture isn't fetched"


LINES = "".join(
    paragraph(run(f"Line {number} {random.Random(number).randbytes(90).hex()}")) for number in range(12_000)
)


async def test_of_a_long_text_only_its_first_lines_are_fetched() -> None:
    """In one round trip: what follows isn't looked at."""
    there = Elsewhere(docx(LINES), together=2)
    assert len(there.content) > MB
    found = await lines_of(there.readable("a.docx"))
    assert (len(found.lines), found.more, found.lines[59][:8]) == (60, True, "Line 59 ")
    assert len(there.asked) == 2


async def test_of_a_kind_that_has_none_only_its_beginning_is_fetched() -> None:
    """Enough to tell that it isn't one of those that are read."""
    for name, content in (("a.bin", b"\0" * 9 * MB), ("a", b"\0" * 99), ("a.doc", b"{\\rtf1}" * MB)):
        there = Elsewhere(content)
        assert (await lines_of(there.readable(name))).reason == "kind"
        assert there.asked == [(0, min(len(content), 4096))]
    there = Elsewhere(docx(paragraph(run("a"))))
    assert (await lines_of(there.readable("a.bin"))).lines == ("a",), "whatever its name says"


async def test_what_is_not_what_its_name_says_is_called_so() -> None:
    """Its kind is looked into: only this one can't be. A binary text has no lines, but may be one in its coding."""
    junk = b"\0junk" * 99
    for name, reason in (
        ("a.docx", "damaged"),
        ("a.pdf", "damaged"),
        ("a.png", "damaged"),
        ("a.txt", "kind"),
    ):
        assert (await lines_of(Elsewhere(junk).readable(name))).reason == reason, name
    async with inspecting() as inspector:
        for name, reason in (
            ("a.docx", "damaged"),
            ("a.doc", "damaged"),
            ("a.txt", "kind"),
            ("a.bin", "kind"),
        ):
            report = await inspector.inspect(Elsewhere(junk).block, name, len(junk))
            assert (report.looked, report.reason) == (Looked.NOT, reason), name


async def test_of_a_pdf_too() -> None:
    content = pdf(
        content=text("An agreement"), more=[f"<</Length {2 * MB}>>stream\n{'0' * 2 * MB}\nendstream"]
    )
    there = Elsewhere(content, together=2)
    assert (await lines_of(there.readable("a.pdf"))).lines == ("An agreement",)
    assert sum(length for _, length in there.asked) <= 400 * 1000


@pytest.mark.parametrize(
    ("name", "content", "first"),
    [
        ("a.txt", b"Hello\n" * MB, "Hello"),
        ("a.eml", b"Subject: x\r\n\r\nHello\r\n" + b"y\r\n" * MB, "Subject: x"),
        (
            "a.jpeg",
            images.jpeg(images.exif(artist="Ann"), size=(4, 3)) + PICTURE,
            "JPEG picture, 4 × 3 pixels",
        ),
    ],
    ids=["text", "mail", "picture"],
)
async def test_what_is_read_from_its_beginning_has_one_end(name: str, content: bytes, first: str) -> None:
    there = Elsewhere(content)
    assert (await lines_of(there.readable(name))).lines[0] == first
    assert there.asked == [(0, 64 * 1024)]


async def test_a_block_is_as_long_as_was_asked_for_wherever_it_is() -> None:
    """Also one of an end, of which more is here."""
    there = Elsewhere(docx(paragraph(run("a")), {"word/media/a.bin": PICTURE}))
    size = len(there.content)
    async with handed_over(there.readable("a.docx"), WITH_LINES) as (fetch, told):
        assert told == size
        assert not isinstance(fetch, int)
        for place in (0, 1000, 2 * MB, size - 1000, size - 10):
            assert await fetch(place, 10) == there.content[place : place + 10]
        assert await fetch(size - 5, 10) == there.content[-5:]
        # What is here of it already ends it.
        assert await fetch(64 * 1024 - 5, 10) == there.content[64 * 1024 - 5 : 64 * 1024]


async def test_a_quarter_of_a_gigabyte_is_read_and_no_more() -> None:
    there = Elsewhere(b"")
    most = 256 * MB
    async with handed_over(Readable("a.txt", most, block=there.block), WITH_LINES) as (_, size):
        assert size == most
    with pytest.raises(WorkerFailed, match="limits"):
        async with handed_over(Readable("a.txt", most + 1, block=there.block), WITH_LINES):
            pass


async def test_leaving_it_ends_what_is_fetched() -> None:
    ended = asyncio.Event()
    there = Elsewhere(b"", together=99)

    async def block(place: int, length: int) -> bytes:
        try:
            return await there.block(place, length)
        finally:
            ended.set()

    job = asyncio.ensure_future(lines_of(Readable("a.docx", MB, block=block)))
    while len(there.asked) < 2:
        await asyncio.sleep(0)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    await ended.wait()


async def test_a_document_that_changes_meanwhile_is_not_mixed() -> None:
    tags = iter("aab")

    async def ask(place: int, length: int) -> Block:
        return Block(b"x" * length, next(tags))

    block = _of_one_version(ask)
    assert await block(0, 1) + await block(1, 1) == b"xx"
    with pytest.raises(Failed):
        await block(2, 1)


async def test_what_the_list_does_not_tell_is_asked_for() -> None:
    there = Elsewhere(b"Hello\n")

    async def length() -> int | None:
        return len(there.content)

    assert (await lines_of(Readable("a.txt", None, block=there.block, length=length))).lines == ("Hello",)

    async def unknown() -> int | None:
        return None

    found = await lines_of(Readable("a.txt", None, block=there.block, length=unknown))
    assert (found.lines, found.reason) == ((), "unreadable")


async def test_documents_of_both_servers(server: ServerProcess) -> None:
    """Each is previewed, and neither used nor downloaded."""
    content = docx(paragraph(run("Hello")), {"word/media/a.bin": PICTURE[:MB]})
    assert len(content) > WHOLE
    with Worker(server) as worker, Sender(server) as me:
        paper = worker.upload(worker.workspace("Parts"), "parts", content, "docx")["id"]
        recent = [item["id"] for item in worker.items("recent-documents")]
        sent = me.send("parts.docx", content)["id"]
        async with connected(server.url, server.token) as (share, work):
            document = await work.document(paper)
            assert document.size == len(content)
            lines = await lines_of(of_work(WorkSource(work, document)))
            assert lines.lines == ("Hello",)
            block = await work.block(paper, len(content) - 5, 100)
            assert block.content == content[-5:]
            lines = await lines_of(of_sent(share, await share.document(sent)))
            assert lines.lines == ("Hello",)
            block = await share.block(sent, 10, 20)
            assert block.content == content[10:30]
            assert block.etag
            with pytest.raises(NotFound):
                await share.block("0" * 32, 0, 1)
        assert worker.history(paper) == ["PREVIEW", "NEWDOCUMENT"]
        assert [item["id"] for item in worker.items("recent-documents")] == recent
        assert me.events(f"/documents/{sent}/audit") == ["sent", "published", "previewed"]
        assert me.document(sent)["downloads"] == 0


async def test_the_sample_can_be_read(sample_server: ServerProcess) -> None:
    async with connected(sample_server.url, sample_server.token) as (_, work):
        for document in await work_documents(work, 12):
            found = await lines_of(of_work(WorkSource(work, document)))
            assert found.lines or found.reason == "kind", document.file_name
