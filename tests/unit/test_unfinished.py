"""The unfinished sends of this machine, and the processes that hold them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tui.files.process_ids import boot
from tui.rules.errors import Failed
from tui.rules.link_settings import LinkSettings
from tui.sending.journal.journal import FOLDER, SUFFIX, Journal
from tui.sending.journal.journal_contents import Contents, JournalEntry, Upload, read
from tui.sending.journal.unfinished import in_background, stop_process, unfinished_sends
from tui.sending.resuming import SendStatus

NOW = datetime.now(UTC)
IDENT = "0123456789ab"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def journal(state: Path) -> Iterator[Journal]:
    """A journal that this process holds."""
    journal = Journal(state, "local", "ANNA")
    source = {"file": "/home/a.txt", "name": "a.txt", "label": "file:a.txt", "size": 1}
    journal.begin([(source, "a.txt", "key")], LinkSettings(), NOW)
    yield journal
    journal.release()


def found(state: Path) -> list[str]:
    return [each.contents.id for each in unfinished_sends(state, "local", "ANNA", NOW)]


# ---------------------------------------------------------------- listing


def test_there_are_none_where_there_is_no_folder(state: Path) -> None:
    assert found(state) == []
    assert found(state / ("x" * 300)) == []
    state.write_text("a file")
    assert found(state) == []


def test_what_cannot_be_looked_at_hides_no_other(state: Path, journal: Journal) -> None:
    path = state / FOLDER / f"{IDENT}{SUFFIX}"
    path.symlink_to(path)
    (state / FOLDER / f"{'f' * 12}{SUFFIX}").mkdir()
    os.mkfifo(state / FOLDER / f"{'e' * 12}{SUFFIX}")
    assert found(state) == [journal.id]


def test_one_with_everything_published_was_not_interrupted(state: Path, journal: Journal) -> None:
    """Only its links haven't been seen."""
    journal.release()
    contents = read(state / FOLDER / f"{journal.id}{SUFFIX}")
    assert SendStatus(contents).stage == "interrupted"
    assert SendStatus(contents, {"key": None}).stage == "sent"
    assert SendStatus(contents, {"key": None}, running=True).stage == "sending"


@pytest.mark.parametrize(
    ("sizes", "offsets", "published", "percent"),
    [
        ((3, 1), {}, (), 0),
        ((3, 1), {"0": 0}, (), 0),
        ((3, 1), {"0": 1}, (), 25),
        ((3, 1), {"0": 1}, (1,), 50),
        ((3, 1), {}, (0,), 75),
        ((3, 1), {}, (0, 1), 100),
        ((199, 1), {"0": 199}, (), 99),
        # It has grown since the send began.
        ((3, 1), {"0": 5}, (), 100),
        ((0,), {}, (0,), 0),
        ((), {}, (), 0),
    ],
)
def test_how_much_of_a_send_the_server_has(
    sizes: tuple[int, ...], offsets: dict[str, int], published: tuple[int, ...], percent: int
) -> None:
    """Only the first document's upload was begun."""
    contents = Contents(IDENT)
    for number, size in enumerate(sizes):
        upload = Upload("0", size, None) if number == 0 else None
        contents.entries.append(JournalEntry({"size": size}, f"{number}.txt", f"key{number}", upload))
    status = SendStatus(contents, {f"key{number}": None for number in published}, offsets=offsets)
    assert status.percent == percent


# ---------------------------------------------------------------- left to a process of its own


def test_one_in_the_background_is_found_by_its_id(state: Path, journal: Journal) -> None:
    """While that process works on it."""
    assert in_background(state, journal.id) is None, "held by the process that began it"
    journal.release()
    taken = Journal.take(state, read(state / FOLDER / f"{journal.id}{SUFFIX}"), in_background=True)
    contents = in_background(state, journal.id)
    assert contents is not None
    assert (contents.id, contents.process, contents.in_background) == (journal.id, os.getpid(), True)
    assert [entry.name for entry in contents.entries] == ["a.txt"]
    taken.release()
    assert in_background(state, journal.id) is None, "interrupted"


@pytest.mark.parametrize("ident", [IDENT, "", "../../etc/passwd", f"{IDENT}.jsonl", IDENT.upper()])
def test_what_is_no_id_is_none_in_the_background(state: Path, journal: Journal, ident: str) -> None:
    assert in_background(state, ident) is None


# ---------------------------------------------------------------- stopping it

HOLDING = """
import signal, sys
from pathlib import Path
from tui.sending.journal.journal import Journal
from tui.sending.journal.journal_contents import read
signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))
path = Path(sys.argv[1])
journal = Journal.take(path.parent.parent, read(path), in_background=True)
print("held", flush=True)
signal.pause()
"""


@pytest.mark.parametrize("with_handles", [True, False], ids=["by a handle", "by its id"])
def test_the_process_that_holds_it_is_told_to_stop(
    state: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch, with_handles: bool
) -> None:
    """Where the system has no handles of processes, by its id."""
    if not with_handles:
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    journal.release()
    path = state / FOLDER / f"{journal.id}{SUFFIX}"
    command = [sys.executable, "-c", HOLDING, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        contents = in_background(state, journal.id)
        assert contents is not None
        assert contents.process == process.pid
        stop_process(state, contents)
        assert process.wait(60) == 5
    assert found(state) == [journal.id]
    # It is over: now there is nothing to stop.
    stop_process(state, contents)


def test_one_in_another_container_is_not_stopped_from_here(
    state: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There, its process may have the id of one that is here, such as this one."""
    told: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    try:
        monkeypatch.setattr("tui.sending.journal.journal.realm", lambda: f"{boot()} 1")
        journal.release()
        taken = Journal.take(state, read(journal.path), in_background=True)
        contents = in_background(state, journal.id)
        assert contents is not None
        assert (contents.process, contents.realm) == (os.getpid(), f"{boot()} 1")
        with pytest.raises(Failed) as refused:
            stop_process(state, contents)
        assert refused.value.code == "send.elsewhere"
        assert told == []
        taken.release()
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_process_that_no_longer_holds_it_is_left_alone(
    state: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may have its id by now."""
    told: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    try:
        contents = Contents(journal.id, process=os.getpid())
        journal.release()
        stop_process(state, contents)
        monkeypatch.delattr(os, "pidfd_open", raising=False)
        stop_process(state, contents)
        stop_process(state, Contents(journal.id))
        stop_process(state, Contents(IDENT, process=os.getpid()))
        assert told == []
        # Where it does hold it, the signal arrives.
        taken = Journal.take(state, read(state / FOLDER / f"{journal.id}{SUFFIX}"))
        stop_process(state, contents)
        end = time.monotonic() + 10
        while not told and time.monotonic() < end:
            time.sleep(0.005)
        assert told == [signal.SIGTERM]
        taken.release()
    finally:
        signal.signal(signal.SIGTERM, before)
