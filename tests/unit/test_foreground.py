"""What is left of what a program has written to its standard error."""

from __future__ import annotations

import pytest

from tui.terminal.foreground import last_lines


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        (b"", ""),
        (b"one\r\ntwo\r\n", "one\ntwo"),
        (b"one\ntwo\n\n \nthree\nfour\n", "two\nthree\nfour"),
        (b"10 %\r50 %\r100 %\r\n", "100 %"),
        (b"x" * 301, "x" * 300),
        ("Größe\n".encode() + b"\xff\n", "Größe\n\ufffd"),
        (
            b"\x1b[1;31mred\x1b[m \x1b]8;;https://a.example\x1b\\link\x1b]8;;\x07 \x1b(B\x1b=end",
            "red link end",
        ),
        (b"bell\x07", "bell␇"),
    ],
)
def test_the_last_lines_of_what_was_written(written: bytes, lines: str) -> None:
    """M2: what the mail program complained about; three printable lines at most, as they were seen last."""
    assert last_lines(written) == lines
