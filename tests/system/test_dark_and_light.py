"""A terminal that changes between dark and light (mode 2031): the app asks whether it says so, and follows."""

from __future__ import annotations

import signal

import pytest

from tests.support.checks.long import few, more
from tests.support.servers.server import ServerProcess
from tests.support.terminal.terminal import Sentlinks

ASKED, ON, OFF, ASK = b"\x1b[?2031$p", b"\x1b[?2031h", b"\x1b[?2031l", b"\x1b[?996n"
#: What is behind everything, as it is written.
DARK, LIGHT = b"48;2;17;22;28", b"48;2;251;251;250"


@pytest.fixture
def environ(server: ServerProcess) -> dict[str, str]:
    return {
        "SENTLINKS_SERVER": server.url,
        "SENTLINKS_TOKEN": server.token,
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
    }


@few(1)
@pytest.mark.parametrize(
    "answers",
    [{ASKED: b"\x1b[?2031;1$y", ASK: b"\x1b[?997;1n"}, {ASKED: b"\x1b[?2031;3$y"}, {ASK: b"\x1b[?997;1n"}],
)
def test_it_follows_and_unsubscribes_at_its_end(environ: dict[str, str], answers: dict[bytes, bytes]) -> None:
    with Sentlinks([], environ, answers=answers) as terminal:
        terminal.wait_for("Document Worklist")
        terminal.quiet()
        assert terminal.written.count(ON) == 1
        assert DARK in terminal.written
        if ASK not in answers:
            terminal.type("\x1b[?997;1n")
            terminal.quiet()
        terminal.written = b""
        terminal.type("\x1b[?997;2n")
        terminal.quiet()
        assert LIGHT in terminal.written
        assert DARK not in terminal.written
        # Nothing of the report was typed anywhere.
        assert "997" not in terminal.text
        terminal.press("q")
        assert terminal.wait() == 0
    assert terminal.written.count(OFF) == 1
    assert terminal.written.index(OFF) < terminal.written.index(b"\x1b[?1049l")


def test_it_unsubscribes_when_it_is_ended(environ: dict[str, str]) -> None:
    with Sentlinks([], environ, answers={ASKED: b"\x1b[?2031;2$y"}) as terminal:
        terminal.wait_for("Document Worklist")
        terminal.quiet()
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.wait() == 143
    assert terminal.written.count(ON) == terminal.written.count(OFF) == 1


@more
def test_what_its_background_is_counts_more_than_what_it_calls_itself(environ: dict[str, str]) -> None:
    """Until that changes: a terminal with a dark background may call itself light."""
    background = {b"\x1b]11;?\x1b\\": b"\x1b]11;rgb:1010/1010/1010\x1b\\"}
    with Sentlinks([], environ, answers={**background, ASK: b"\x1b[?997;2n"}) as terminal:
        terminal.wait_for("Document Worklist")
        terminal.quiet()
        assert DARK in terminal.written
        assert LIGHT not in terminal.written
        terminal.type("\x1b[?997;1n")
        terminal.type("\x1b[?997;2n")
        terminal.quiet()
        assert LIGHT in terminal.written


@few(1)
@pytest.mark.parametrize("answer", [b"", b"\x1b[?2031;0$y", b"\x1b[?2031;4$y"])
def test_a_terminal_that_does_not_know_it_is_left_alone(environ: dict[str, str], answer: bytes) -> None:
    with Sentlinks([], environ, answers={ASKED: answer}) as terminal:
        terminal.wait_for("Document Worklist")
        terminal.quiet()
        terminal.press("q")
        assert terminal.wait() == 0
        assert "2031" not in terminal.text
    assert ON not in terminal.written
    assert OFF not in terminal.written


def test_a_terminal_without_colours_of_its_own_is_not_asked(environ: dict[str, str]) -> None:
    with Sentlinks([], {**environ, "TERM": "linux", "COLORTERM": ""}) as terminal:
        terminal.wait_for("Document Worklist")
        assert ASKED not in terminal.written
