"""Mail programs and editors that can't be started or end badly, in a real terminal: the app says why, takes keys again
and keeps what was written there."""

from __future__ import annotations

import pytest

from tests.support.drafting import (
    CLOSE,
    OPEN,
    WRITE,
    WRITTEN,
    Desk,
    asks_on_closing,
    saves,
    takes_keys,
)
from tests.support.terminal import KEYS, Terminal

# ---------------------------------------------------------------- programs that cannot be started


@pytest.mark.parametrize(
    "content", ["#!/nowhere/at/all\n", "\x7fELF of no machine\n"], ids=["interpreter", "format"]
)
def test_an_editor_that_cannot_be_executed(content: str, desk: Desk) -> None:
    """The editor is found but can't be started: the message says what to do instead, and the app continues."""
    (desk.programs / "broken").write_text(content)
    (desk.programs / "broken").chmod(0o755)
    with desk.open(EDITOR="broken") as terminal:
        terminal.type("a@example.com")
        terminal.type(OPEN)
        terminal.wait_for("broken cannot be started")
        terminal.wait_for("^s saves it as a file")
        assert "✓" not in terminal.text
        takes_keys(terminal)
        terminal.wait_for("a@example.comtvtk")
        asks_on_closing(terminal)
        assert desk.leftovers() == []


@pytest.mark.parametrize("kind", ["not executable", "missing", "a directory", "a quotation mark"])
def test_an_editor_that_is_no_program(kind: str, desk: Desk) -> None:
    """The message says which variable is wrong and why, not just that there is no mail program."""
    editor = desk.folder / "editor"
    if kind == "not executable":
        editor.write_text("a text")
    elif kind == "a directory":
        editor.mkdir()
    named = '"editor' if kind == "a quotation mark" else str(editor)
    with desk.open(EDITOR=named) as terminal:
        terminal.type(OPEN)
        terminal.wait_for("No mail program was found")
        terminal.wait_for(f"EDITOR is {named}")
        terminal.wait_for("^s saves it as a file")
        takes_keys(terminal)


def test_an_editor_that_vanishes_before_it_starts(desk: Desk) -> None:
    """The editor starts the first time, and is gone when the draft is opened again."""
    editor = desk.script("once", 'rm -- "$0"')
    with desk.open(EDITOR="once") as terminal:
        terminal.type(OPEN)
        terminal.wait_for("The draft is as you left it in once")
        assert not editor.exists()
        terminal.type(OPEN)
        terminal.wait_for("EDITOR is once, which is not a program")
        takes_keys(terminal)


# ---------------------------------------------------------------- programs that end badly


ENDS = {
    "status 1": ("exit 1", "ended with status 1"),
    "status 127": ("exec 2>&1; nowhere; exit 127", "ended with status 127"),
    "SIGKILL": ("kill -KILL $$", "was ended by SIGKILL"),
    "SIGTERM": ("kill -TERM $$", "was ended by SIGTERM"),
    "SIGSEGV": ("kill -SEGV $$", "was ended by SIGSEGV"),
}


@pytest.mark.parametrize("end", ENDS)
def test_what_was_written_is_held_however_it_ended(end: str, desk: Desk) -> None:
    """The last lines of standard error are shown, and no green tick; the draft does not count as kept."""
    how, message = ENDS[end]
    complain = "echo first >&2; printf '\\033[31mthe second\\033[0m\\n' >&2; echo last words >&2"
    desk.script("editor", f"{WRITE}\n{complain}\n{how}")
    with desk.open(EDITOR="editor") as terminal:
        terminal.type(OPEN)
        terminal.wait_for(message)
        terminal.wait_for("last words")
        terminal.wait_for("! editor")
        assert "✓" not in terminal.text
        assert "the second" in terminal.text
        terminal.wait_for("^o opens the draft in editor")
        takes_keys(terminal)
        terminal.wait_for("anna@example.comtvtk")
        asks_on_closing(terminal)
        assert saves(terminal, desk) == WRITTEN
        assert desk.saved()["Subject"] == "Written there"
        assert desk.leftovers() == []


@pytest.mark.parametrize("status", [0, 1])
def test_only_status_0_counts_as_kept(status: int, desk: Desk) -> None:
    desk.script("editor", f"{WRITE}\nexit {status}")
    with desk.open(EDITOR="editor") as terminal:
        terminal.type(OPEN)
        terminal.wait_for("Written there")
        if status:
            terminal.wait_for("ended with status 1")
            asks_on_closing(terminal)
        else:
            terminal.wait_for("✓ The draft is as you left it in editor")
            terminal.type(CLOSE)
            terminal.wait_for("1 document sent")


def test_one_that_fails_with_nothing_written_does_not_count_as_kept(desk: Desk) -> None:
    desk.script("editor", "exit 1")
    with desk.open(EDITOR="editor") as terminal:
        terminal.type(OPEN)
        terminal.wait_for("ended with status 1")
        asks_on_closing(terminal)


def test_the_next_program_is_offered(desk: Desk) -> None:
    """After the first one has failed, the same key opens the second, then the first again."""
    desk.script("neomutt", "echo no account >&2; exit 1")
    desk.script("editor", f"{WRITE}\nexit 2")
    with desk.open(EDITOR="editor") as terminal:
        terminal.type(OPEN)
        terminal.wait_for("neomutt ended with status 1")
        terminal.wait_for("no account")
        terminal.wait_for("^o opens the draft in editor")
        terminal.type(OPEN)
        terminal.wait_for("editor ended with status 2")
        terminal.wait_for("^o opens the draft in neomutt")
        assert "no account" not in terminal.text
        terminal.type(OPEN)
        terminal.wait_for("neomutt ended with status 1")


def test_a_program_that_leaves_the_terminal_upset(desk: Desk) -> None:
    """The editor is killed in raw mode, on the alternate screen, with another key encoding: all of it is undone, both
    for the app and after the app has ended."""
    upset = "stty raw -echo -isig; printf '\\033[?1049h\\033[?1h\\033=\\033[>4;2m\\033[5;10r\\033[?1003h'"
    desk.script("editor", f"{upset}; kill -KILL $$")
    with Terminal(["cat"], {}) as other:
        usual = other.modes
    with desk.open(EDITOR="editor") as terminal:
        terminal.type(OPEN)
        terminal.wait_for("was ended by SIGKILL")
        takes_keys(terminal)
        after = terminal.written[terminal.written.rindex(b"\x1b[>4;2m") :]
        for undone in (b"\x1b[>4m", b"\x1b[?1l", b"\x1b[r", b"\x1b[?1049l", b"\x1b[?1003l"):
            assert undone in after
        terminal.type(KEYS["ctrl+q"])
        assert terminal.wait() == 0
        assert terminal.modes == usual


# ---------------------------------------------------------------- what they write to standard error


def test_standard_error_is_a_terminal_and_is_seen(desk: Desk) -> None:
    """What is written to standard error is displayed immediately."""
    desk.script("editor", "[ -t 2 ] && echo it is one >&2; while [ ! -e end ]; do sleep 0.05; done; exit 3")
    with desk.open(EDITOR="editor") as terminal:
        terminal.type(OPEN)
        terminal.wait_for("it is one")
        (desk.work / "end").touch()
        terminal.wait_for("ended with status 3")
        terminal.wait_for("it is one")
