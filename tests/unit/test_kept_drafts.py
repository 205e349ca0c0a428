"""Drafts that are being written are kept in the state folder until they are closed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tui.mail.kept_drafts import FOLDER, KEPT_FOR, KeptDraft, left_drafts
from tui.mail.message import DraftText

URLS = ("https://l/s/1", "https://l/s/2")
NAMES = ["Offer.pdf", "Plan.docx"]
TEXT = DraftText("Anna Arp <anna@example.com>", "2 documents", "Dear Anna,\n\nas promised 契約\n")
OTHER = DraftText("", "Another subject", "Dear Ben")


def now() -> datetime:
    return datetime.now(UTC)


def of_another_process(state: Path) -> list[Path]:
    """The drafts that are kept, as if a process had written them that has ended since."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    paths = list((state / FOLDER).iterdir())
    for path in paths:
        known = json.loads(path.read_text())
        known["process"]["id"] = ended.pid
        path.write_text(json.dumps(known))
    return paths


def test_it_is_found_by_its_links_until_it_is_closed(tmp_path: Path) -> None:
    draft = KeptDraft(tmp_path, URLS, NAMES)
    assert draft.take_over() is None
    draft.keep(TEXT)
    (path,) = (tmp_path / FOLDER).iterdir()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    of_another_process(tmp_path)
    assert KeptDraft(tmp_path, URLS[:1], NAMES[:1]).take_over() is None
    again = KeptDraft(tmp_path, reversed(URLS), NAMES)
    assert again.take_over() == TEXT
    again.forget()
    assert not (tmp_path / FOLDER).exists()


def test_programs_that_run_at_once_take_nothing_from_each_other(tmp_path: Path) -> None:
    """One that has the same draft open finds nothing of the other's, and closing it leaves that alone."""
    first, second = (KeptDraft(tmp_path, URLS, NAMES) for _ in range(2))
    first.keep(TEXT)
    assert second.take_over() is None
    assert left_drafts(tmp_path, now()) == [], "it is being written"
    second.keep(OTHER)
    second.forget()
    of_another_process(tmp_path)
    assert KeptDraft(tmp_path, URLS, NAMES).take_over() == TEXT


def test_of_several_the_last_written_is_taken_over(tmp_path: Path) -> None:
    """With all of them, which end with it."""
    for text in (TEXT, OTHER):
        KeptDraft(tmp_path, URLS, NAMES).keep(text)
    for path in of_another_process(tmp_path):
        is_last = OTHER.subject in path.read_text()
        os.utime(path, (now().timestamp(), now().timestamp() - (0 if is_last else 60)))
    third = KeptDraft(tmp_path, URLS, NAMES)
    assert third.take_over() == OTHER
    third.keep(TEXT)
    assert len(list((tmp_path / FOLDER).iterdir())) == 1
    third.forget()
    assert not (tmp_path / FOLDER).exists()


def test_what_a_process_has_left_is_told_and_kept_for_a_week(tmp_path: Path) -> None:
    KeptDraft(tmp_path, URLS, NAMES).keep(TEXT)
    (path,) = of_another_process(tmp_path)
    assert left_drafts(tmp_path, now()) == [NAMES]
    assert left_drafts(tmp_path, now() + KEPT_FOR - timedelta(minutes=1)) == [NAMES]
    assert left_drafts(tmp_path, now() + KEPT_FOR + timedelta(minutes=1)) == []
    assert not path.exists()
    assert left_drafts(tmp_path / "none", now()) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"[]", b"{}", b'{"to": 1, "subject": "", "body": "", "names": 3}', b"[" * 99_999],
)
def test_a_damaged_one_is_none(tmp_path: Path, content: bytes) -> None:
    KeptDraft(tmp_path, URLS, NAMES).keep(TEXT)
    (path,) = (tmp_path / FOLDER).iterdir()
    path.write_bytes(content)
    assert KeptDraft(tmp_path, URLS, NAMES).take_over() is None
    assert left_drafts(tmp_path, now()) == []


def test_links_are_not_followed_and_no_error_ends_the_program(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("mine")
    draft = KeptDraft(tmp_path, URLS, NAMES)
    draft.keep(TEXT)
    (path,) = (tmp_path / FOLDER).iterdir()
    path.unlink()
    path.symlink_to(other)
    assert draft.take_over() is None
    draft.keep(OTHER)
    assert (other.read_text(), path.is_symlink()) == ("mine", False)
    draft.forget()
    (tmp_path / FOLDER).symlink_to(os.devnull)
    draft.keep(TEXT)
    draft.forget()
