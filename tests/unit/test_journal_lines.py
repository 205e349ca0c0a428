"""Lines of a journal that were cut off, are damaged, or make no sense: they hide and spoil nothing else."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.sends.journals import NOW, begun, damage, found, left_behind, published, sent, source
from tui.rules.errors import NotFound
from tui.rules.link_settings import LinkSettings
from tui.sending.journal.journal import Journal


def test_what_a_full_disk_cut_off_spoils_no_other_line(tmp_path: Path) -> None:
    journal = begun(tmp_path, "a.txt", "b.txt")
    journal.published([(0, sent("a.txt"))])
    os.write(journal._file.handle, b'\n{"published": {"row": 1, "doc')
    journal.published([(1, sent("b.txt"))])
    wrong = [
        [1], 7, None, {"opened": 3}, {"published": {}}, {"shown": [9]}, {"upload": {"row": 0}}, {"later": {"x": 1}},
        {"__class__": 1},
    ]  # fmt: skip
    os.write(
        journal._file.handle, b"".join(b"\n" + json.dumps(line).encode() for line in wrong) + b"\n\xff\xfe\n"
    )
    left_behind(journal)
    (one,) = found(tmp_path)
    assert published(one.contents) == [sent("a.txt"), sent("b.txt")]


DAMAGE: list[tuple[tuple[str | int, ...], Any]] = [
    (("by",), None), (("by", "user"), 5), (("at",), None), (("at",), "2026-01-01T00:00:00"),
    (("at",), "0001-01-01T00:00:00+14:00"), (("at",), "9999-12-31T23:59:59-12:00"), (("settings",), []),
    (("settings", "recipients"), 5), (("settings", "recipients"), [5]), (("settings", "expires_at"), "soon"),
    (("settings", "expires_at"), "2026-01-01T00:00:00"), (("settings", "downloads_permitted"), "3"),
    (("settings", "zone_offset"), 10**9), (("settings", "has_password"), "perhaps"), (("rows",), {}),
    (("rows", 0), None), (("rows", 0, "name"), 5), (("rows", 0, "key"), "line\nbreak"), (("rows", 0, "key"), "ä"),
    (("rows", 0, "source"), {}), (("rows", 0, "source", "file"), "/home/\0"), (("rows", 0, "source", "file"), None),
    (("rows", 0, "source", "size"), -1), (("rows", 0, "source", "size"), "1"), (("rows", 0, "source", "label"), 5),
    (("settings", "zone_offset"), 1441), (("settings", "zone_offset"), -1441), (("rows", 0, "key"), "x" * 256),
    (("rows", 0, "key"), ""), (("at",), "9000-01-01T00:00:00Z"), (("at",), "1969-12-31T23:59:59Z"),
]  # fmt: skip


@pytest.mark.parametrize(("where", "value"), DAMAGE)
def test_a_plan_that_cannot_be_understood_hides_no_other(
    tmp_path: Path, where: tuple[str | int, ...], value: Any
) -> None:
    damaged = left_behind(begun(tmp_path, "a.txt", recipients=("anna@example.com",)))
    whole = left_behind(begun(tmp_path, "b.txt"))
    one = next(each for each in found(tmp_path) if each.contents.id == damaged.id)
    damage(damaged, where, value)
    assert [each.contents.id for each in found(tmp_path)] == [whole.id]
    with pytest.raises(NotFound):
        Journal.take(tmp_path, one.contents)


EDGES: list[tuple[tuple[str | int, ...], Any]] = [
    (("settings", "zone_offset"), 1440), (("settings", "zone_offset"), -1440), (("rows", 0, "key"), "x" * 255),
    (("rows", 0, "key"), "~"), (("at",), "8999-12-31T23:59:59Z"), (("at",), "1970-01-01T00:00:00Z"),
    (("rows", 0, "source", "size"), 0), (("settings", "downloads_permitted"), -1),
]  # fmt: skip


@pytest.mark.parametrize(("where", "value"), EDGES)
def test_what_a_plan_may_just_contain(tmp_path: Path, where: tuple[str | int, ...], value: Any) -> None:
    damage(left_behind(begun(tmp_path, "a.txt")), where, value)
    (one,) = found(tmp_path)
    assert not one.contents.damaged


@pytest.mark.parametrize(("line", "made"), [({"noted": True}, False), ({"noted": 1}, True), ({}, True)])
def test_a_password_is_noted_by_that_line_only(tmp_path: Path, line: dict[str, Any], made: bool) -> None:
    journal = Journal(tmp_path, "local", "ANNA")
    journal.password_made = True
    journal.begin([(source("a"), "a", "key")], LinkSettings(password="Blue-Heron-48"), NOW)
    os.write(journal._file.handle, b"\n" + json.dumps(line).encode())
    left_behind(journal)
    (one,) = found(tmp_path)
    assert one.contents.settings["made"] == made


def test_deeply_nested_lines_are_ignored(tmp_path: Path) -> None:
    journal = begun(tmp_path, "a.txt")
    os.write(journal._file.handle, b"\n" + b"[" * 200_000 + b"\n")
    left_behind(journal)
    assert len(found(tmp_path)) == 1


def test_rows_do_not_count_from_the_end(tmp_path: Path) -> None:
    journal = begun(tmp_path, "a.txt")
    os.write(journal._file.handle, b'\n{"shown": [-1]}\n{"process": {"id": -1, "in_background": true}}')
    left_behind(journal)
    (one,) = found(tmp_path)
    assert not one.contents.entries[0].shown
    assert one.contents.process == os.getpid()


def test_lost_rows_come_back_after_what_was_published_before_them(tmp_path: Path) -> None:
    """The server lists documents as they were published: a large one, the first here, after small ones."""
    journal = begun(tmp_path, "large.txt", "a.txt", "b.txt", "c.txt")
    journal.published([(0, sent("large.txt")), (2, sent("b.txt"))])
    left_behind(journal)
    damage(journal, ("rows",), {})
    (one,) = found(tmp_path)
    one.contents.adopt([sent(name) for name in ("a.txt", "b.txt", "c.txt", "large.txt")])
    assert [entry.name for entry in one.contents.entries] == ["a.txt", "large.txt", "b.txt", "c.txt"]
