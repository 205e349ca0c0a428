"""Real mail programs and editors that are opened on a draft: mutt, neomutt and vim."""

from __future__ import annotations

import os
import signal
import subprocess
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from tests.support.checks.long import more
from tests.support.terminal.drafting import CLOSE, OPEN, Desk, asks_on_closing, saves, takes_keys
from tests.support.terminal.terminal import Terminal


def muttrc(desk: Desk, sendmail: str | Path) -> None:
    home = desk.folder / "home"
    (home / "Mail").mkdir(parents=True)
    (home / ".muttrc").write_text(
        f"set autoedit=no\nset sendmail={sendmail}\nset record=\nset from=me@example.com\nset use_domain=no\n"
        "set editor=/bin/true\nset folder=~/Mail\nset spoolfile=~/Mail/inbox\nset crypt_use_gpgme=no\n"
    )


def through_prompts(terminal: Terminal) -> None:
    """Accepts the recipient and the subject as shown."""
    terminal.wait_for("To: Jörg <joerg@example.com>")
    terminal.type("\r")
    terminal.wait_for("Subject: ")
    terminal.type("\r")
    terminal.wait_for("y:Send")


def test_mutt_and_neomutt(desk: Desk) -> None:
    """A real mail program gets the draft as it is on the screen. If the draft is cancelled there, it does not count as
    kept; if the program ends without an error, the message says only that."""
    desk.link("mutt")
    muttrc(desk, desk.script("sendmail", f"cat > {desk.folder}/sent"))
    with desk.open() as terminal:
        terminal.type("Jörg <joerg@example.com>")
        terminal.press("tab", "home")
        terminal.type("Prüfung 契約 ")
        terminal.type(OPEN)
        through_prompts(terminal)
        terminal.type("q")
        terminal.wait_for("ostpone")
        terminal.type("n")
        terminal.wait_for("Draft e-mail")
        terminal.wait_for("You left mutt without sending.")
        takes_keys(terminal, "again ")
        asks_on_closing(terminal)
        assert not (desk.folder / "sent").exists()
        assert desk.leftovers() == []
        desk.link("neomutt")
        terminal.type(OPEN)
        through_prompts(terminal)
        terminal.type("y")
        terminal.wait_for("Draft e-mail")
        terminal.wait_for(
            "neomutt closed without an error; it does not say whether it sent or kept the draft"
        )
        assert "✓" not in terminal.text
        terminal.type(CLOSE)
        terminal.wait_for("1 document sent")
        sent = message_from_bytes((desk.folder / "sent").read_bytes(), policy=default)
        assert str(sent["Subject"]).startswith("Prüfung 契約 again 1 document")
        assert str(sent["To"]) == "Jörg <joerg@example.com>"
        assert sent["X-Unsent"] is None
        assert "/s/" in sent.get_content()
        assert desk.leftovers() == []


@more
def test_vim(desk: Desk) -> None:
    """``ctrl+z`` without a shell doesn't stop it. If it is killed, what it had written is kept, and keys go to the app
    again."""
    desk.link("vim")
    with desk.open(EDITOR="vim -u NONE -n") as terminal:
        terminal.type(OPEN)
        terminal.wait_for("Subject: ")
        terminal.type("\x1a")
        terminal.quiet(0.5)
        terminal.type("Gonew words\x1b:wq\r")
        terminal.wait_for("The draft is as you left it in vim")
        takes_keys(terminal, "a@example.com")
        assert saves(terminal, desk).endswith("new words\n")
        terminal.type(OPEN)
        terminal.wait_for("Subject: ")
        terminal.type("Goolder words\x1b:w\r")
        terminal.wait_for("written")
        editor = _child(terminal.process.pid)
        os.kill(editor, signal.SIGKILL)
        terminal.wait_for("vim was ended by SIGKILL")
        takes_keys(terminal, ", b@example.com")
        assert saves(terminal, desk, 2).endswith("older words\n")


def _child(parent: int) -> int:
    done = subprocess.run(["pgrep", "-P", str(parent), "vim"], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[0])
