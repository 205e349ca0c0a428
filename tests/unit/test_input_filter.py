"""What is read from the terminal, before it is turned into keys."""

from __future__ import annotations

import pytest

from tui.terminal.input_filter import InputFilter, escape_delay


@pytest.mark.parametrize(
    "reply",
    [
        "\x1b]11;rgb:1010/1515/1c1c\x1b\\",
        "\x1b]11;rgb:1010/1515/1c1c\x07",
        "\x1b]52;c;YQ==\x07",
        "\x1b[?62;22c",
        "\x1b[>0;276;0c",
        "\x1bP>|XTerm(380)\x1b\\",
        "\x1b[?0u",
        "\x1b[?2031;2$y",
        "\x1b[?997;1n",
    ],
)
def test_late_replies_never_arrive_as_keys_however_they_are_split(reply: str) -> None:
    for cut in range(len(reply) + 1):
        replies = InputFilter()
        got = replies.feed("a" + reply[:cut]) + replies.feed(reply[cut:] + "b")
        assert got == "ab", f"cut at {cut}"


def test_alt_arrows_of_terminals_that_send_escape_first() -> None:
    assert InputFilter().feed("\x1b\x1b[A") == "\x1b[1;3A"
    assert InputFilter().feed("\x1b\x1bOB") == "\x1b[1;3B"


def test_an_arrow_that_comes_in_two_parts_is_an_arrow() -> None:
    replies = InputFilter()
    assert replies.feed("\x1b") == ""
    assert replies.feed("[A") == "\x1b[A"


def test_a_lone_escape_is_given_up_after_the_delay() -> None:
    replies = InputFilter()
    assert replies.feed("\x1b") == ""
    assert replies.holds
    assert replies.flush() == "\x1b"


def test_mode_reports_and_mouse_go_on() -> None:
    for sequence in (
        "\x1b[?2026;2$y",
        "\x1b[?2048;0$y",
        "\x1b[<0;10;5M",
        "\x1b[97;5u",
        "\x1b[200~text\x1b[201~",
    ):
        assert InputFilter().feed(sequence) == sequence


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, 0.05),
        ({"SSH_CONNECTION": "x"}, 0.2),
        ({"SSH_TTY": "x"}, 0.2),
        ({"ESCDELAY": "25", "SSH_TTY": "x"}, 0.025),
        ({"ESCDELAY": "2000"}, 2.0),
        ({"ESCDELAY": "60000"}, 2.0),
        ({"ESCDELAY": "x"}, 0.05),
        ({"ESCDELAY": "２５"}, 0.05),
    ],
)
def test_how_long_a_lone_escape_is_waited_for(environ: dict[str, str], seconds: float) -> None:
    assert escape_delay(environ) == seconds


@pytest.mark.parametrize(("size", "is_held"), [(8192, True), (8193, False)])
def test_the_beginning_of_a_reply_is_held_back_up_to_a_length(size: int, is_held: bool) -> None:
    """Otherwise, whatever is typed after a stray escape sequence would never arrive."""
    beginning = "\x1b]".ljust(size, "x")
    assert InputFilter().feed(beginning) == ("" if is_held else beginning)
