"""Tables fit the width of the terminal; without a terminal nothing is left out or cut."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.checks.long import few
from tests.support.servers.forking import session
from tests.support.servers.server import ServerProcess
from tests.support.terminal.terminal import Terminal
from tests.system.command import SCRIPT, Client
from tui.cli.base.table import shorten, width
from tui.rules.display import counted

LONG = "Share Purchase Agreement between Halyard and Castellan (execution version, signed).txt"
WIDE = "契約書・譲渡に関する覚書と付属書類一覧表・最終版二〇二六年十一月.txt"
TABLES = [
    ["links"],
    ["links", "--all"],
    ["trash", "list"],
    ["folders", "list"],
    ["favorites", "list"],
    ["audit"],
    ["user", "list"],
    ["sessions", "list"],
    ["policy", "show"],
    ["find", "agreement"],
]


@pytest.fixture(scope="module")
def client(sample_server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """A user who has sent documents with all kinds of names."""
    folder = tmp_path_factory.mktemp("tables")
    found = Client(sample_server.url, sample_server.token, folder)
    found.environ = {**found.environ, "SENTLINKS_HOME": str(folder / "home")}
    names = ["short.txt", LONG, WIDE, "deleted.txt"]
    for name in names:
        found.file(name)
    sent = found("send", *names, "--expires", middle_of_a_month(), "--downloads", "2", "--json").documents
    found("unpublish", sent[1]["id"])
    found("delete", sent[3]["id"])
    return found


def middle_of_a_month() -> str:
    """A date to come that is as wide on any day that this runs: it decides how much room is left."""
    return f"{(date.today().replace(day=15) + timedelta(days=31)).replace(day=15)}"


def on_a_terminal(client: Client, command: list[str], columns: int) -> tuple[list[str], str]:
    """The lines of standard output on a terminal of that width, and standard error."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 400, columns, 0, 0))
    environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "", "LINES": "", **client.environ}
    with open(theirs, "r+b", buffering=0) as terminal, Path("told").open("wb") as errors:
        streams = (terminal, terminal, errors)
        process = session.process("tui.__main__", command, cwd=Path.cwd(), env=environ, streams=streams)
    written = b""
    # Reading fails when no process is left to write to it.
    with open(ours, "rb", buffering=0) as screen, suppress(OSError):
        while more := screen.read(1 << 16):
            written += more
    assert process.wait(60) == 0
    return written.decode().splitlines(), Path("told").read_text()


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@few(3)
@pytest.mark.parametrize("command", TABLES, ids=" ".join)
def test_a_row_is_a_line(client: Client, command: list[str]) -> None:
    whole = client(*command).out.splitlines()
    if whole[0].startswith("LINK"):
        return
    is_a_line_each(*on_a_terminal(client, command, 60), 60, whole)


def is_a_line_each(lines: list[str], errors: str, columns: int, whole: list[str]) -> None:
    """Checks that a terminal of that width shows each of the ``whole`` lines, and says what it has left out."""
    assert max(width(line) for line in lines) <= columns
    assert len(lines) == len(whole)
    shown, all_of_them = lines[0].split("  "), whole[0].split("  ")
    left_out = [h.strip() for h in all_of_them if h.strip() and h.strip() not in lines[0]]
    assert [h.strip() for h in shown if h.strip()] == [
        h.strip() for h in all_of_them if h.strip() and h.strip() not in left_out
    ]
    assert errors == (
        f"sentlinks: {counted(len(left_out), 'column')} hidden; --json or a wider terminal shows "
        f"{'it' if len(left_out) == 1 else 'them'}.\n"
        if left_out
        else ""
    )


@pytest.mark.parametrize("columns", [60, 80])
def test_links_are_first_and_never_cut(client: Client, columns: int) -> None:
    """Below each is what fits of the rest; its ID is short enough, and one that commands take."""
    documents = client("links", "--json").documents
    lines, _ = on_a_terminal(client, ["links"], columns)
    assert lines[1::2] == [d["url"] for d in documents]
    ids = [line.split()[-1] for line in lines[2::2]]
    assert [d["id"].startswith(ident) and len(ident) == 6 for d, ident in zip(documents, ids, strict=True)]
    assert max(map(width, lines[::2])) <= columns
    assert client("audit", ids[0], "--json").json == client("audit", documents[0]["id"], "--json").json


def test_links_are_on_the_lines_of_a_wide_terminal(client: Client) -> None:
    whole = client("links").out.splitlines()
    is_a_line_each(*on_a_terminal(client, ["links"], 140), 140, whole)


def test_columns_go_by_importance_and_names_are_shortened(client: Client) -> None:
    """80 columns show whether a link works, how often it was used, and its ID."""
    lines, _ = on_a_terminal(client, ["links"], 80)
    assert lines[0].split() == ["NAME", "EXTERNAL", "DOWNLOADS", "EXPIRES", "ID"]
    (long,) = [line for line in lines if line.startswith("  Share")]
    # In the middle: several may differ only at their ends.
    assert "…gned).txt  Off · unpublished" in long
    wide = next(line for line in lines if line.startswith("  契約書"))
    # What follows a name of wide characters is aligned with the other rows.
    assert width(wide[: wide.index("On")]) == lines[0].index("EXTERNAL")


def test_wide_enough_a_terminal_shows_all(client: Client) -> None:
    lines, errors = on_a_terminal(client, ["trash", "list"], 300)
    whole = client("trash", "list").out.splitlines()
    assert [line.split()[:-1] for line in lines] == [line.split()[:-1] for line in whole]
    assert errors == ""


def test_nothing_is_cut_without_a_terminal(client: Client) -> None:
    done = client("links", COLUMNS="40")
    assert done.out.splitlines()[0].split()[0] == "LINK"
    assert LONG in done.out
    assert WIDE in done.out
    assert done.err == ""


def test_the_ellipsis_is_one_that_the_terminal_knows(client: Client) -> None:
    environ = {**client.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    # Started, since no other test has a process of this language that it could be forked from.
    with Terminal([*SCRIPT, "links"], environ, 80, 40) as terminal:
        assert terminal.wait() == 0
        (long,) = [line for line in terminal.text.splitlines() if line.startswith("  Share")]
    assert "...gned).txt  Off . unpublished" in long


@few(2)
@pytest.mark.parametrize(
    ("text", "cells", "expected"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
        ("abc", 1, "…"),
    ],
)
def test_shortening_counts_cells(
    text: str, cells: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.cli.base.table._ellipsis", lambda: "…")
    assert shorten(text, cells) == expected
    assert width(expected) <= cells
