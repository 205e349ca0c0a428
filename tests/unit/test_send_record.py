"""The files that keep what a send has published until somebody has seen the links."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tui.sending.record import FOLDER, KEPT_FOR, SendRecord, UnseenSend, unseen_sends
from tui.terminal.clipboard import LinkFile
from tui.wire.share import Document, Ref, Send

NOW = datetime.now(UTC)


def sent(name: str) -> Document:
    return Document(
        id=name, work_id="ACTIVE!9.1", name=name, folder=Ref(id="f", name="Folder"), url=f"http://x/s/{name}",
        size=1, sha256="0" * 64, published=True, reason=None, has_password=False, locked=False, expires_at=None,
        downloads_permitted=None, downloads=0, last_download_at=None, sent_at=NOW, source=f"file:{name}",
    )  # fmt: skip


def opened(record: SendRecord, folder: str = "f") -> None:
    record.opened(
        Send(
            id="s", folder=Ref(id=folder, name="Folder"), has_password=False, expires_at=None,
            downloads_permitted=None, created_at=NOW,
        )
    )  # fmt: skip


def begun(state: Path, *names: str, user: str = "ANNA", server: str = "local") -> SendRecord:
    record = SendRecord(state, server, user)
    opened(record)
    for name in names:
        record.publishing(name, "0" * 64)
        record.published(sent(name))
    return record


def left_behind(record: SendRecord) -> None:
    """As the end of its process leaves it."""
    os.close(record._handle)


def found(state: Path, now: datetime = NOW) -> list[UnseenSend]:
    return unseen_sends(state, "local", "ANNA", now)


def files(state: Path) -> list[Path]:
    return sorted((state / FOLDER).iterdir())


def test_what_was_left_is_found_with_all_that_was_published(tmp_path: Path) -> None:
    state = tmp_path / "state"
    record = begun(state, "a.txt", "b.txt")
    record.publishing("c.txt", "1" * 64)
    left_behind(record)
    (send,) = found(state)
    assert list(send.documents.values()) == [sent("a.txt"), sent("b.txt")]
    assert ("c.txt", "1" * 64) in send.asked
    assert send.opened == {"f": NOW}
    send.release()
    (file,) = files(state)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_send_that_goes_on_is_not_found(tmp_path: Path) -> None:
    record = begun(tmp_path, "a.txt")
    assert found(tmp_path) == []
    record.release()
    assert len(found(tmp_path)) == 1


def test_two_programs_do_not_show_the_same(tmp_path: Path) -> None:
    left_behind(begun(tmp_path, "a.txt"))
    (first,) = found(tmp_path)
    assert found(tmp_path) == []
    first.release()
    (second,) = found(tmp_path)
    second.shown()
    assert found(tmp_path) == []
    assert files(tmp_path) == []


def test_nothing_is_left_of_links_that_were_shown(tmp_path: Path) -> None:
    record = begun(tmp_path, "a.txt")
    record.shown()
    assert files(tmp_path) == []
    record.shown()
    # The failed rows are sent again: only what is published now has not been seen.
    record.published(sent("b.txt"))
    left_behind(record)
    (send,) = found(tmp_path)
    assert list(send.documents) == ["b.txt"]
    assert send.opened == {"f": NOW}


def test_a_send_that_published_nothing_leaves_nothing(tmp_path: Path) -> None:
    opened(SendRecord(tmp_path, "local", "ANNA"))
    assert not (tmp_path / FOLDER).exists()
    assert found(tmp_path) == []


@pytest.mark.parametrize(("user", "server"), [("BERND", "local"), ("ANNA", "https://links.example.com")])
def test_those_of_others_are_left_for_them(tmp_path: Path, user: str, server: str) -> None:
    left_behind(begun(tmp_path, "a.txt", user=user, server=server))
    assert found(tmp_path) == []
    (send,) = unseen_sends(tmp_path, server, user, NOW)
    send.release()


def test_what_a_full_disk_cut_off_spoils_no_other_line(tmp_path: Path) -> None:
    record = begun(tmp_path, "a.txt")
    os.write(record._handle, b'\n{"published": {"id": "cut')
    record.published(sent("b.txt"))
    os.write(
        record._handle, b'\n[1]\n7\nnull\n{"opened": 3}\n{"published": {}}\n\xff\xfe\n{"later": {"x": 1}}'
    )
    left_behind(record)
    (send,) = found(tmp_path)
    assert list(send.documents) == ["a.txt", "b.txt"]
    send.release()


def test_what_nobody_looked_at_for_long_goes(tmp_path: Path) -> None:
    left_behind(begun(tmp_path, "a.txt"))
    written = datetime.fromtimestamp(files(tmp_path)[0].stat().st_mtime, UTC)
    (send,) = found(tmp_path, written + KEPT_FOR - timedelta(seconds=1))
    send.release()
    assert found(tmp_path, written + KEPT_FOR + timedelta(seconds=1)) == []
    assert files(tmp_path) == []


def test_the_oldest_comes_first(tmp_path: Path) -> None:
    for number, name in enumerate(("c.txt", "a.txt", "b.txt")):
        record = begun(tmp_path, name)
        left_behind(record)
        assert record._file is not None
        os.utime(record._file, (1_000_000_000 + number, NOW.timestamp() - 100 + number))
    assert [name for send in found(tmp_path) for name in send.documents] == ["c.txt", "a.txt", "b.txt"]


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("{}")
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "a.jsonl").symlink_to(elsewhere)
    assert found(tmp_path) == []
    assert elsewhere.read_text() == "{}"


def test_a_folder_that_cannot_be_written_keeps_nobody_from_sending(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    told: list[str] = []
    record = SendRecord(blocked, "local", "ANNA", lambda document: told.append(document.name))
    opened(record)
    record.publishing("a.txt", "0" * 64)
    record.published(sent("a.txt"))
    record.shown()
    assert told == ["a.txt"]
    assert unseen_sends(blocked, "local", "ANNA", NOW) == []
    links = LinkFile(blocked)
    links.add("http://x/s/1")


def test_the_plain_file_has_a_line_for_each_as_it_is_published(tmp_path: Path) -> None:
    state = tmp_path / "state"
    for send in (("a", "b", "c"), ("d",)):
        links = LinkFile(state)
        for number, name in enumerate(send):
            links.add(f"http://x/s/{name}")
            expected = [f"http://x/s/{other}" for other in send[: number + 1]]
            assert (state / "links.txt").read_text().split() == expected
    assert (state / "links.txt").stat().st_mode & 0o777 == 0o600
