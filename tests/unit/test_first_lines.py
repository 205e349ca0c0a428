"""The first lines of a document, as they may be shown."""

from __future__ import annotations

from tui.rules.first_lines import MOST_IN_A_LINE, MOST_LINES, clean_line, clean_lines
from tui.rules.text import printable


def test_nothing_of_a_line_controls_a_terminal() -> None:
    everything = "".join(map(chr, range(0x3000)))
    line = "".join(clean_line(everything[place : place + 100]) for place in range(0, len(everything), 100))
    assert printable(line) == line
    assert "\x1b" not in line
    assert clean_line("a\tb\x1b]0;x\x07\u202ec\u2066\u200bd\n\ufeff\x9be") == "a    b]0;xcd e"
    assert clean_line("\udc80x \ufffd ") == "x \ufffd"


def test_lines_are_bounded() -> None:
    assert clean_line("x" * 10_000) == "x" * (MOST_IN_A_LINE - 1) + "…"
    assert len(clean_lines(["x"] * 1_000)) == MOST_LINES
    assert sum(map(len, clean_lines(["é" * 400] * 1_000))) <= 64 * 1024


def test_what_a_worker_sends_may_be_anything() -> None:
    assert clean_lines(["a", 1, "b"]) == ("a",)
    assert clean_lines([]) == ()
