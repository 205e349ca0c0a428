"""Files that change while they are sent: what went out is said, and that it isn't what the send began with."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Call, HoldAnswer
from tests.support.sends.dying import Sends
from tests.support.sends.jobs import PIECE, fetch, job_of, names_in_folder, states
from tests.support.servers.server import ServerProcess
from tui.clients.share import ShareClient
from tui.clients.work import WorkClient
from tui.rules.errors import Failed, InvalidValue
from tui.rules.link_settings import LinkSettings
from tui.sending.attachments import send_all
from tui.sending.job.job import SendJob
from tui.sending.job.small_documents import SMALL
from tui.sending.sources import FileSource

LARGE = 6 * PIECE


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def grown(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more" * 1000)


def rewritten(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


def replaced(path: Path) -> None:
    """As editors and other programs write files."""
    other = path.with_name("other")
    other.write_bytes(os.urandom(path.stat().st_size))
    other.rename(path)


changes = pytest.mark.parametrize("change", [truncated, grown, rewritten, replaced])
Change = Callable[[Path], None]


def went_out(server: ServerProcess, job: SendJob, content: bytes) -> None:
    """What the row says is what a recipient gets."""
    (row,) = job.rows
    assert row.document is not None
    assert (row.state.value, row.size, row.document.size) == ("succeeded", len(content), len(content))
    assert row.document.sha256 == hashlib.sha256(content).hexdigest()
    assert fetch(server, row.document) == content


def file_of(folder: Path, size: int) -> Path:
    path = folder / f"{os.urandom(4).hex()}.bin"
    path.write_bytes(os.urandom(size))
    return path


@changes
async def test_a_large_one_that_changes_while_it_is_read(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, tmp_path: Path, change: Change
) -> None:
    """It is sent again from the beginning, as it is then; unless it was replaced, and the old one can be read on."""
    path = file_of(tmp_path, LARGE)
    content = path.read_bytes()
    proxy.spoil("PATCH", Call(lambda: change(path)), skip=1)
    job = job_of(share, FileSource.of(path))
    await job.run()
    went_out(server, job, content if change is replaced else path.read_bytes())
    assert [document.name for document in job.changed] == [path.name]


@changes
@pytest.mark.parametrize(("size", "where"), [(LARGE, "/documents"), (1000, "/batch")])
async def test_one_that_changes_after_it_was_read(
    server: ServerProcess,
    share: ShareClient,
    proxy: Misbehaving,
    tmp_path: Path,
    change: Change,
    size: int,
    where: str,
) -> None:
    """What goes out is what was read."""
    path = file_of(tmp_path, size)
    content = path.read_bytes()
    proxy.spoil("POST", Call(lambda: change(path)), where)
    job = job_of(share, FileSource.of(path))
    await job.run()
    went_out(server, job, content)
    assert len(job.changed) == 1


@changes
async def test_a_small_one_that_changes_before_it_is_read(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, tmp_path: Path, change: Change
) -> None:
    """When the send has begun, among others that don't change."""
    path, others = file_of(tmp_path, 1000), [file_of(tmp_path, 1000) for _ in range(3)]
    proxy.spoil("POST", Call(lambda: change(path)), "/sends")
    job = job_of(share, *map(FileSource.of, (others[0], path, *others[1:])))
    await job.run()
    assert states(job) == ["succeeded"] * 4
    assert [document.name for document in job.changed] == [path.name]
    assert fetch(server, job.changed[0]) == path.read_bytes()
    assert job.rows[1].size == path.stat().st_size


@pytest.mark.parametrize("size", [1000, LARGE])
async def test_what_has_not_changed(
    share: ShareClient, proxy: Misbehaving, tmp_path: Path, size: int
) -> None:
    """Nor has what was moved, deleted, or got other permissions."""
    paths = [file_of(tmp_path, size) for _ in range(4)]

    def touch() -> None:
        paths[0].chmod(0o600)
        paths[1].rename(tmp_path / f"moved{size}")
        paths[2].unlink()

    proxy.spoil(
        "POST", Call(touch), "/documents" if size == LARGE else "/batch", skip=3 if size == LARGE else 0
    )
    job = job_of(share, *map(FileSource.of, paths))
    await job.run()
    assert states(job) == ["succeeded"] * 4
    assert job.changed == []


@pytest.mark.parametrize("size", [1000, LARGE])
async def test_one_that_changes_before_the_send_is_resumed(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, dying: Sends, tmp_path: Path, size: int
) -> None:
    """Also if no byte of it had been sent, and it has the same size. Another process knows it from the journal."""
    path = file_of(tmp_path, size)
    method, where = ("PATCH", "") if size == LARGE else ("POST", "/sends")
    proxy.spoil(method, HoldAnswer(), where, times=ALWAYS)
    job = dying.begin([path])
    await dying.ended_after(job, lambda: any(seen.held for seen in proxy.seen))
    proxy.behave()
    rewritten(path)
    again = await dying.resume(share)
    await again.run()
    went_out(server, again, path.read_bytes())
    assert len(again.changed) == 1
    assert again.journal is not None
    again.journal.release()
    (left,) = (await dying.stands(share)).changed
    assert left.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


async def test_attachments_that_change_are_not_sent(
    share: ShareClient, proxy: Misbehaving, tmp_path: Path
) -> None:
    """They are our own copies: who changes them means no good."""
    paths = [file_of(tmp_path, 1000), file_of(tmp_path, LARGE)]
    proxy.spoil("POST", Call(lambda: rewritten(paths[1])), "/documents")
    files = [(path, path.name) for path in paths]
    with pytest.raises(Failed, match="changed while it was sent") as caught:
        await send_all(share, WorkClient(share.http), files, LinkSettings(), nullcontext)
    assert caught.value.code == "file.changed"
    assert not {path.name for path in paths} & set(await names_in_folder(share))


async def test_small_ones_that_change_between_the_check_and_their_turn(
    server: ServerProcess, share: ShareClient, proxy: Misbehaving, tmp_path: Path
) -> None:
    """Many are read in one go; each goes out as it is then, the one that is gone fails alone, and the one that is no
    longer small goes by itself."""
    paths = [tmp_path / f"{number:02}.bin" for number in range(20)]
    for path in paths:
        path.write_bytes(os.urandom(100))

    def change() -> None:
        paths[3].write_bytes(b"other")
        paths[9].unlink()
        paths[17].write_bytes(os.urandom(SMALL + 1))
        paths[19].write_bytes(b"")

    job = job_of(share, *map(FileSource.of, paths))
    proxy.spoil("POST", Call(change), "/sends")
    await job.run()
    assert states(job) == ["failed" if path is paths[9] else "succeeded" for path in paths]
    assert proxy.count("POST", "/uploads") == 1
    for row, path in zip(job.rows, paths, strict=True):
        if row.document is not None:
            assert fetch(server, row.document) == path.read_bytes()
    assert [document.name for document in job.changed] == ["03.bin", "17.bin", "19.bin"]


async def test_the_first_file_that_is_gone_is_told_before_anything_is_sent(
    share: ShareClient, proxy: Misbehaving, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{number:02}.bin" for number in range(20)]
    for path in paths:
        path.write_bytes(b"content")
    job = job_of(share, *map(FileSource.of, paths))
    paths[18].unlink()
    paths[11].unlink()
    with pytest.raises(InvalidValue, match=r"11\.bin is no longer there"):
        await job.run()
    assert not proxy.count("POST", "/sends")
