"""What a send that has ended leaves for an equal one that was started before."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.sends.journals import sent
from tui.files import process_ids
from tui.rules.link_settings import LinkSettings
from tui.sending.journal import same_items
from tui.sending.journal.journal import Journal
from tui.sending.journal.same_items import (
    FOLDER,
    KEPT_SECONDS,
    digest,
    ended_since,
    identity,
    leave_end,
    started,
)
from tui.sending.journal.unfinished import unfinished_sends

BY = {"server": "local", "user": "ANNA"}
A, B = ({"file": f"/home/{name}", "name": name} for name in ("a.txt", "b.txt"))
ITEMS = digest(BY, [A])


@pytest.fixture(autouse=True)
def by_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked, is asked by another process than what has ended."""
    numbers = itertools.count(1)
    monkeypatch.setattr(os, "getpid", lambda: next(numbers))


def left(state: Path) -> Path:
    (file,) = (state / FOLDER).iterdir()
    return file


def test_only_those_that_were_started_before_its_end_are_overtaken(tmp_path: Path) -> None:
    before = time.monotonic()
    assert not ended_since(tmp_path, ITEMS, before)
    leave_end(tmp_path, ITEMS)
    assert ended_since(tmp_path, ITEMS, before)
    assert not ended_since(tmp_path, ITEMS, time.monotonic())
    assert not ended_since(tmp_path, digest(BY, [B]), before)
    # Of several, the last counts.
    between = time.monotonic()
    leave_end(tmp_path, ITEMS)
    assert ended_since(tmp_path, ITEMS, between)
    assert left(tmp_path).stat().st_mode & 0o777 == 0o600
    assert left(tmp_path).parent.stat().st_mode & 0o777 == 0o700


def test_the_items_are_the_same_in_any_order_and_for_one_user() -> None:
    assert digest(BY, [A, B]) == digest(BY, [B, A])
    others = [
        digest(BY, [A]), digest(BY, [A, A]), digest(BY | {"user": "BERND"}, [A, B]),
        digest(BY | {"server": "https://links.example.com"}, [A, B]),
    ]  # fmt: skip
    assert len({digest(BY, [A, B]), *others}) == 5


def test_a_version_of_work_is_identified_by_its_server_and_id() -> None:
    here = {"work": "ACTIVE!1.1", "server": "", "label": "x"}
    records = [here, here | {"server": "https://work.example.com"}, here | {"work": "ACTIVE!1.2"}, A]
    assert len({identity(record) for record in records}) == 4
    assert identity(here | {"label": "y", "name": "z", "size": 5}) == identity(here)
    assert digest(BY, [{"file": os.fsdecode(b"/home/\xff.txt")}])


@pytest.mark.parametrize("seconds", [-KEPT_SECONDS - 60, KEPT_SECONDS + 60, 60, -60])
def test_the_time_of_day_decides_only_how_long_it_is_kept(tmp_path: Path, seconds: float) -> None:
    """A clock that is set meanwhile neither hides an end nor invents one."""
    before = time.monotonic()
    leave_end(tmp_path, ITEMS)
    file = left(tmp_path)
    os.utime(file, (time.time() + seconds,) * 2)
    assert ended_since(tmp_path, ITEMS, before)
    assert not ended_since(tmp_path, ITEMS, time.monotonic())
    other = digest(BY, [B])
    leave_end(tmp_path, other)
    kept = {other} if abs(seconds) > KEPT_SECONDS else {other, ITEMS}
    assert {path.name for path in (tmp_path / FOLDER).iterdir()} == kept


def test_what_another_start_of_the_machine_left_is_of_no_interest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = time.monotonic()
    boot = tmp_path / "boot_id"
    monkeypatch.setattr(process_ids, "_BOOT", boot)
    leave_end(tmp_path, ITEMS)
    assert ended_since(tmp_path, ITEMS, before), "the system has no such id"
    boot.write_text("another\n")
    assert not ended_since(tmp_path, ITEMS, before)
    leave_end(tmp_path, ITEMS)
    assert ended_since(tmp_path, ITEMS, before)


def test_it_is_not_overtaken_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getpid", lambda: 4711)
    leave_end(tmp_path, ITEMS)
    assert not ended_since(tmp_path, ITEMS, 0)


LEAVING = """
import os, sys
from pathlib import Path
from tui.sending.journal.same_items import leave_end
os.getpid = lambda: 4711
leave_end(Path(sys.argv[1]), sys.argv[2])
"""


def test_processes_of_two_containers_may_have_one_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the state folder in common, and the clock."""
    monkeypatch.setattr(os, "getpid", lambda: 4711)
    before = time.monotonic()
    subprocess.run([sys.executable, "-c", LEAVING, str(tmp_path), ITEMS], check=True)
    assert ended_since(tmp_path, ITEMS, before)


# ---------------------------------------------------------------- the start

STARTED = """
import sys, time
from tui.sending.journal.same_items import started
print(time.monotonic() - started(time.monotonic()), time.process_time())
"""


def age(script: str) -> tuple[float, float]:
    """How long ago a process of a shell's ``script`` says that it was started, and what it needed until then."""
    environ = {**os.environ, "PYTHON": sys.executable, "CODE": STARTED}
    done = subprocess.run(["sh", "-c", script], env=environ, capture_output=True, text=True, check=True)
    said, needed = done.stdout.split()
    return float(said), float(needed)


def test_a_process_was_started_before_its_interpreter() -> None:
    said, needed = age('exec "$PYTHON" -c "$CODE"')
    assert needed * 0.8 < said < 30


def test_pauses_before_it_became_this_program_do_not_count() -> None:
    """Sequential commands of a shell, of which the last one replaces it."""
    said, _ = age('sleep 1; exec "$PYTHON" -c "$CODE"')
    assert said < 0.5


def test_what_it_takes_to_find_out_makes_no_start_too_early(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=100.5)

    def read_text() -> str:
        """The process was started at 100, and this takes another second."""
        clock.now += 1
        return "500000000 1000000000 7"

    monkeypatch.setattr("resource.getrusage", lambda _: SimpleNamespace(ru_minflt=0))
    monkeypatch.setattr(same_items, "_SCHEDULED", SimpleNamespace(read_text=read_text))
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    assert started(100.2) == 100


def test_a_system_that_does_not_say_it_counts_what_was_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resource.getrusage", lambda _: SimpleNamespace(ru_minflt=0))
    monkeypatch.setattr(same_items, "_SCHEDULED", tmp_path / "missing")
    now = time.monotonic()
    assert started(now) <= now - time.process_time() + 1
    assert started(0) == 0


# ---------------------------------------------------------------- what can't be read


@pytest.mark.parametrize("content", [
    b"", b"{", b"\xff", b"[]", b"{}", b"7", b'{"boot": 5, "ended": "x"}', b"[" * 100_000,
])  # fmt: skip
def test_a_damaged_one_keeps_nobody_from_sending(tmp_path: Path, content: bytes) -> None:
    leave_end(tmp_path, ITEMS)
    left(tmp_path).write_bytes(content)
    assert not ended_since(tmp_path, ITEMS, 0)


def test_a_pipe_in_its_place_is_not_waited_for(tmp_path: Path) -> None:
    leave_end(tmp_path, ITEMS)
    path = left(tmp_path)
    path.unlink()
    os.mkfifo(path)
    assert not ended_since(tmp_path, ITEMS, 0)


@pytest.mark.parametrize("ended", ["later", None, 10**12, []])
def test_no_moment_but_one_that_has_come_counts(tmp_path: Path, ended: Any) -> None:
    leave_end(tmp_path, ITEMS)
    left(tmp_path).write_text(json.dumps({"boot": process_ids.boot(), "process": 0, "ended": ended}))
    assert not ended_since(tmp_path, ITEMS, time.monotonic() - 1)


@pytest.mark.parametrize("where", ["", FOLDER])
def test_where_it_cannot_be_written_nothing_happens(tmp_path: Path, where: str) -> None:
    blocked = tmp_path / "state" / where
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("a file")
    leave_end(tmp_path / "state", ITEMS)
    assert not ended_since(tmp_path / "state", ITEMS, 0)
    assert blocked.read_text() == "a file"


# ---------------------------------------------------------------- journals


def begun(state: Path) -> Journal:
    journal = Journal(state, "local", "ANNA")
    rows = [(source | {"label": "x", "size": 1}, source["name"], source["name"]) for source in (A, B)]
    journal.begin(rows, LinkSettings(), datetime.now(UTC))
    return journal


def test_at_each_moment_either_the_journal_or_its_end_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, journal = time.monotonic(), begun(tmp_path)
    written = journal._write
    seen: list[bool] = []

    def write(lines: bytes, *, sync: bool = False) -> None:
        written(lines, sync=sync)
        listed = bool(unfinished_sends(tmp_path, "local", "ANNA", datetime.now(UTC)))
        seen.append(listed or ended_since(tmp_path, digest(BY, [A, B]), before))

    monkeypatch.setattr(journal, "_write", write)
    journal.published([(0, sent("a.txt"))])
    journal.shown()
    assert not ended_since(tmp_path, digest(BY, [A, B]), before)
    journal.published([(1, sent("b.txt"))])
    journal.shown()
    assert seen == [True] * 4
    assert ended_since(tmp_path, digest(BY, [A, B]), before)


@pytest.mark.parametrize("published", [False, True])
def test_one_that_published_nothing_leaves_none(tmp_path: Path, published: bool) -> None:
    """Then an equal one has something to send."""
    before, journal = time.monotonic(), begun(tmp_path)
    if published:
        journal.published([(1, sent("b.txt"))])
    journal.remove()
    assert ended_since(tmp_path, digest(BY, [A, B]), before) == published
