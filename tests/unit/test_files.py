"""Files on this machine: which can't be sent, and changes to them while they are sent."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
import threading
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.real_parts import as_root, lacks
from tui.clients.files import CHUNK, LocalFile, list_folder, modified_at
from tui.clients.tree import Tree
from tui.locations.local_files import LOCAL
from tui.locations.location import Location
from tui.rules.errors import Failed, InvalidValue
from tui.sending.sources import FileSource

NOBODY = 65534


async def read_all(file: LocalFile, start: int = 0) -> bytes:
    return b"".join([piece async for piece in file.read(start)])


def refusal(path: Path | str) -> InvalidValue:
    with pytest.raises(InvalidValue) as caught:
        LocalFile.open(path)
    assert caught.value.exit_status == 2
    assert caught.value.message.endswith(".")
    return caught.value


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, 3 * CHUNK + 7])
async def test_a_file_is_read_whole_and_from_the_middle(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.bin"
    content = os.urandom(size)
    path.write_bytes(content)
    file = LocalFile.open(path)
    assert (file.name, file.size) == ("a.bin", size)
    assert await read_all(file) == content
    assert await read_all(file, size // 2) == content[size // 2 :]
    assert await read_all(file, size) == b""


def test_a_missing_file_is_told_with_its_name(tmp_path: Path) -> None:
    problem = refusal(tmp_path / "gone.pdf")
    assert problem.code == "file.missing"
    assert "gone.pdf" in problem.message
    (tmp_path / "file").touch()
    assert refusal(tmp_path / "file" / "below").code == "file.missing"
    assert refusal(tmp_path / ("n" * 300)).code == "file.missing"
    assert refusal(Path("nul\0byte")).code == "file.missing"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """As for every other program, whose paths are those that the user spelled."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"abc")
    problem = refusal(f"{path}/")
    assert problem.code == "file.missing"
    assert problem.message == f"{path} is not a folder; name it without the slash at its end."
    assert refusal(f"{path}/.").code == "file.missing"
    (tmp_path / "folder").mkdir()
    assert refusal(f"{tmp_path}/folder/").code == "file.folder"
    found = LocalFile.open(str(path))
    assert (found.path, found.name, found.size) == (path, "a.txt", 3)


def test_standard_input_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert refusal(Path("-")).message == "Standard input can't be sent; save it in a file and send that."


def test_a_name_cannot_steer_the_terminal_through_a_message(tmp_path: Path) -> None:
    """S11"""
    assert "\x1b" not in refusal(tmp_path / "\x1b]52;c;x\x07.pdf").message


def test_a_folder_and_what_is_no_file_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path).code == "file.folder"
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe").code == "file.special"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        assert refusal(tmp_path / "socket").code == "file.special"
    assert refusal(Path("/dev/null")).code == "file.special"


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("real")
    assert LocalFile.open(tmp_path / "link").size == 3
    (tmp_path / "dangling").symlink_to("nowhere")
    assert refusal(tmp_path / "dangling").code == "file.missing"
    (tmp_path / "round").symlink_to("round")
    assert refusal(tmp_path / "round").code == "file.missing"


@as_root
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"x")
    path.chmod(0o600)
    for folder in (tmp_path, *tmp_path.parents):
        if folder != folder.parent:
            folder.chmod(folder.stat().st_mode | 0o111)
    os.seteuid(NOBODY)
    try:
        assert refusal(path).code == "file.unreadable"
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("change", ["grow", "shrink", "rewrite"])
async def test_a_file_changed_while_it_is_read_fails_before_its_last_piece(
    tmp_path: Path, change: str
) -> None:
    path = tmp_path / "busy.log"
    path.write_bytes(b"a" * (3 * CHUNK))
    file = LocalFile.open(path)
    reading = file.read()
    received = len(await anext(reading))
    await asyncio.to_thread(_change, path, change)
    with pytest.raises(Failed) as caught:
        received += sum([len(piece) async for piece in reading])
    assert caught.value.code == "file.changed"
    assert "busy.log" in caught.value.message
    assert received < file.size


def _change(path: Path, how: str) -> None:
    if how == "grow":
        with path.open("ab") as file:
            file.write(b"more")
    elif how == "shrink":
        os.truncate(path, CHUNK // 2)
    else:
        with path.open("r+b") as file:
            file.write(b"b")
        later = path.stat().st_mtime_ns + 10_000_000
        os.utime(path, ns=(later, later))


async def test_a_file_that_is_replaced_while_it_is_read_stays_what_it_was(tmp_path: Path) -> None:
    """Programs save by replacing the old file with a new one; the two must not be mixed."""
    path = tmp_path / "a"
    path.write_bytes(b"a" * 2 * CHUNK)
    file = LocalFile.open(path)
    reading = file.read()
    received = await anext(reading)
    (tmp_path / "new").write_bytes(b"b" * 2 * CHUNK)
    os.replace(tmp_path / "new", path)
    received += b"".join([piece async for piece in reading])
    assert received == b"a" * 2 * CHUNK
    with pytest.raises(Failed, match="changed"):
        await read_all(file)


async def test_a_file_changed_between_looking_and_reading_fails(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    file = LocalFile.open(path)
    path.write_bytes(b"abcd")
    with pytest.raises(Failed, match="changed"):
        await read_all(file)
    looked_again = await file.look_again()
    assert await read_all(looked_again) == b"abcd"


@pytest.mark.parametrize("content", [b"", b"abc"])
async def test_a_file_that_vanished_is_missing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    file = LocalFile.open(path)
    path.unlink()
    for again in (read_all(file), file.look_again()):
        with pytest.raises(InvalidValue) as caught:
            await again
        assert caught.value.code == "file.missing"
        assert caught.value.message.startswith(f"{path} is no longer there; put it back")


async def test_no_handle_stays_open_after_reading_was_given_up(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"a" * 3 * CHUNK)

    def handles() -> int:
        return sum(os.path.realpath(f"/proc/self/fd/{fd}") == str(path) for fd in os.listdir("/proc/self/fd"))

    for cancelled_after in range(20):
        reading = LocalFile.open(path).read()
        await anext(reading)
        waiting = asyncio.ensure_future(anext(reading))
        await asyncio.sleep(cancelled_after / 10_000)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert isinstance(reading, AsyncGenerator)
        await reading.aclose()
    async with asyncio.timeout(5):
        while handles():
            await asyncio.sleep(0.01)


async def test_a_source_has_the_label_of_its_name_without_the_path(tmp_path: Path) -> None:
    path = tmp_path / "Offer 1.PDF"
    path.write_bytes(b"abc")
    source = FileSource.of(path)
    assert (source.label, source.extension, source.size) == ("file:Offer 1.PDF", "PDF", 3)
    path.write_bytes(b"abcdef")
    await source.check()
    assert source.size == 6
    assert b"".join([piece async for piece in source.read(2)]) == b"cdef"


def test_a_name_that_is_no_utf8_can_be_put_into_a_message(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    with open(path, "wb") as file:
        file.write(b"x")
    source = FileSource.of(Path(os.fsdecode(path)))
    assert source.label.encode("utf-8").decode() == "file:caf�.txt"


async def test_a_folder_is_listed_folders_first_without_regard_to_case(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_bytes(b"12")
    (tmp_path / "A.txt").write_bytes(b"1")
    (tmp_path / "Zebra").mkdir()
    (tmp_path / ".hidden").touch()
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    found = await list_folder(tmp_path)
    assert [entry.name for entry in found] == ["Zebra", "A.txt", "b.txt", "dangling", "pipe"]
    assert [entry.usable for entry in found] == [True, True, True, False, False]
    assert [entry.size for entry in found[:3]] == [0, 1, 2]
    assert found[0].is_folder
    assert ".hidden" in [entry.name for entry in await list_folder(tmp_path, hidden=True)]


async def test_files_are_listed_as_people_number_them(tmp_path: Path) -> None:
    """In every order of the list: those of one size keep the order of their names."""
    for name in ("doc-10.pdf", "doc-2.pdf", "Doc-1.pdf"):
        (tmp_path / name).write_bytes(b"12")
    for name in ("Part 10", "Part 9"):
        (tmp_path / name).mkdir()
    files, folders = ["Doc-1.pdf", "doc-2.pdf", "doc-10.pdf"], ["Part 9", "Part 10"]
    here, nothing = Location("local", "", str(tmp_path)), SimpleNamespace()
    for order, expected in (
        ("", [*folders, *files]),
        ("name", [*folders, *files]),
        ("-name", [*folders[::-1], *files[::-1]]),
        ("-size", [*folders, *files]),
    ):
        page = await LOCAL.pages(nothing, here, order=order)(None)
        assert [entry.name for entry in page.items] == expected
    with Tree(tmp_path) as tree:
        listing = tree.listing(())
    assert [file.name for file in listing.files] == files
    assert list(listing.folders) == folders


@pytest.fixture
def undated() -> Iterator[Path]:
    """A file that was last modified in a year without a name, on a file system that can store that."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        lacks("a file system in memory")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        path = Path(folder, "offer.txt")
        path.write_bytes(b"offer")
        os.utime(path, (0, 253_402_300_800))
        yield path


async def test_a_moment_beyond_the_calendar_hides_no_folder(undated: Path) -> None:
    (undated.parent / "other.txt").touch()
    found = await list_folder(undated.parent)
    assert [entry.name for entry in found] == ["offer.txt", "other.txt"]
    assert [entry.usable for entry in found] == [True, True]
    assert found[0].modified is None
    assert found[1].modified is not None
    with Tree(undated.parent) as tree:
        listing = tree.listing(())
    assert [(file.name, file.modified) for file in listing.files if file.name == "offer.txt"] == [
        ("offer.txt", None)
    ]


@pytest.mark.parametrize("seconds", [-62_135_596_800, 10**17, 1e300])
def test_when_a_file_was_modified_fits_every_time_zone(seconds: float) -> None:
    assert modified_at(os.stat_result((0,) * 7 + (0, seconds, 0))) is None


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue) as caught:
        await list_folder(tmp_path / "gone")
    assert caught.value.code == "folder.missing"
    (tmp_path / "file").touch()
    with pytest.raises(InvalidValue):
        await list_folder(tmp_path / "file")


# ---------------------------------------------------------------- files that don't report their size


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="there is no /proc here")
async def test_what_says_that_it_is_empty_and_is_not_is_read_all_the_same() -> None:
    """Files in /proc, and some on network file systems."""
    path = Path("/proc/version")
    assert path.stat().st_size == 0
    file = LocalFile.open(path)
    content = path.read_bytes()
    assert file.size == len(content) > 10
    assert b"".join([piece async for piece in file.read()]) == content
    assert b"".join([piece async for piece in file.read(5)]) == content[5:]
    again = await file.look_again()
    assert (again.size, again.identity) == (file.size, file.identity)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc here")
async def test_other_content_of_it_is_another_version(tmp_path: Path) -> None:
    counted = Path("/proc/self/task") / str(threading.get_native_id()) / "comm"
    file = LocalFile.open(counted)
    before = counted.read_bytes()
    try:
        counted.write_bytes(b"other")
        assert (await file.look_again()).identity != file.identity
        assert b"".join([piece async for piece in file.read()]) == before
    finally:
        counted.write_bytes(before)


@pytest.mark.skipif(not Path("/proc/self/pagemap").exists(), reason="there is no /proc here")
def test_what_has_no_end_is_refused() -> None:
    with pytest.raises(InvalidValue) as refused:
        LocalFile.open(Path("/proc/self/pagemap"))
    assert refused.value.code == "file.special"


async def test_an_empty_file_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    file = LocalFile.open(tmp_path / "a")
    assert file.size == 0
    assert [piece async for piece in file.read() if piece] == []
