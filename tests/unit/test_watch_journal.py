"""Up to where a watch has told: whatever the moment at which it was killed, nothing is left out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui.cli.watch.journal import WatchJournal, opened
from tui.rules.errors import Failed

SERVER = "https://links.example.com"


def _file(state: Path) -> Path:
    (found,) = [path for path in state.iterdir() if not path.suffix]
    return found


def _told(journal: WatchJournal, *idents: str) -> list[str]:
    """Tells events; returns those that are new."""
    new = []
    for ident in idents:
        if journal.cursor.receive(ident):
            new.append(ident)
            journal.begin(ident)
            journal.done(ident)
    return new


def test_it_goes_on_after_what_was_told(tmp_path: Path) -> None:
    with opened(tmp_path, SERVER, "DJONES") as journal:
        assert journal.is_new
        journal.cursor.begin("5")
        journal.write()
        assert _told(journal, "6", "7") == ["6", "7"]
    with opened(tmp_path, SERVER, "DJONES") as journal:
        assert not journal.is_new
        assert journal.cursor.settled == "5"
        assert _told(journal, "6", "7", "8") == ["8"]
    assert _file(tmp_path).stat().st_mode & 0o777 == 0o600


def test_a_user_and_a_server_have_their_own(tmp_path: Path) -> None:
    with opened(tmp_path, SERVER, "DJONES") as journal:
        journal.cursor.begin("5")
        journal.write()
        with (
            opened(tmp_path, SERVER, "ANNA") as other,
            opened(tmp_path, f"{SERVER}:1", "DJONES") as elsewhere,
        ):
            assert other.is_new
            assert elsewhere.is_new


def test_only_one_process_has_it(tmp_path: Path) -> None:
    with (
        opened(tmp_path, SERVER, "DJONES"),
        pytest.raises(Failed, match="Another sentlinks watch"),
        opened(tmp_path, SERVER, "DJONES"),
    ):
        pass
    with opened(tmp_path, SERVER, "DJONES"):
        pass


def test_however_its_file_ends_each_event_is_told_or_told_again(tmp_path: Path) -> None:
    """Cut after each byte, as a process that is killed may leave it."""
    with opened(tmp_path, SERVER, "DJONES") as journal:
        journal.cursor.begin("98")
        journal.write()
        journal.cursor.receive("99")
        journal.begin("99")
        journal.done("99")
        journal.cursor.receive("100")
        journal.begin("100")
    whole = _file(tmp_path).read_bytes()
    assert whole.count(b"\n") == 4
    for end in range(whole.index(b"\n") + 1, len(whole) + 1):
        _file(tmp_path).write_bytes(whole[:end])
        with opened(tmp_path, SERVER, "DJONES") as journal:
            assert journal.cursor.settled == "98"
            is_done = b"done 99 98\n" in whole[:end]
            assert journal.cursor.receive("99") is not is_done
            assert journal.is_begun("99") is (b"begun 99\n" in whole[:end] and not is_done)
            assert journal.cursor.receive("100")
            assert journal.is_begun("100") is (end == len(whole))


def test_what_was_only_begun_is_told_again_each_time(tmp_path: Path) -> None:
    for _ in range(3):
        with opened(tmp_path, SERVER, "DJONES") as journal:
            if journal.is_new:
                journal.cursor.begin("5")
                journal.cursor.receive("6")
                journal.begin("6")
                continue
            journal.write()
            assert journal.is_begun("6")
            assert journal.cursor.receive("6")
            journal.begin("6")


def test_the_file_stays_small(tmp_path: Path) -> None:
    with opened(tmp_path, SERVER, "DJONES") as journal:
        journal.cursor.begin("0")
        _told(journal, *map(str, range(1, 3001)))
        assert _file(tmp_path).read_bytes().count(b"\n") < 6000
    with opened(tmp_path, SERVER, "DJONES") as journal:
        assert _told(journal, *map(str, range(1, 3002))) == ["3001"]


@pytest.mark.parametrize(
    "text",
    ["", "\n", "done\n", "at x\n", "at -1\nbegun ²\n", "done 7 \n", "\xff\x00", "at " + "9" * 99 + "\n"],
)
def test_what_is_damaged_is_no_error(tmp_path: Path, text: str) -> None:
    with opened(tmp_path, SERVER, "DJONES") as journal:
        journal.cursor.begin("5")
        journal.write()
    _file(tmp_path).write_text(text)
    with opened(tmp_path, SERVER, "DJONES") as journal:
        assert journal.is_new


def test_another_users_file_and_links_are_refused(tmp_path: Path) -> None:
    with opened(tmp_path, SERVER, "DJONES") as journal:
        journal.cursor.begin("5")
        journal.write()
    file = _file(tmp_path)
    file.chmod(0o666)
    with pytest.raises(Failed, match="chmod go-w"), opened(tmp_path, SERVER, "DJONES"):
        pass
    file.unlink()
    (tmp_path / "elsewhere").write_text("at 1\n")
    os.symlink(tmp_path / "elsewhere", file)
    with pytest.raises(Failed, match="is a link"), opened(tmp_path, SERVER, "DJONES"):
        pass
