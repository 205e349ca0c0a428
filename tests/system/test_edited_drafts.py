"""What a mail program or an editor leaves in the draft's file, in a real terminal: the app keeps all that it can read,
and says what it can't."""

from __future__ import annotations

from tests.support.checks.long import more
from tests.support.terminal.drafting import OPEN, Desk, asks_on_closing, saves, takes_keys
from tests.support.terminal.terminal import Terminal

#: What an editor does to the file, and what is said of it: each time something else.
UNREADABLE = {
    'rm "$1"': "was deleted there",
    'rm "$1"; mkdir "$1"': "cannot be read (Is a directory)",
    ': > "$1"': "was left empty",
    'rm "$1"; mkfifo "$1"': "cannot be read (it is no longer a file)",
}


def test_what_an_editor_leaves(desk: Desk) -> None:
    with desk.open(EDITOR="editor") as terminal:
        a_file_that_is_no_draft_any_more(terminal, desk)
        a_header_that_is_broken(terminal, desk)
        a_line_that_holds_no_address(terminal, desk)
        bytes_that_are_no_utf_8(terminal, desk)


def a_file_that_is_no_draft_any_more(terminal: Terminal, desk: Desk) -> None:
    """The draft stays as it was before the editor was opened."""
    terminal.type("bob@example.com")
    for act, told in UNREADABLE.items():
        desk.script("editor", act)
        terminal.type(OPEN)
        terminal.wait_for(told)
        terminal.wait_for("the draft is unchanged")
        takes_keys(terminal)
        terminal.press(*["\x7f"] * 4)
        assert desk.leftovers() == []
    asks_on_closing(terminal)
    assert "/s/" in saves(terminal, desk)
    assert desk.saved()["To"] == "bob@example.com"


def a_header_that_is_broken(terminal: Terminal, desk: Desk) -> None:
    """Anything but To and Subject goes into the text; a missing line leaves its field as it was."""
    desk.script("editor", 'printf "Dear Anna,\\nTo: be or not to be\\n\\nsecond" > "$1"')
    terminal.type(OPEN)
    terminal.wait_for("does not start with To:, Subject:")
    terminal.wait_for("bob@example.com")
    terminal.wait_for("1 document for you ")
    asks_on_closing(terminal)
    assert saves(terminal, desk, 2) == "Dear Anna,\nTo: be or not to be\n\nsecond\n"
    assert desk.saved(2)["To"] == "bob@example.com"


def a_line_that_holds_no_address(terminal: Terminal, desk: Desk) -> None:
    """The address stays in its field with an error message, and the editor can be opened with it again."""
    write = 'cp "$1" seen; printf "To: {}\\nSubject: S\\n\\nwritten there\\n" > "$1"'
    desk.script("editor", write.format("not an address"))
    terminal.type(OPEN)
    terminal.wait_for("not an address is not an e-mail address")
    terminal.wait_for("To       not an address")
    terminal.wait_for("written there")
    assert "✓" not in terminal.text
    asks_on_closing(terminal)
    desk.script("editor", write.format("nor is this"))
    terminal.type(OPEN)
    terminal.wait_for("nor is this is not an e-mail address")
    assert (desk.work / "seen").read_text().startswith("To: not an address\nSubject: S\n")
    takes_keys(terminal)


def bytes_that_are_no_utf_8(terminal: Terminal, desk: Desk) -> None:
    """No letter is lost if an old editor writes such bytes, and the app reports that the file is not UTF-8."""
    desk.script(
        "editor", 'printf "To: \\nSubject: \\344\\n\\nGr\\374\\337e, ja: \\303\\244 \\201.\\n" > "$1"'
    )
    terminal.type(OPEN)
    terminal.wait_for("is not UTF-8")
    assert "✓" not in terminal.text
    assert saves(terminal, desk, 3) == "Grüße, ja: ä \ufffd.\n"
    assert desk.saved(3)["Subject"] == "ä"


@more
def test_a_long_text(desk: Desk) -> None:
    """Of many lines or of one: the app takes keys, shows the beginning, and keeps all of it. The saved draft and the
    editor get it whole."""
    short = 'printf "To: \\nSubject: Short\\n\\nshort\\n" > "$1"'
    desk.script("editor", f'if [ -e long ]; then mv long "$1"; else cp "$1" again; {short}; fi')
    with desk.open(EDITOR="editor") as terminal:
        for number, end in enumerate(("\n", " "), 1):
            line = f"Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod.{end}"
            body = line * (1_000_000 // len(line))
            (desk.work / "long").write_text(f"To: \nSubject: Long\n\n{body}")
            terminal.type(OPEN)
            terminal.wait_for("Long")
            terminal.wait_for("only its beginning is shown")
            takes_keys(terminal, f"a{number}@example.com")
            assert saves(terminal, desk, number).rstrip() == body.rstrip()
            terminal.type(OPEN)
            terminal.wait_for("Short")
            written = f"To: a{number}@example.com\nSubject: Long\n\n{body}"
            assert (desk.work / "again").read_text() == written.rstrip("\n") + "\n"
