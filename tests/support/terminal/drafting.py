"""The app in a terminal, with a draft open and the test's own mail programs, and what tests do to the draft."""

from __future__ import annotations

import re
import shutil
import stat
import time
from collections.abc import Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from tests.support.real_parts import need
from tests.support.servers.server import ServerProcess
from tests.support.terminal.terminal import KEYS, SECONDS, Sentlinks, Terminal

OPEN, SAVE, CLOSE = KEYS["ctrl+o"], KEYS["ctrl+s"], KEYS["escape"]
#: What the screen shows once a send has begun.
_BEGUN = re.compile(r"\d+ of \d+ sent|Draft e-mail|━ Links|─ Links")
#: A shell script that writes a well-formed draft; its body is in the variable BODY.
WRITE = """
BODY='Grüße, 契約.
A second line.'
printf 'To: anna@example.com\\nSubject: Written there\\n\\n%s\\n' "$BODY" > "$1"
"""
WRITTEN = "Grüße, 契約.\nA second line.\n"
#: The path inside our shell scripts; the app's own path has only the test's programs.
SHELL_PATH = "/usr/local/bin:/usr/bin:/bin"


class Desk:
    """A folder that the app runs in, and the only programs on its path."""

    def __init__(self, folder: Path, server: ServerProcess) -> None:
        self.folder = folder
        self.programs = folder / "bin"
        self.programs.mkdir()
        self.work = folder / "work"
        self.work.mkdir()
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.environ: dict[str, str] = {
            "SENTLINKS_HOME": str(folder / "home"),
            "SENTLINKS_SERVER": server.url,
            "SENTLINKS_TOKEN": server.token,
            "LANG": "C.UTF-8",
            "COLORTERM": "truecolor",
            "PATH": str(self.programs),
            "TMPDIR": str(self.temporary),
            "HOME": str(folder / "home"),
            **dict.fromkeys(("EDITOR", "VISUAL", "DISPLAY", "WAYLAND_DISPLAY", "TMUX", "STY"), ""),
            **dict.fromkeys(("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT", "XDG_RUNTIME_DIR"), ""),
        }

    def script(self, name: str, text: str, mode: int = 0o755) -> Path:
        """Puts a script on the path; if it is used as an editor, its first argument is the draft's file."""
        file = self.programs / name
        file.write_text(f"#!/bin/sh\nPATH={SHELL_PATH}\n{text}\n")
        file.chmod(mode)
        return file

    def link(self, *names: str) -> None:
        """Puts installed programs on the path."""
        need(*names)
        for name in names:
            (self.programs / name).symlink_to(str(shutil.which(name)))

    def open(
        self,
        surroundings: Mapping[str, str] | None = None,
        *,
        columns: int = 200,
        rows: int = 30,
        answers: Mapping[bytes, bytes] | None = None,
        **environ: str,
    ) -> Terminal:
        """The app in a terminal, with the draft for one sent document. ``answers`` are the terminal's replies."""
        terminal = Sentlinks(
            [],
            {**self.environ, **(surroundings or {}), **environ},
            columns,
            rows,
            # The terminal's identification, which some programs wait for before they end.
            answers={b"\x1b[c": b"\x1b[?62;22c", **(answers or {})},
            cwd=self.work,
        )
        open_draft(terminal)
        return terminal

    def saved(self, number: int = 1) -> EmailMessage:
        """The saved draft, parsed."""
        name = "secure-links.eml" if number == 1 else f"secure-links-{number}.eml"
        data = (self.work / name).read_bytes()
        assert stat.S_IMODE((self.work / name).stat().st_mode) == 0o600
        message = message_from_bytes(data, policy=default)
        assert isinstance(message, EmailMessage)
        return message

    def saved_text(self, number: int = 1) -> str:
        """The text of the saved draft."""
        part = self.saved(number).get_body(("plain",))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")

    def leftovers(self) -> list[str]:
        """The files left over from drafts."""
        return [path.name for path in self.temporary.iterdir() if path.name.startswith("sentlinks-")]


def send_now(terminal: Terminal) -> None:
    """Sends what the dialog has. A busy machine may not have looked into the documents yet, and is asked about that."""
    terminal.type("\x13")
    end, is_answered = time.monotonic() + SECONDS, False
    while not _BEGUN.search(terminal.text):
        if "looked into yet?" in terminal.text and not is_answered:
            terminal.press("y")
            is_answered = True
        terminal.during(0.02)
        assert time.monotonic() < end, f"nothing is sent:\n{terminal.text}"


def open_draft(terminal: Terminal) -> None:
    """Sends the document under the cursor, and waits for its draft."""
    terminal.wait_for("Dictation")
    terminal.wait_for("▾ Share")
    terminal.wait_for("s Secure Sent Links…")
    terminal.quiet()
    terminal.type("s")
    terminal.wait_for("Downloads permitted")
    terminal.wait_for("1 document")
    send_now(terminal)
    terminal.wait_for("Draft e-mail")
    terminal.wait_for("/s/")
    # The last thing it does on its own.
    terminal.wait_for("^y says ")


def takes_keys(terminal: Terminal, mark: str = "tvtk") -> None:
    """Checks that typed text appears in the recipients field, which has the focus."""
    terminal.type(mark)
    terminal.wait_for(mark)


def asks_on_closing(terminal: Terminal) -> None:
    """Checks that the draft doesn't count as kept: the app asks before it closes the draft, which stays open."""
    terminal.type(CLOSE)
    terminal.wait_for("Close the draft without saving it?")
    terminal.type("n")
    terminal.quiet()
    assert "Draft e-mail" in terminal.text


def saves(terminal: Terminal, desk: Desk, number: int = 1) -> str:
    """Saves the draft, in the file of that number, and returns its body."""
    terminal.type(SAVE)
    terminal.wait_for("Saved as")
    return desk.saved_text(number)
