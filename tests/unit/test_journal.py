"""The journal files, which keep a send until it is done and its links have been seen."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.sends.journals import NOW, SEND, begun, files, found, left_behind, published, sent, source
from tui.clients.target import Target
from tui.rules.errors import Conflict, NotFound
from tui.rules.link_settings import LinkSettings
from tui.sending.journal.journal import FOLDER, Journal, server_of
from tui.sending.journal.journal_contents import Upload
from tui.sending.journal.unfinished import KEPT_FOR, unfinished_sends
from tui.sending.resuming import SendStatus
from tui.terminal.kept_links import LinkFile

SECRET = "Very-Secret-Heron-1"


def test_what_was_left_is_found_with_all_that_it_was_about(tmp_path: Path) -> None:
    state = tmp_path / "state"
    journal = begun(state, "a.txt", "b.txt", "c.txt", downloads_permitted=3, expires_at=NOW, zone_offset=60)
    journal.opened(SEND)
    journal.upload(1, Upload("1" * 32, 7, (1, 2, 3)))
    journal.upload(1, Upload("2" * 32, 8, (1, 2, 4)))
    journal.published([(0, sent("a.txt"))])
    left_behind(journal)
    (one,) = found(state)
    contents = one.contents
    assert (contents.id, one.running) == (journal.id, False)
    assert [entry.name for entry in contents.entries] == ["a.txt", "b.txt", "c.txt"]
    assert [entry.key for entry in contents.entries] == ["key of a.txt", "key of b.txt", "key of c.txt"]
    assert [entry.source["file"] for entry in contents.entries] == [
        "/home/a.txt",
        "/home/b.txt",
        "/home/c.txt",
    ]
    assert [entry.upload for entry in contents.entries] == [None, Upload("2" * 32, 8, (1, 2, 4)), None]
    assert published(contents) == [sent("a.txt")]
    assert (contents.opened, contents.at) == ([SEND], NOW)
    assert contents.settings == {
        "downloads_permitted": 3, "expires_at": NOW, "zone_offset": 60, "has_password": False,
        "made": False,
    }  # fmt: skip
    (file,) = files(state)
    assert file.stat().st_mode & 0o777 == 0o600
    for folder in (file.parent, state):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_which_documents_changed_while_they_were_sent_is_kept(tmp_path: Path) -> None:
    """They are told of when the send is resumed."""
    journal = begun(tmp_path, "a.txt", "b.txt", "c.txt")
    journal.published([(0, sent("a.txt")), (1, sent("b.txt"))], changed=[1])
    left_behind(journal)
    (one,) = found(tmp_path)
    assert [entry.changed for entry in one.contents.entries] == [False, True, False]
    documents = {entry.key: entry.document for entry in one.contents.entries if entry.document is not None}
    assert SendStatus(one.contents, {**documents}).changed == [sent("b.txt")]


@pytest.mark.parametrize("made", [False, True])
def test_the_password_is_not_in_it(tmp_path: Path, made: bool) -> None:
    """Only that there is one, and whether the program has generated it."""
    journal = Journal(tmp_path, "local", "ANNA")
    if made:
        journal.password_made = True
    journal.begin([(source("/home/a.txt"), "a.txt", "key")], LinkSettings(password=SECRET), NOW)
    (file,) = files(tmp_path)
    assert SECRET not in file.read_text()
    assert SECRET not in repr(journal.contents)
    assert (journal.contents.settings["has_password"], journal.contents.settings["made"]) == (True, made)


def test_a_generated_password_that_the_user_noted_is_known(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "local", "ANNA")
    journal.password_made = True
    journal.begin([(source("a"), "a", "key0")], LinkSettings(password="Blue-Heron-48"), NOW)
    journal.password_noted()
    settings = left_behind(journal).contents.settings
    assert (settings["has_password"], settings["made"]) == (True, False)


def test_one_that_a_process_works_on_is_running_and_cannot_be_taken(tmp_path: Path) -> None:
    journal = begun(tmp_path, "a.txt")
    (one,) = found(tmp_path)
    assert one.running
    with pytest.raises(Conflict) as refused:
        Journal.take(tmp_path, one.contents)
    assert refused.value.code == "send.running"
    assert "--stop" not in refused.value.message
    journal.release()
    assert not found(tmp_path)[0].running


def test_how_one_that_was_left_is_stopped_is_said(tmp_path: Path) -> None:
    left_behind(begun(tmp_path, "a.txt"))
    Journal.take(tmp_path, found(tmp_path)[0].contents, in_background=True)
    (one,) = found(tmp_path)
    with pytest.raises(Conflict, match=f"or stop it with sentlinks sends --stop {one.contents.id}."):
        Journal.take(tmp_path, one.contents)


def test_one_process_goes_on_with_it(tmp_path: Path) -> None:
    left_behind(begun(tmp_path, "a.txt", "b.txt"))
    (one,) = found(tmp_path)
    journal = Journal.take(tmp_path, one.contents)
    with pytest.raises(Conflict):
        Journal.take(tmp_path, one.contents)
    (running,) = found(tmp_path)
    assert (running.running, running.contents.in_background) == (True, False)
    journal.published([(1, sent("b.txt"))])
    journal.release()
    second = Journal.take(tmp_path, one.contents)
    # What the first process did is known, although ``one`` was read earlier.
    assert published(second.contents) == [sent("b.txt")]
    second.remove()
    assert files(tmp_path) == []
    with pytest.raises(NotFound):
        Journal.take(tmp_path, one.contents)


def test_one_that_is_finished_while_it_is_waited_for_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = begun(tmp_path, "a.txt")
    (one,) = found(tmp_path)
    # The process that holds it finishes in the pause between two looks at its lock.
    monkeypatch.setattr(
        "tui.sending.journal.journal_file.time", SimpleNamespace(sleep=lambda seconds: journal.remove())
    )
    with pytest.raises(NotFound) as refused:
        Journal.take(tmp_path, one.contents)
    assert refused.value.code == "send.unknown"
    assert files(tmp_path) == []


@pytest.mark.parametrize("what", ["folder", "link"])
def test_what_cannot_be_read_is_unknown(tmp_path: Path, what: str) -> None:
    journal = left_behind(begun(tmp_path, "a.txt"))
    (one,) = found(tmp_path)
    path = journal.path
    path.unlink()
    path.mkdir() if what == "folder" else path.symlink_to("/etc/hostname")
    with pytest.raises(NotFound):
        Journal.take(tmp_path, one.contents)


def test_it_is_kept_until_all_is_published_and_seen(tmp_path: Path) -> None:
    journal = begun(tmp_path, "a.txt", "b.txt")
    journal.shown()
    journal.published([(0, sent("a.txt"))])
    journal.shown()
    journal.published([(1, sent("b.txt"))])
    assert journal.held
    (one,) = found(tmp_path)
    assert [entry.shown for entry in one.contents.entries] == [True, False]
    journal.shown()
    assert files(tmp_path) == []
    assert found(tmp_path) == []
    journal.shown()


@pytest.mark.parametrize(("user", "server"), [("BERND", "local"), ("ANNA", "https://links.example.com")])
def test_those_of_others_are_left_for_them(tmp_path: Path, user: str, server: str) -> None:
    left_behind(begun(tmp_path, "a.txt", user=user, server=server))
    assert found(tmp_path) == []
    assert len(unfinished_sends(tmp_path, server, user, NOW)) == 1


def test_what_nobody_looked_at_for_long_goes(tmp_path: Path) -> None:
    journal = left_behind(begun(tmp_path, "a.txt"))
    written = NOW.replace(microsecond=0)
    os.utime(journal.path, (written.timestamp(), written.timestamp()))
    assert len(found(tmp_path, written + KEPT_FOR - timedelta(seconds=1))) == 1
    assert found(tmp_path, written + KEPT_FOR) == []
    assert files(tmp_path) == []


def test_one_that_is_running_does_not_go_however_long_it_takes(tmp_path: Path) -> None:
    journal = begun(tmp_path, "a.txt")
    assert len(found(tmp_path, NOW + 2 * KEPT_FOR)) == 1
    journal.remove()


def test_the_oldest_comes_first(tmp_path: Path) -> None:
    for number, name in enumerate(("c.txt", "a.txt", "b.txt")):
        journal = left_behind(begun(tmp_path, name))
        os.utime(journal.path, (1_000_000_000 + number, NOW.timestamp() - 100 + number))
    assert [e.name for one in found(tmp_path) for e in one.contents.entries] == ["c.txt", "a.txt", "b.txt"]


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("{}")
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / f"{'a' * 12}.jsonl").symlink_to(elsewhere)
    assert found(tmp_path) == []
    assert elsewhere.read_text() == "{}"


def test_what_is_no_journal_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    for name in ("notes.jsonl", ".hidden", f"{'a' * 12}.txt"):
        (tmp_path / FOLDER / name).write_text("mine")
    (tmp_path / FOLDER / f"{'b' * 12}.jsonl").write_text("")
    assert found(tmp_path) == []
    assert len(files(tmp_path)) == 4


def test_a_folder_that_cannot_be_written_keeps_nobody_from_sending(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    published_names: list[str] = []
    journal = begun(blocked, "a.txt")
    journal.on_published = lambda document: published_names.append(document.name)
    journal.opened(SEND)
    journal.upload(0, Upload("1" * 32, 7, None))
    journal.published([(0, sent("a.txt"))])
    assert not journal.held
    assert journal.problem == f"{blocked}: it is a file"
    journal.shown()
    journal.release()
    assert published_names == ["a.txt"]
    assert found(blocked) == []
    links = LinkFile(blocked)
    links.add("http://x/s/1")
    assert links.problem == "it is a file"


def test_a_journal_that_cannot_be_completed_leaves_nothing_behind(tmp_path: Path) -> None:
    """A file without a lock would count as an interrupted send."""
    journal = Journal(tmp_path, "local", "ANNA")
    journal.path.mkdir(parents=True)
    journal.begin([(source("/home/a.txt"), "a.txt", "key")], LinkSettings(), NOW)
    assert not journal.held
    assert files(tmp_path) == [journal.path]
    assert list(journal.path.iterdir()) == []


def test_a_local_server_has_one_name_whatever_its_port(tmp_path: Path) -> None:
    assert server_of(Target("https://links.example.com", "t")) == "https://links.example.com"
    assert server_of(Target("http://127.0.0.1:4711", "t", socket=tmp_path / "socket")) == "local"


def test_names_that_are_no_text_are_kept_as_they_are(tmp_path: Path) -> None:
    name = os.fsdecode(b"/home/\xff\xfe.txt")
    journal = Journal(tmp_path, "local", "ANNA")
    journal.begin([(source(name), "a.txt", "key")], LinkSettings(), NOW)
    left_behind(journal)
    (one,) = found(tmp_path)
    assert os.fsencode(one.contents.entries[0].source["file"]) == b"/home/\xff\xfe.txt"


def test_the_plain_file_has_a_line_for_each_as_it_is_published(tmp_path: Path) -> None:
    state = tmp_path / "state"
    for send in (("a", "b", "c"), ("d",)):
        links = LinkFile(state)
        for number, name in enumerate(send):
            links.add(f"http://x/s/{name}")
            expected = [f"http://x/s/{other}" for other in send[: number + 1]]
            assert (state / "links.txt").read_text().split() == expected
    assert (state / "links.txt").stat().st_mode & 0o777 == 0o600
