"""Mail programs and editors that can't be started or end badly, in a real terminal: the app says why, takes keys again
and keeps what was written there."""

from __future__ import annotations

from tests.support.checks.long import more
from tests.support.terminal.drafting import (
    CLOSE,
    OPEN,
    WRITE,
    WRITTEN,
    Desk,
    asks_on_closing,
    saves,
    takes_keys,
)
from tests.support.terminal.terminal import KEYS, Terminal

ENDS = {
    "was ended by SIGKILL": "kill -KILL $$",
    "was ended by SIGTERM": "kill -TERM $$",
    "was ended by SIGSEGV": "kill -SEGV $$",
    "ended with status 1": "exit 1",
    "ended with status 127": "exec 2>&1; nowhere; exit 127",
}


def test_one_after_the_other(desk: Desk) -> None:
    with desk.open(EDITOR="editor") as terminal:
        an_editor_that_cannot_be_started(terminal, desk)
        what_was_written_is_held_however_it_ended(terminal, desk)
        the_next_program_is_offered(terminal, desk)
        only_status_0_counts_as_kept(terminal, desk)


def an_editor_that_cannot_be_started(terminal: Terminal, desk: Desk) -> None:
    """The message says which variable is wrong and why, or what to do instead, and the app continues."""
    broken = desk.programs / "editor"
    broken.write_text("#!/nowhere/at/all\n")
    terminal.type(OPEN)
    terminal.wait_for("No mail program was found")
    terminal.wait_for("EDITOR is editor")
    terminal.wait_for("^s saves it as a file")
    terminal.type("a@example.com")
    broken.chmod(0o755)
    terminal.type(OPEN)
    terminal.wait_for("editor cannot be started: No such file or directory")
    terminal.wait_for("^s saves it as a file")
    takes_keys(terminal)
    broken.write_text("\x7fELF of no machine\n")
    terminal.type(OPEN)
    terminal.wait_for("editor cannot be started: Exec format error")
    assert "✓" not in terminal.text
    takes_keys(terminal, "end")
    terminal.wait_for("a@example.comtvtkend")
    asks_on_closing(terminal)
    assert desk.leftovers() == []


def what_was_written_is_held_however_it_ended(terminal: Terminal, desk: Desk) -> None:
    """The last lines of standard error are shown, and no green tick; the draft does not count as kept."""
    complain = "echo first >&2; printf '\\033[31mthe second\\033[0m\\n' >&2; echo last words >&2"
    for message, how in ENDS.items():
        desk.script("editor", f"{WRITE}\n{complain}\n{how}")
        terminal.type(OPEN)
        terminal.wait_for(message)
        terminal.wait_for("last words")
        terminal.wait_for("! editor")
        assert "✓" not in terminal.text
        assert "the second" in terminal.text
        terminal.wait_for("^o opens the draft in editor")
        takes_keys(terminal)
        terminal.wait_for("anna@example.comtvtk")
        assert desk.leftovers() == []
    asks_on_closing(terminal)
    assert saves(terminal, desk) == WRITTEN
    assert desk.saved()["Subject"] == "Written there"


def the_next_program_is_offered(terminal: Terminal, desk: Desk) -> None:
    """After one has failed, the same key opens the next, then the first again."""
    neomutt = desk.script("neomutt", "echo no account >&2; exit 1")
    desk.script("editor", f"{WRITE}\nexit 2")
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
    neomutt.unlink()


def only_status_0_counts_as_kept(terminal: Terminal, desk: Desk) -> None:
    """Standard error is a terminal, and what is written to it is displayed immediately. The editor is gone when the
    draft is opened for the third time."""
    desk.script("editor", "[ -t 2 ] && echo it is one >&2; while [ ! -e end ]; do sleep 0.05; done; exit 3")
    terminal.type(OPEN)
    terminal.wait_for("it is one")
    (desk.work / "end").touch()
    terminal.wait_for("ended with status 3")
    terminal.wait_for("it is one")
    takes_keys(terminal, "more")
    asks_on_closing(terminal)
    editor = desk.script("editor", f'{WRITE}\nrm -- "$0"')
    terminal.type(OPEN)
    terminal.wait_for("Written there")
    terminal.wait_for("✓ The draft is as you left it in editor")
    assert not editor.exists()
    terminal.type(OPEN)
    terminal.wait_for("EDITOR is editor, which is not a program")
    terminal.type(CLOSE)
    terminal.wait_for("1 document sent")


@more
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
