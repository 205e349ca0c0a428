"""Notices that are kept between two starts: as they were, each once, and nothing that someone else wrote there."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tui.session.kept_notices import Kept, KeptNotices
from tui.session.notices import MOST_KEPT, DocumentNotice, Notices

NOW = datetime(2026, 11, 25, 13, 5, tzinfo=UTC)
SERVER = "https://links.example.com"


def notice(ident: str, **more: Any) -> DocumentNotice:
    given: dict[str, Any] = {
        "event": "delivered",
        "document": "d" * 32,
        "name": "Offer.pdf",
        "at": NOW + timedelta(seconds=int(ident)),
        "actor": None,
        "address": "203.0.113.7",
        "counts": (("downloads", 1), ("downloads_permitted", 2)),
        "folder": "f1",
    }
    return DocumentNotice(ident, **(given | more))


def kept(
    *notices: DocumentNotice,
    user: str = "DJONES",
    settled: str = "9",
    received: tuple[str, ...] = (),
    unseen: int = 0,
) -> Kept:
    return Kept(user, settled, received, unseen, notices)


def file_of(state: Path) -> Path:
    (found,) = [path for path in state.iterdir() if not path.suffix]
    return found


def test_they_are_read_as_they_were_kept(tmp_path: Path) -> None:
    """In a file that only the user can read."""
    before = kept(
        notice("8", times=3, event="wrong password", is_new=False, actor="ANNA"),
        notice("7", name="A\x1b[2J\u202e“.pdf", at=None, address=None, folder=None),
        received=("11", "14"),
        unseen=1,
    )
    KeptNotices(tmp_path / "state", SERVER).keep(before)
    assert KeptNotices(tmp_path / "state", SERVER).load("DJONES") == before
    assert file_of(tmp_path / "state").stat().st_mode & 0o777 == 0o600


def test_each_user_and_server_has_its_own(tmp_path: Path) -> None:
    store = KeptNotices(tmp_path, SERVER)
    store.keep(kept(notice("8")))
    assert store.load("MKELLER") == Kept("MKELLER")
    assert KeptNotices(tmp_path, f"{SERVER}:8443").load("DJONES") == Kept("DJONES")
    store.keep(kept(notice("3"), user="MKELLER", settled="3"))
    assert [each.ident for each in store.load("MKELLER").notices] == ["3"]
    assert store.load("DJONES") == Kept("DJONES")


def test_two_apps_at_once_keep_what_the_other_has_kept(tmp_path: Path) -> None:
    """Each notice once, the newest first, and no event of either twice."""
    one, other = KeptNotices(tmp_path, SERVER), KeptNotices(tmp_path, SERVER)
    one.keep(kept(notice("8"), notice("5"), settled="10", received=("12",)))
    other.keep(kept(notice("8", is_new=False), notice("6"), settled="9", received=("10", "11", "12", "101")))
    found = one.load("DJONES")
    assert [each.ident for each in found.notices] == ["8", "6", "5"]
    assert (found.settled, found.received) == ("10", ("11", "12", "101"))
    assert not found.notices[0].is_new
    many = tuple(notice(str(number)) for number in range(2000, 2000 - MOST_KEPT, -1))
    one.keep(kept(*many, settled="2000"))
    assert one.load("DJONES").notices == many


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"user": 7}',
        b'{"user": "DJONES", "settled": "x", "received": {}, "unseen": -1, "notices": {}}',
        b'{"user": "DJONES", "settled": "\xd9\xa1", "received": [7, null, "-1", "' + b"9" * 20 + b'"], "notices": 7}',
        b'{"user": "DJONES", "last": 7, "unseen": true, "notices": [7, null, {}, []]}',
    ],
)  # fmt: skip
def test_a_damaged_file_is_none(tmp_path: Path, content: bytes) -> None:
    store = KeptNotices(tmp_path, SERVER)
    store.keep(kept(notice("8")))
    file_of(tmp_path).write_bytes(content)
    assert store.load("DJONES") == Kept("DJONES")
    store.keep(kept(notice("8")))
    assert len(store.load("DJONES").notices) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"event": "viewed"}, {"event": None}, {"name": 7}, {"at": "soon"}, {"at": "2026-11-25T13:05:00"},
        {"at": 7}, {"counts": {"downloads": "1"}}, {"counts": []}, {"times": "2"}, {"address": 1}, {"ident": None},
    ],
)  # fmt: skip
def test_what_is_no_notice_is_left_out(tmp_path: Path, change: dict[str, Any]) -> None:
    store = KeptNotices(tmp_path, SERVER)
    store.keep(kept(notice("8"), notice("7")))
    content = json.loads(file_of(tmp_path).read_text())
    content["notices"][0] |= change
    content["unseen"] = 10**9
    file_of(tmp_path).write_text(json.dumps(content))
    found = store.load("DJONES")
    assert [each.ident for each in found.notices] == ["7"]
    assert found.unseen == 1


def test_one_version_of_the_program_goes_on_where_another_was(tmp_path: Path) -> None:
    """An earlier one keeps only the number of the last event that it received."""
    store = KeptNotices(tmp_path, SERVER)
    store.keep(kept(settled="9", received=("12", "11")))
    content = json.loads(file_of(tmp_path).read_text())
    assert content["last"] == "12"
    del content["settled"], content["received"]
    file_of(tmp_path).write_text(json.dumps(content))
    assert store.load("DJONES") == kept(settled="12")


def test_a_place_that_cannot_be_used_is_no_reason_to_stop(tmp_path: Path) -> None:
    KeptNotices(None, SERVER).keep(kept(notice("8")))
    assert KeptNotices(None, SERVER).load("DJONES") == Kept("DJONES")
    (tmp_path / "file").write_text("x")
    KeptNotices(tmp_path / "file", SERVER).keep(kept(notice("8")))
    store = KeptNotices(tmp_path / "state", SERVER)
    store.keep(kept(notice("8")))
    path = file_of(tmp_path / "state")
    path.unlink()
    os.mkfifo(path)
    assert store.load("DJONES") == Kept("DJONES")


def test_what_is_new_in_a_folder_is_no_longer_when_it_was_seen() -> None:
    """Nor when the list of notices was. What is listed and counted otherwise stays."""
    notices = Notices()
    notices.take_up([notice("8"), notice("7", folder="f2"), notice("6"), notice("5", is_new=False)], 2)
    assert notices.new_by_folder() == {"f1": 2, "f2": 1}
    assert (notices.unseen, len(notices.kept)) == (2, 4)
    assert notices.line(0.0) is None, "they were shown when they came"
    assert notices.folder_seen("f1")
    assert not notices.folder_seen("f1")
    assert notices.new_by_folder() == {"f2": 1}
    assert (notices.unseen, len(notices.kept)) == (2, 4)
    notices.looked_at()
    assert notices.new_by_folder() == {}
    assert (notices.unseen, len(notices.kept)) == (0, 4)
