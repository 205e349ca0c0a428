"""Journals that can't be written any more, are damaged, or were left for long."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.sends.journals import NOW, SEND, begun, damage, files, found, left_behind, sent
from tui.rules.errors import Failed
from tui.rules.link_settings import LinkSettings
from tui.sending.job.job_journal import JobJournal
from tui.sending.journal import journal_file
from tui.sending.journal.journal import FOLDER, Journal
from tui.sending.journal.journal_contents import read
from tui.sending.journal.journal_file import ASIDE, JournalFile
from tui.sending.journal.unfinished import KEPT_FOR
from tui.sending.resuming import status_from_journal


@contextmanager
def full_disk(journal: Journal) -> Iterator[None]:
    """What is written to the journal fails."""
    handle = journal._file.handle
    kept, full = os.dup(handle), os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, handle)
    try:
        yield
    finally:
        os.dup2(kept, handle)
        os.close(kept)
        os.close(full)


def test_what_cannot_be_written_is_told_once_and_written_later(tmp_path: Path) -> None:
    told: list[str] = []
    journal = begun(tmp_path, "a.txt", "b.txt")
    journal.on_problem = lambda journal: told.append(journal.problem)
    with full_disk(journal):
        journal.opened(SEND)
        journal.published([(0, sent("a.txt"))])
        assert told == [f"{journal.path}: No space left on device"]
        assert journal.problem == told[0]
        assert journal.held
    assert read(journal.path).opened == []
    journal.published([(1, sent("b.txt"))])
    assert journal.problem == ""
    contents = read(journal.path)
    assert contents.opened == [SEND]
    assert [entry.document for entry in contents.entries] == [sent("a.txt"), sent("b.txt")]
    with full_disk(journal):
        journal.shown()
    assert len(told) == 1
    assert files(tmp_path) == []


def test_one_that_cannot_be_begun_is_told_too(tmp_path: Path) -> None:
    told: list[tuple[str, bool]] = []
    (tmp_path / FOLDER).write_text("a file")
    journal = Journal(tmp_path, "local", "ANNA")
    journal.on_problem = lambda journal: told.append((journal.problem, journal.held))
    for _ in range(2):
        journal.begin([], LinkSettings(), NOW)
    assert told == [(f"{tmp_path / FOLDER}: it is a file", False)]


def test_one_that_is_listed_and_cannot_be_written_is_not_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that is read-only."""
    journal = left_behind(begun(tmp_path, "a.txt"))
    (one,) = found(tmp_path)
    opening = os.open

    def read_only(path: str, flags: int, *more: int) -> int:
        if flags & os.O_RDWR:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        return opening(path, flags, *more)

    monkeypatch.setattr(os, "open", read_only)
    with pytest.raises(Failed) as refused:
        Journal.take(tmp_path, one.contents)
    assert refused.value.code == "send.unwritable"
    why = f"The journal {journal.path} of an earlier send can't be written: Read-only file system."
    assert refused.value.message == why


def test_one_that_was_deleted_while_it_was_waited_for_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, waiting = (JournalFile(tmp_path / "a" / "b.jsonl") for _ in range(2))
    holder.create(b"line")
    monkeypatch.setattr(journal_file, "time", SimpleNamespace(sleep=lambda seconds: holder.delete()))
    with pytest.raises(FileNotFoundError):
        waiting.open()
    assert not waiting.held


def test_without_a_folder_to_lock_nothing_else_is_closed(tmp_path: Path) -> None:
    """Such as the program's own input or output."""
    (tmp_path / "blocked").write_text("a file")
    with journal_file.locked(tmp_path / "blocked"):
        pass
    assert [os.fstat(number).st_nlink >= 0 for number in range(3)] == [True] * 3


def test_a_lock_ends_with_its_block_whatever_its_number(tmp_path: Path) -> None:
    """A program without an input opens its first file as number 0."""
    kept = os.dup(0)
    os.close(0)
    try:
        with journal_file.locked(tmp_path):
            os.fstat(0)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(0)
    finally:
        os.dup2(kept, 0)
        os.close(kept)


def test_one_that_fills_the_memory_hides_no_other(tmp_path: Path) -> None:
    journal = left_behind(begun(tmp_path, "a.txt"))
    other = left_behind(begun(tmp_path, "b.txt"))
    os.truncate(other.path, 1 << 40)
    assert [one.contents.id for one in found(tmp_path)] == [journal.id]


# ---------------------------------------------------------------- damaged


def test_what_it_published_is_found_although_its_plan_is_damaged(tmp_path: Path) -> None:
    journal = begun(tmp_path, "a.txt", "b.txt", "c.txt")
    journal.opened(SEND)
    journal.published([(0, sent("a.txt"))])
    journal.shown()
    journal.published([(2, sent("c.txt"))])
    damage(left_behind(journal), ("rows",), {})
    (one,) = found(tmp_path)
    assert one.contents.damaged
    state = status_from_journal(one.contents)
    assert state.stage == "sent"
    assert state.published == [sent("a.txt"), sent("c.txt")]
    assert state.unseen == [sent("c.txt")]
    taken = Journal.take(tmp_path, one.contents)
    taken.shown()
    # Once its links were shown, it is set aside.
    assert found(tmp_path) == []
    assert files(tmp_path) == [journal.path.with_suffix(ASIDE)]
    assert b"c.txt" in files(tmp_path)[0].read_bytes()


@pytest.mark.parametrize(("by", "mine"), [(None, True), ({"server": "local", "user": "BERND"}, False)])
def test_one_of_which_nobody_knows_whose_it_is_is_everybodys(tmp_path: Path, by: object, mine: bool) -> None:
    journal = begun(tmp_path, "a.txt")
    journal.published([(0, sent("a.txt"))])
    damage(left_behind(journal), ("rows",), {})
    damage(journal, ("by",), by)
    assert bool(found(tmp_path)) == mine
    for one in found(tmp_path):
        Journal.take(tmp_path, one.contents).remove()
    assert bool(found(tmp_path)) is False


def test_a_first_line_that_is_cut_off_leaves_the_others(tmp_path: Path) -> None:
    journal = begun(tmp_path, "a.txt")
    journal.published([(0, sent("a.txt"))])
    left_behind(journal)
    journal.path.write_bytes(journal.path.read_bytes()[40:])
    (one,) = found(tmp_path)
    assert status_from_journal(one.contents).unseen == [sent("a.txt")]


def test_what_was_set_aside_goes_as_late_as_others(tmp_path: Path) -> None:
    """Counted from when it was set aside: however old it was, its links have just been shown."""
    journal = begun(tmp_path, "a.txt")
    journal.published([(0, sent("a.txt"))])
    damage(left_behind(journal), ("rows",), {})
    os.utime(journal.path, (1_000_000_000, 1_000_000_000))
    (one,) = found(tmp_path)
    assert one.outdated
    Journal.take(tmp_path, one.contents).remove()
    (aside,) = files(tmp_path)
    assert aside == journal.path.with_suffix(ASIDE)
    written = datetime.fromtimestamp(aside.stat().st_mtime, UTC)
    assert abs(written - datetime.now(UTC)) < timedelta(minutes=5)
    other = aside.with_name(f"notes{ASIDE}")
    other.write_text("mine")
    assert found(tmp_path, written + KEPT_FOR - timedelta(seconds=1)) == []
    assert files(tmp_path) == [aside, other]
    assert found(tmp_path, written + KEPT_FOR + timedelta(seconds=1)) == []
    assert files(tmp_path) == [other]


# ---------------------------------------------------------------- old


def aged(journal: Journal) -> datetime:
    """The moment when the journal is old enough to be deleted."""
    left_behind(journal)
    return datetime.fromtimestamp(journal.path.stat().st_mtime, UTC) + KEPT_FOR + timedelta(seconds=1)


def test_an_old_one_stays_if_it_may_have_links_that_no_one_has_seen(tmp_path: Path) -> None:
    journal = begun(tmp_path, "a.txt", "b.txt")
    journal.opened(SEND)
    now = aged(journal)
    (one,) = found(tmp_path, now)
    assert one.outdated
    assert not found(tmp_path, now - timedelta(days=1))[0].outdated
    # It has one for certain, although it was never noted that the send was opened.
    other = begun(tmp_path / "other", "a.txt")
    other.published([(0, sent("a.txt"))])
    now = aged(other)
    damage(other, ("settings",), [])
    (one,) = found(tmp_path / "other", now)
    assert (one.outdated, one.contents.damaged) == (True, True)


def test_an_old_one_goes_if_all_was_seen_or_nothing_can_be_read(tmp_path: Path) -> None:
    seen, empty = begun(tmp_path, "a.txt"), begun(tmp_path, "b.txt")
    seen.opened(SEND)
    os.write(seen._file.handle, b"\n" + json.dumps({
        "published": {"row": 0, "document": sent("a.txt").model_dump(mode="json")}
    }).encode() + b'\n{"shown": [0]}')  # fmt: skip
    now = max(aged(seen), aged(empty))
    damage(empty, ("rows",), {})
    assert found(tmp_path, now) == []
    assert files(tmp_path) == []


def test_one_whose_rows_cannot_be_read_stays_if_the_server_may_have_links_of_it(tmp_path: Path) -> None:
    journal = begun(tmp_path, "a.txt")
    journal.opened(SEND)
    now = aged(journal)
    damage(journal, ("rows",), {})
    (left,) = found(tmp_path, now)
    assert (left.outdated, left.contents.unreadable, left.contents.opened) == (True, True, [SEND])
    assert files(tmp_path) == [journal.path]


def test_one_that_was_released_twice_leaves_other_files_open(tmp_path: Path) -> None:
    """Its number may be another file's by then."""
    file = begun(tmp_path, "a.txt")._file
    number = file.handle
    file.release()
    assert not file.held
    other = os.open(tmp_path, os.O_RDONLY)
    assert other == number
    file.release()
    assert not file.held
    os.fstat(other)
    os.close(other)


def test_what_is_set_aside_counts_as_new(tmp_path: Path) -> None:
    """Else it would go with the next look at what nobody has looked at for long."""
    file = begun(tmp_path, "a.txt")._file
    long_ago = (NOW - 2 * KEPT_FOR).timestamp()
    os.utime(file.path, (long_ago, long_ago))
    file.delete(aside=True)
    assert not file.held
    assert not file.path.exists()
    assert file.path.with_suffix(ASIDE).stat().st_mtime > (NOW - timedelta(hours=1)).timestamp()


async def test_a_job_removes_only_a_journal_that_it_began(tmp_path: Path) -> None:
    """One that is resumed and refused again can still be resumed later."""
    journal = begun(tmp_path, "a.txt")
    resumed = JobJournal(journal)
    await resumed.begin([], LinkSettings())
    resumed.end_if_begun()
    assert files(tmp_path) == [journal.path]
    journal.remove()
    again = JobJournal(Journal(tmp_path, "local", "ANNA"))
    await again.begin([], LinkSettings())
    assert len(files(tmp_path)) == 1
    again.end_if_begun()
    assert files(tmp_path) == []


def test_an_opened_send_has_the_settings_that_the_server_gave_it(tmp_path: Path) -> None:
    """A policy may have put in more than was asked for."""
    left_behind(begun(tmp_path, "a.txt", downloads_permitted=9, zone_offset=60))
    (one,) = found(tmp_path)
    status = status_from_journal(one.contents)
    assert (status.settings.downloads_permitted, status.settings.zone_offset) == (9, 60)
    opened = replace(status, send=SEND.model_copy(update={"downloads_permitted": 3}))
    assert (opened.settings.downloads_permitted, opened.settings.zone_offset) == (3, 60)
