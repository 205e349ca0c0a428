"""The clipboard (T2), as far as it can be tested without a terminal: what is sent, what is said, what is kept."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.terminal import clipboard, osc52
from tui.terminal.capabilities import Multiplexer
from tui.terminal.identity import TerminalIdentity

LINKS = "https://links.example/s/one\nhttps://links.example/s/two"
ENCODED = base64.b64encode(LINKS.encode()).decode()
BARE = f"\x1b]52;c;{ENCODED}\x07"
DESKTOP = {"DISPLAY": ":0", "TERM": "xterm"}
WRAPPED = f"\x1bPtmux;\x1b\x1b]52;c;{ENCODED}\x07\x1b\\"


class Terminal:
    """Records what is written, or fails like a terminal that is gone."""

    def __init__(self, *, gone: bool = False) -> None:
        self.written = ""
        self.gone = gone

    def __call__(self, text: str) -> None:
        if self.gone:
            raise OSError("gone")
        self.written += text


# --- what is written to the terminal ---


def test_a_bare_sequence_for_a_terminal_of_its_own() -> None:
    assert osc52.sequences(LINKS, Multiplexer.NONE) == BARE


def test_wrapped_in_tmux() -> None:
    assert osc52.sequences(LINKS, Multiplexer.TMUX) == BARE + WRAPPED


def test_wrapped_in_pieces_in_screen() -> None:
    """GNU screen cuts long strings, so the sequence is sent in pieces, each a complete string."""
    text = "x" * 1000
    written = osc52.sequences(text, Multiplexer.SCREEN)
    pieces = written.split("\x1b\\")[:-1]
    assert all(piece.startswith("\x1bP") and len(piece) <= 242 for piece in pieces)
    assert len(pieces) > 3
    inner = "".join(piece[2:] for piece in pieces)
    assert inner == f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07"


@pytest.mark.parametrize("kind", ["", "dumb", "linux", "vt100", "unknown"])
def test_nothing_for_a_terminal_that_would_print_it(kind: str) -> None:
    for environ, written in (({"TERM": kind}, False), ({"TERM": kind, "STY": "1.p.h"}, True)):
        found = clipboard.surroundings_of(environ, TerminalIdentity).sequences(LINKS)
        assert bool(found) == written


def test_a_multiplexer_that_only_term_tells_of() -> None:
    """TERM=screen is a tmux more often than a screen; but a screen displays the end of a long sequence."""
    short, long = "x" * 400, "x" * 1000
    assert osc52.sequences(short, Multiplexer.SCREEN, guessed=True).startswith(osc52.bare(short))
    assert osc52.bare(long) not in osc52.sequences(long, Multiplexer.SCREEN, guessed=True)
    assert osc52.bare(short) not in osc52.sequences(short, Multiplexer.SCREEN)
    for text, is_short in (("x" * 519, True), ("x" * 520, False)):
        assert (len(osc52.bare(text)) <= 700) == is_short
        assert (osc52.bare(text) in osc52.sequences(text, Multiplexer.SCREEN, guessed=True)) == is_short


@given(st.text(st.characters(codec=None), min_size=1))
def test_no_text_can_end_the_sequence(text: str) -> None:
    """Nothing that is copied can control the terminal."""
    for multiplexer in Multiplexer:
        written = osc52.sequences(text, multiplexer)
        payload = written.replace("\x1bPtmux;", "").replace("\x1bP", "").replace("\x1b\\", "")
        for part in payload.split("\x07")[:-1]:
            encoded = part.replace("\x1b\x1b", "\x1b").removeprefix("\x1b]52;c;")
            assert base64.b64decode(encoded, validate=True) == text.encode("utf-8", "replace")


# --- what is said ---


def test_over_ssh_success_is_never_claimed() -> None:
    """T2: the message says sent, not copied; what can't be confirmed isn't claimed."""
    terminal = Terminal()
    environ = {"TERM": "xterm", "SSH_TTY": "/dev/pts/1", "DISPLAY": ":0", "PATH": os.environ["PATH"]}
    result = clipboard.copy(LINKS, terminal, environ=environ)
    assert terminal.written == BARE
    assert not result.sure
    assert result.way == "the terminal's clipboard"
    assert result.sentence.startswith("Sent to the terminal's clipboard")
    assert "can't be confirmed" in result.sentence
    assert "opied" not in result.sentence


@pytest.mark.parametrize(
    ("write", "kind"),
    [(None, "xterm"), (Terminal(gone=True), "xterm"), (Terminal(), "linux"), (Terminal(), "dumb")],
)
def test_where_nothing_works_the_user_is_told_to_select(write: Terminal | None, kind: str) -> None:
    """T2: if neither clipboard works, the program says to select the links by hand."""
    result = clipboard.copy(LINKS, write, environ={"TERM": kind, "PATH": "/nowhere"})
    assert not result.sure
    assert result.way == ""
    assert "No clipboard can be reached" in result.sentence
    assert "so the clipboard is unchanged" in result.sentence
    assert "select it on the screen by hand" in result.sentence
    assert not isinstance(write, Terminal) or write.written == ""


def test_too_long_for_the_terminal() -> None:
    """Terminals take 74 KB of base64; nothing of a longer text is sent."""
    terminal = Terminal()
    environ = {"TERM": "xterm", "PATH": "/nowhere"}
    most = osc52.MAX_BASE64 * 3 // 4
    assert clipboard.copy("x" * most, terminal, environ=environ).way == "the terminal's clipboard"
    assert len(terminal.written) > 73_000
    terminal = Terminal()
    result = clipboard.copy("x" * (most + 3), terminal, environ=environ)
    assert terminal.written == ""
    assert result.way == ""
    assert "too long" in result.sentence
    assert "by hand" in result.sentence


def test_nothing_to_copy_leaves_the_clipboard_alone(tmp_path: Path) -> None:
    """D12: copying an empty text replaces nothing."""
    terminal = Terminal()
    result = clipboard.copy("", terminal, folder=tmp_path, environ={"TERM": "xterm", "PATH": "/nowhere"})
    assert terminal.written == ""
    assert result.file is None
    assert list(tmp_path.iterdir()) == []


# --- programs that misbehave ---


def test_a_clipboard_program_that_fails_is_not_believed(program: Callable[[str, str], Path]) -> None:
    """xclip without a display says so on standard error, which pyperclip ignores."""
    folder = program("xclip", "echo cannot open display >&2; exit 1")
    terminal = Terminal()
    result = clipboard.copy(LINKS, terminal, environ={**DESKTOP, "PATH": str(folder)})
    assert not result.sure
    assert terminal.written == BARE
    assert result.way == "the terminal's clipboard"


def test_a_clipboard_that_keeps_something_else_is_not_believed(program: Callable[[str, str], Path]) -> None:
    folder = program("xclip", 'case "$*" in *-o*) echo something else;; esac')
    result = clipboard.copy(LINKS, environ={**DESKTOP, "PATH": f"{folder}:/usr/bin:/bin"})
    assert not result.sure
    assert result.way == "the system's clipboard"
    assert "can't be confirmed" in result.sentence


def test_a_clipboard_that_gives_it_back_is_believed(
    program: Callable[[str, str], Path], tmp_path: Path
) -> None:
    """Only then does the message say copied, and nothing is written to the terminal."""
    folder = program("xclip", f'case "$*" in *-o*) cat {tmp_path}/held;; *) cat > {tmp_path}/held;; esac')
    terminal = Terminal()
    result = clipboard.copy(LINKS, terminal, environ={**DESKTOP, "PATH": f"{folder}:/usr/bin:/bin"})
    assert result.sure
    assert result.way == "the system's clipboard"
    assert result.sentence == "Copied to the system's clipboard."
    assert (tmp_path / "held").read_text() == LINKS
    assert terminal.written == ""


@pytest.mark.parametrize(
    "script", ["sleep 60", "cat >/dev/null; sleep 60 & wait", "trap '' TERM HUP; sleep 60"]
)
def test_a_clipboard_that_hangs_hangs_nothing(
    program: Callable[[str, str], Path], script: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """The app waits only a moment, and nothing is written over its screen."""
    folder = program("xclip", f"echo noise; echo noise >&2; {script}")
    terminal = Terminal()
    # Each of these would take a minute; a copy that is cancelled after a moment can't be confirmed.
    result = clipboard.copy(LINKS, terminal, environ={**DESKTOP, "PATH": f"{folder}:/usr/bin:/bin"})
    assert not result.sure
    assert terminal.written == BARE
    assert capfd.readouterr() == ("", "")


def test_what_serves_the_clipboard_in_the_background_is_not_waited_for(
    program: Callable[[str, str], Path], tmp_path: Path
) -> None:
    """xclip leaves a process behind that serves the clipboard and keeps inherited files open."""
    script = f'case "$*" in *-o*) cat {tmp_path}/held;; *) cat > {tmp_path}/held; sleep 30 & ;; esac'
    folder = program("xclip", script)
    assert clipboard.copy(LINKS, environ={**DESKTOP, "PATH": f"{folder}:/usr/bin:/bin"}).sure


def test_modules_of_the_current_folder_are_not_run(
    program: Callable[[str, str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder that documents are sent from may contain anyone's files."""
    place = tmp_path / "documents"
    place.mkdir()
    for module in ("pyperclip", "base64", "platform", "sitecustomize"):
        (place / f"{module}.py").write_text(f"open({str(tmp_path / 'run')!r}, 'w')\n")
    monkeypatch.chdir(place)
    folder = program("xclip", f'case "$*" in *-o*) cat {tmp_path}/held;; *) cat > {tmp_path}/held;; esac')
    environ = {**DESKTOP, "PATH": f"{folder}:/usr/bin:/bin", "PYTHONPATH": str(place)}
    assert clipboard.copy(LINKS, environ=environ).sure
    assert not (tmp_path / "run").exists()


#: Replies like a tmux with a terminal attached: its device, type, name and features, and that it passes nothing on.
CLIENT = "display-message) printf '/dev/pts/7\\txterm-256color\\tXTerm(398)\\tclipboard,mouse\\toff\\n';;"


def test_tmux_itself_is_told(program: Callable[[str, str], Path], tmp_path: Path) -> None:
    """T2: with its default settings, tmux takes the text from its own command, not from a sequence."""
    folder = program("tmux", f'case "$1" in load-buffer) cat > {tmp_path}/held;; {CLIENT} esac')
    terminal = Terminal()
    environ = {"TERM": "tmux-256color", "TMUX": "/tmp/x,1,0", "PATH": f"{folder}:/usr/bin:/bin"}
    result = clipboard.copy(LINKS, terminal, environ=environ)
    assert (tmp_path / "held").read_text() == LINKS
    assert terminal.written == ""
    assert result.way == "the terminal's clipboard"
    assert "sent by tmux" in result.sentence
    assert "can't be confirmed" in result.sentence
    assert "disallowedWindowOps" in result.sentence
    assert not result.sure


@pytest.mark.parametrize(
    ("passes", "text", "is_sent"),
    [("on", LINKS, True), ("off", LINKS, False), ("on", "x" * 60_000, False)],
)
def test_past_a_tmux_that_knows_of_no_clipboard(
    program: Callable[[str, str], Path], passes: str, text: str, is_sent: bool
) -> None:
    """T2: it isn't said to be sent if tmux would drop it, or the terminal wouldn't take as much."""
    client = f"printf '/dev/pts/7\\txterm-256color\\t\\tmouse\\t{passes}\\n'"
    folder = program("tmux", f'case "$1" in load-buffer) cat > /dev/null;; display-message) {client};; esac')
    terminal = Terminal()
    environ = {"TERM": "tmux-256color", "TMUX": "/tmp/x,1,0", "PATH": f"{folder}:/usr/bin:/bin"}
    result = clipboard.copy(text, terminal, environ=environ)
    assert result.buffered
    assert (terminal.written == WRAPPED) == is_sent == (result.way == "the terminal's clipboard")
    assert bool(terminal.written) == is_sent == ("sent past tmux" in result.sentence)


def test_a_tmux_that_has_no_such_option(program: Callable[[str, str], Path]) -> None:
    folder = program("tmux", "exit 1")
    terminal = Terminal()
    environ = {"TERM": "screen", "TMUX": "/tmp/x,1,0", "PATH": f"{folder}:/usr/bin:/bin"}
    assert clipboard.copy(LINKS, terminal, environ=environ).way == "the terminal's clipboard"
    assert terminal.written == BARE + WRAPPED


def test_a_tmux_to_which_somebody_came_back_over_ssh(
    program: Callable[[str, str], Path], tmp_path: Path
) -> None:
    """T2: the pane was started on the desktop, but the user is elsewhere now: the desktop's clipboard isn't theirs."""
    folder = program(
        "tmux",
        'case "$1" in show-environment) echo DISPLAY=:0; echo PATH=/nowhere; echo "SSH_CONNECTION=a 1 b 22";; '
        + CLIENT
        + " esac",
    )
    program("xclip", f"cat > {tmp_path}/held")
    environ = {**DESKTOP, "TMUX": "/tmp/x,1,0", "PATH": f"{folder}:/usr/bin:/bin"}
    result = clipboard.copy(LINKS, Terminal(), environ=environ)
    assert result.way == "the terminal's clipboard"
    assert result.buffered, "tmux is found as before"
    assert not (tmp_path / "held").exists()


def test_without_a_terminal_there_is_nothing_to_write_to() -> None:
    """A command run by a service has no terminal: writing raises an error that copying handles."""
    import subprocess
    import sys

    code = "from tui.terminal.controlling import write_to_terminal as w\ntry: w('x')\nexcept OSError: print('none')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, start_new_session=True, check=True
    )
    assert done.stdout == "none\n"
