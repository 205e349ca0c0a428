"""What the documents of a send carry: files and documents of Work, each version once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server.test_sending_from_work import work_documents
from tests.support.carried.office import docx, paragraph, run
from tests.support.sends.jobs import Bytes, connected, job_of
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tui.inspection.inspector import Inspector
from tui.rules.carried import Looked
from tui.rules.errors import Failed
from tui.rules.policy import Policy
from tui.sending.carried import CarriedReports, inspect, reported
from tui.sending.readable import MOST_FETCHED, WHOLE
from tui.sending.sources import FileSource, WorkSource

CHANGED = docx(paragraph('<w:ins w:id="1" w:author="Ann">', run("a"), "</w:ins>"))
PLAIN = docx(paragraph(run("a")))


@pytest.fixture
def carried() -> AsyncIterator[CarriedReports]:
    found = CarriedReports(Inspector())
    yield found
    found.close()


async def test_a_version_is_looked_into_once(carried: CarriedReports, tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(CHANGED)
    (tmp_path / "b.docx").write_bytes(PLAIN)
    one, other = FileSource.of(tmp_path / "a.docx"), FileSource.of(tmp_path / "b.docx")
    assert carried.of(one) is None
    told: list[None] = []
    reports = await carried.look([one, other, FileSource.of(tmp_path / "a.docx")], lambda: told.append(None))
    assert [report.mark for report in reports] == ["1 tracked change", "nothing found", "1 tracked change"]
    assert len(told) == 2
    assert carried.of(FileSource.of(tmp_path / "a.docx")) is reports[0]
    kinds = ["tracked_changes"]
    carried.overrule(one, kinds)
    assert (carried.is_overruled(one, kinds), carried.is_overruled(other, kinds)) == (True, False)
    # What the policy has warned of only since then wasn't asked about.
    assert not carried.is_overruled(one, [*kinds, "author"])
    (tmp_path / "a.docx").write_bytes(PLAIN + b" ")
    changed = FileSource.of(tmp_path / "a.docx")
    assert carried.of(changed) is None, "another version"
    assert not carried.is_overruled(changed, kinds)
    assert await carried.look([changed], lambda: told.append(None)) != reports[:1]


async def test_a_file_that_is_another_version_before_it_was_looked_into(
    carried: CarriedReports, tmp_path: Path
) -> None:
    """Sending inspects it again, and doesn't wait for long."""
    path = tmp_path / "a.docx"
    path.write_bytes(CHANGED)
    source = FileSource.of(path)
    looking = asyncio.ensure_future(carried.look([source]))
    await asyncio.sleep(0)
    path.write_bytes(CHANGED + b" ")
    before = source.version
    await source.check()
    assert source.version != before
    (report,) = await looking
    assert report.looked is not Looked.NOT
    assert carried.of(source) is None, "another version"


async def test_a_file_that_is_changed_before_it_is_sent_has_no_report(
    server: ServerProcess, tmp_path: Path
) -> None:
    """What was found, and overruled, was another version's."""
    found = {}
    for changes in (False, True):
        path = tmp_path / f"changes-{changes}.docx"
        path.write_bytes(CHANGED)
        async with connected(server.url, server.token) as (share, _):
            job = job_of(share, FileSource.of(path))
            inspector = Inspector()
            try:
                report = await inspect(inspector, job.rows[0].source)
            finally:
                inspector.close()
            job.rows[0].note_report(reported(report, Policy(), overruled=True))
            if changes:
                path.write_bytes(PLAIN * 2)
            await job.run()
            (document,) = job.documents
        with Sender(server) as me:
            details = me.get(f"/documents/{document.id}/audit")["events"][-1]["details"]
        found[changes] = details.get("looked"), details.get("carries"), details.get("overruled")
    assert found == {False: ("whole", {"tracked_changes": 1}, ["tracked_changes"]), True: (None, None, None)}


async def test_files_of_the_same_name_are_others(carried: CarriedReports, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "a.docx").write_bytes(CHANGED)
    (tmp_path / "x" / "a.docx").write_bytes(PLAIN)
    reports = await carried.look(FileSource.of(tmp_path / name) for name in ("a.docx", "x/a.docx"))
    assert [report.mark for report in reports] == ["1 tracked change", "nothing found"]


async def test_documents_of_work(sample_server: ServerProcess) -> None:
    async with connected(sample_server.url, sample_server.token) as (_, work):
        documents = await work_documents(work, 4)
        inspector = Inspector()
        try:
            for document in documents:
                report = await inspect(inspector, WorkSource(work, document))
                assert report.looked is not Looked.NOT or report.reason == "kind"
        finally:
            inspector.close()


async def test_what_lies_elsewhere_is_fetched_whole_or_in_blocks() -> None:
    inspector = Inspector()
    try:
        small = Bytes("a.docx", CHANGED)
        assert (await inspect(inspector, small)).mark == "1 tracked change"
        assert small.reads == 1
        filled = docx(paragraph(run("a")), {"word/media/a.bin": bytes(range(256)) * 8_000})
        large = Bytes("a.docx", filled + b"\0" * WHOLE)
        large.content = docx(paragraph('<w:ins w:id="1" w:author="A"/>'), {"a.bin": _noise(WHOLE * 4)})
        large.size = len(large.content)
        assert large.size > WHOLE
        assert (await inspect(inspector, large)).mark == "1 tracked change"
        assert large.given < large.size + 100_000
    finally:
        inspector.close()


def _noise(size: int) -> bytes:
    import random

    return random.Random(1).randbytes(size)


async def test_what_cannot_be_read_is_not_looked_into(tmp_path: Path) -> None:
    inspector = Inspector()

    class Broken(Bytes):
        async def read(self, start: int) -> AsyncIterator[bytes]:
            if start < WHOLE * 9:
                raise Failed("x", "It can't be read.")
            yield b""

    try:
        for size in (len(CHANGED), WHOLE + 1):
            report = await inspect(inspector, Broken("a.docx", CHANGED, size))
            assert (report.looked, report.reason) == (Looked.NOT, "unreadable")
        report = await inspect(inspector, Bytes("a.docx", b"", MOST_FETCHED + 1))
        assert (report.looked, report.reason) == (Looked.NOT, "limits")
        path = tmp_path / "a.docx"
        path.write_bytes(CHANGED)
        source = FileSource.of(path)
        path.unlink()
        report = await inspect(inspector, source)
        assert (report.looked, report.reason) == (Looked.NOT, "unreadable")
    finally:
        inspector.close()


async def test_cancelling_ends_what_is_under_way(carried: CarriedReports) -> None:
    begun = asyncio.Event()

    class Endless(Bytes):
        async def read(self, start: int) -> AsyncIterator[bytes]:
            begun.set()
            await asyncio.Event().wait()
            yield b""

    source = Endless("a.docx", CHANGED)
    looking = asyncio.ensure_future(carried.look([source]))
    await begun.wait()
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    assert carried.of(source) is None
    carried.rest()
