"""Mail programs and editors that fail, in a real terminal: however they end, the app takes keys again and keeps what
was written there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.support.drafting import Desk, need, open_draft
from tests.support.server import ROOT, ServerProcess
from tests.support.terminal import KEYS, SECONDS, Terminal
from tests.system.command import SCRIPT

OPEN, SAVE, CLOSE = KEYS["ctrl+o"], KEYS["ctrl+s"], KEYS["escape"]
#: Writes a well-formed draft; its body is in the variable BODY.
WRITE = """
BODY='Grüße, 契約.
A second line.'
printf 'To: anna@example.com\\nSubject: Written there\\n\\n%s\\n' "$BODY" > "$1"
"""
WRITTEN = "Grüße, 契約.\nA second line.\n"


@pytest.fixture
def desk(tmp_path: Path, sample_server: ServerProcess) -> Desk:
    return Desk(tmp_path, sample_server)


def takes_keys(terminal: Terminal, mark: str = "tvtk") -> None:
    """Checks that typed text appears in the recipients field, which has the focus."""
    terminal.type(mark)
    terminal.wait_for(mark)


def asks_on_closing(terminal: Terminal) -> None:
    terminal.type(CLOSE)
    terminal.wait_for("Close the draft without saving it?")
    terminal.type("n")
    terminal.quiet()
    assert "Draft e-mail" in terminal.text


def saves(terminal: Terminal, desk: Desk) -> str:
    """Saves the draft, and returns its body."""
    terminal.type(SAVE)
    terminal.wait_for("Saved as")
    return desk.saved_text()


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


# ---------------------------------------------------------------- programs that write what they should not


def test_a_line_that_holds_no_address(desk: Desk) -> None:
    """The address stays in its field with an error message, and the editor can be opened with it again."""
    desk.script(
        "editor", 'cp "$1" seen; printf "To: not an address\\nSubject: S\\n\\nwritten there\\n" > "$1"'
    )
    with desk.open(EDITOR="editor") as terminal:
        terminal.type(OPEN)
        terminal.wait_for("not an address is not an e-mail address")
        terminal.wait_for("To       not an address")
        terminal.wait_for("written there")
        assert "✓" not in terminal.text
        asks_on_closing(terminal)
        terminal.type(OPEN)
        terminal.quiet(1.0)
        terminal.wait_for("not an address is not an e-mail address")
        assert (desk.work / "seen").read_text().startswith("To: not an address\nSubject: S\n")
        takes_keys(terminal)


def test_a_header_that_is_broken(desk: Desk) -> None:
    """Anything but To and Subject goes into the text; a missing line leaves its field as it was."""
    desk.script("editor", 'printf "Dear Anna,\\nTo: be or not to be\\n\\nsecond" > "$1"')
    with desk.open(EDITOR="editor") as terminal:
        terminal.type("bob@example.com")
        terminal.type(OPEN)
        terminal.wait_for("does not start with To:, Subject:")
        terminal.wait_for("bob@example.com")
        terminal.wait_for("DJONES sent you 1 document ")
        asks_on_closing(terminal)
        assert saves(terminal, desk) == "Dear Anna,\nTo: be or not to be\n\nsecond\n"


@pytest.mark.parametrize(
    ("act", "told"),
    [
        ('rm "$1"', "was deleted there"),
        (': > "$1"', "was left empty"),
        ('rm "$1"; mkdir "$1"', "cannot be read"),
        ('rm "$1"; mkfifo "$1"', "cannot be read"),
    ],
    ids=["deleted", "empty", "directory", "fifo"],
)
def test_a_file_that_is_no_draft_any_more(act: str, told: str, desk: Desk) -> None:
    """The draft stays as it was before the editor was opened."""
    desk.script("editor", act)
    with desk.open(EDITOR="editor") as terminal:
        terminal.type("bob@example.com")
        terminal.type(OPEN)
        terminal.wait_for(told)
        terminal.wait_for("the draft is unchanged")
        takes_keys(terminal)
        asks_on_closing(terminal)
        terminal.press(*["\x7f"] * 4)
        assert "/s/" in saves(terminal, desk)
        assert desk.saved()["To"] == "bob@example.com"
        assert desk.leftovers() == []


def test_bytes_that_are_no_utf_8(desk: Desk) -> None:
    """No letter is lost if an old editor writes such bytes, and the app reports that the file is not UTF-8."""
    desk.script(
        "editor", 'printf "To: \\nSubject: \\344\\n\\nGr\\374\\337e, ja: \\303\\244 \\201.\\n" > "$1"'
    )
    with desk.open(EDITOR="editor") as terminal:
        terminal.type(OPEN)
        terminal.wait_for("is not UTF-8")
        assert "✓" not in terminal.text
        assert saves(terminal, desk) == "Grüße, ja: ä \ufffd.\n"
        assert desk.saved()["Subject"] == "ä"


@pytest.mark.parametrize("lines", ["many", "one"])
def test_ten_megabytes(lines: str, desk: Desk) -> None:
    """The app takes keys, shows the beginning, and keeps all of it: the saved draft and the editor get it whole."""
    line = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod." + (
        "\n" if lines == "many" else " "
    )
    body = line * (10_000_000 // len(line))
    (desk.work / "long").write_text(f"To: \nSubject: Long\n\n{body}")
    desk.script("editor", 'if [ -e seen ]; then cp "$1" again; else touch seen; cat long > "$1"; fi')
    with desk.open(EDITOR="editor") as terminal:
        terminal.type(OPEN)
        terminal.wait_for("only its beginning is shown")
        takes_keys(terminal, "a@example.com")
        assert saves(terminal, desk).rstrip() == body.rstrip()
        terminal.type(OPEN)
        terminal.quiet(1.0)
        assert (desk.work / "again").read_text() == f"To: a@example.com\nSubject: Long\n\n{body}".rstrip(
            "\n"
        ) + ("\n")


# ---------------------------------------------------------------- signals and keys


def test_ctrl_c_in_the_editor_is_the_editors(desk: Desk) -> None:
    """The key ends an editor that doesn't handle it, and not the app."""
    desk.script("editor", f"{WRITE}\necho running; exec sleep 600")
    with desk.open(EDITOR="editor") as terminal:
        terminal.type(OPEN)
        terminal.wait_for("running")
        terminal.type("\x03")
        terminal.wait_for("was ended by SIGINT")
        takes_keys(terminal)
        assert saves(terminal, desk) == WRITTEN


#: An editor that stops its whole group on ctrl+z, as nano and mutt do, and waits for the file ``end``.
STOPS = """
import os, pathlib, signal, sys, time
def stop(*_):
    os.killpg(0, signal.SIGSTOP)
    print("went on", flush=True)
signal.signal(signal.SIGTSTP, stop)
pathlib.Path(sys.argv[1]).write_text("To: \\nSubject: S\\n\\nwritten\\n")
print("running", flush=True)
while not os.path.exists("end"):
    time.sleep(0.05)
"""


def test_ctrl_z_without_a_shell_stops_nothing(desk: Desk) -> None:
    """No shell could continue the editor: it continues at once, even if it stops its whole process group."""
    (desk.work / "stops.py").write_text(STOPS)
    with desk.open(EDITOR=f"{sys.executable} stops.py") as terminal:
        terminal.type(OPEN)
        terminal.wait_for("running")
        terminal.type("\x1a")
        terminal.wait_for("went on")
        (desk.work / "end").touch()
        terminal.wait_for("The draft is as you left it")
        takes_keys(terminal)


def test_ctrl_z_in_vim_without_a_shell(desk: Desk) -> None:
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


def test_ctrl_z_under_a_shell_stops_both(desk: Desk) -> None:
    """The shell gets the terminal; bg does not take it away again, fg continues in the editor."""
    need("bash")
    (desk.work / "stops.py").write_text(STOPS)
    command = [str(shutil.which("bash")), "--norc", "--noprofile", "-i"]
    environ = {**desk.environ, "EDITOR": f"{sys.executable} stops.py", "PS1": "prompt> "}
    with Terminal(command, environ, 200, 30) as terminal:
        terminal.wait_for("prompt>")
        terminal.type(f"cd {desk.work}; {SCRIPT[0]}\r")
        open_draft(terminal)
        terminal.type(OPEN)
        terminal.wait_for("running")
        terminal.type("\x1a")
        terminal.wait_for("Stopped")
        terminal.type("bg\r")
        terminal.quiet(0.5)
        terminal.type("echo still $((40 + 2))\r")
        terminal.wait_for("still 42")
        terminal.type("fg\r")
        terminal.wait_for("went on")
        (desk.work / "end").touch()
        terminal.wait_for("The draft is as you left it")
        takes_keys(terminal)
        terminal.type(KEYS["ctrl+q"])
        terminal.wait_for("prompt>")


def _editor_in(desk: Desk) -> int:
    """The ID of the waiting editor's process, as soon as the editor has written it."""
    end = time.monotonic() + SECONDS
    while not (desk.work / "pid").exists() or not (desk.work / "pid").read_text().strip():
        assert time.monotonic() < end, "the editor does not start"
        time.sleep(0.02)
    return int((desk.work / "pid").read_text())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_the_app_ends_the_editor(number: signal.Signals, desk: Desk) -> None:
    desk.script("editor", "echo $$ > pid.new; mv pid.new pid; exec sleep 600")
    with desk.open(EDITOR="editor") as terminal:
        terminal.type(OPEN)
        editor = _editor_in(desk)
        terminal.process.send_signal(number)
        assert terminal.wait() in (128 + number, -number)
        assert not Path(f"/proc/{editor}").exists()
        assert desk.leftovers() == []


#: Runs a program on the terminal, and gets SIGTERM as soon as the program has started.
EARLY = """
import os, signal, subprocess, sys
class Popen(subprocess.Popen):
    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        os.kill(os.getpid(), signal.SIGTERM)
subprocess.Popen = Popen
signal.signal(signal.SIGTERM, lambda *_: print("heard"))
from tui.terminal.foreground import run_in_foreground
print("ended with", run_in_foreground(["sleep", "600"]).status)
"""


def test_a_signal_that_comes_as_the_editor_starts_ends_it_too() -> None:
    with Terminal([sys.executable, "-c", EARLY], {"PYTHONPATH": str(ROOT)}) as terminal:
        assert terminal.wait() == 0
        assert "heard" in terminal.text
        assert "ended with -15" in terminal.text


#: Runs a program on the terminal. As soon as it has started, and before it has the terminal, a key is pressed: the
#: terminal sends the key's signal to the foreground process group.
HASTY = """
import asyncio, os, signal, subprocess, sys
number = signal.Signals(int(sys.argv[1]))
class Popen(subprocess.Popen):
    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        os.killpg(os.tcgetpgrp(0), number)
        os.killpg(os.tcgetpgrp(0), signal.SIGCONT)
subprocess.Popen = Popen
from tui.terminal.foreground import run_in_foreground
async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, print, "it came here")
    print("ended with", run_in_foreground(["sleep", "0.2" if number == signal.SIGTSTP else "600"]).status)
    await asyncio.sleep(0.1)
    print("the end")
asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, -signal.SIGINT), (signal.SIGQUIT, -signal.SIGQUIT), (signal.SIGTSTP, 0)],
)
def test_a_key_that_is_pressed_as_the_editor_starts_is_the_editors(
    number: signal.Signals, status: int
) -> None:
    with Terminal([sys.executable, "-c", HASTY, str(int(number))], {"PYTHONPATH": str(ROOT)}) as terminal:
        assert terminal.wait() == 0
        assert f"ended with {status}" in terminal.text
        assert "the end" in terminal.text
        assert "it came here" not in terminal.text


def test_what_is_left_in_the_background_is_not_waited_for(desk: Desk) -> None:
    """An editor that keeps running in its own window and writes to standard error: its output isn't shown, and it is
    not ended."""
    go_on = "trap '' HUP; while [ ! -e end ]; do sleep 0.05; done; echo hidden words >&2; touch survived"
    desk.script("editor", f"{WRITE}\n({go_on}) </dev/null >/dev/null &")
    with desk.open(EDITOR="editor") as terminal:
        terminal.type(OPEN)
        terminal.wait_for("The draft is as you left it")
        takes_keys(terminal)
        (desk.work / "end").touch()
        end = time.monotonic() + SECONDS
        while not (desk.work / "survived").exists():
            assert time.monotonic() < end, "it was ended"
            time.sleep(0.02)
        terminal.quiet()
        assert b"hidden words" not in terminal.written


def test_standard_error_is_a_terminal_and_is_seen(desk: Desk) -> None:
    """What is written to standard error is displayed immediately."""
    desk.script("editor", "[ -t 2 ] && echo it is one >&2; while [ ! -e end ]; do sleep 0.05; done; exit 3")
    with desk.open(EDITOR="editor") as terminal:
        terminal.type(OPEN)
        terminal.wait_for("it is one")
        (desk.work / "end").touch()
        terminal.wait_for("ended with status 3")
        terminal.wait_for("it is one")


# ---------------------------------------------------------------- real programs


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


@pytest.mark.parametrize("name", ["neomutt", "mutt"])
@pytest.mark.parametrize("sends", [True, False], ids=["sent", "given up"])
def test_mutt(sends: bool, name: str, desk: Desk) -> None:
    """A real mail program gets the draft as it is on the screen. If it ends without an error, the message says only
    that; if the draft is cancelled there, it does not count as kept."""
    desk.link(name)
    muttrc(desk, desk.script("sendmail", f"cat > {desk.folder}/sent"))
    with desk.open(LC_ALL="C.UTF-8") as terminal:
        terminal.type("Jörg <joerg@example.com>")
        terminal.press("tab", "home")
        terminal.type("Prüfung 契約 ")
        terminal.type(OPEN)
        through_prompts(terminal)
        if sends:
            terminal.type("y")
            terminal.wait_for("Draft e-mail")
            terminal.wait_for(
                f"{name} closed without an error; it does not say whether it sent or kept the draft"
            )
            assert "✓" not in terminal.text
            terminal.type(CLOSE)
            terminal.wait_for("1 document sent")
            sent = message_from_bytes((desk.folder / "sent").read_bytes(), policy=default)
            assert str(sent["Subject"]).startswith("Prüfung 契約 DJONES sent you")
            assert str(sent["To"]) == "Jörg <joerg@example.com>"
            assert sent["X-Unsent"] is None
            assert "/s/" in sent.get_content()
        else:
            terminal.type("q")
            terminal.wait_for("ostpone")
            terminal.type("n")
            terminal.wait_for("Draft e-mail")
            terminal.wait_for(f"{name} ended with status 1")
            takes_keys(terminal)
            asks_on_closing(terminal)
            assert not (desk.folder / "sent").exists()
        assert desk.leftovers() == []


def test_vim_that_is_killed(desk: Desk) -> None:
    """What vim had written is kept, and keys go to the app again."""
    desk.link("vim")
    with desk.open(EDITOR="vim -u NONE -n") as terminal:
        terminal.type(OPEN)
        terminal.wait_for("Subject: ")
        terminal.type("Gonew words\x1b:w\r")
        terminal.wait_for("written")
        editor = _child(terminal.process.pid)
        os.kill(editor, signal.SIGKILL)
        terminal.wait_for("vim was ended by SIGKILL")
        takes_keys(terminal, "a@example.com")
        assert saves(terminal, desk).endswith("new words\n")


def _child(parent: int) -> int:
    done = subprocess.run(["pgrep", "-P", str(parent), "vim"], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[0])
