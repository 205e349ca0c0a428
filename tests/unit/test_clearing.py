"""The process that removes a password from the clipboard."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tui.terminal.clearing import SECONDS, clear_later


@pytest.mark.parametrize("mechanism", ["xclip", None])
def test_a_password_is_in_no_command_line(
    program: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch, mechanism: str | None
) -> None:
    """The process gets it as its input; its arguments are which clipboard, if any, and how long to wait."""
    folder = program("python", 'printf "%s\\n" "$@" > "$0.arguments"; exec /bin/cat > "$0.input"')
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    process = clear_later(b"Pa55word", mechanism, {})
    assert process is not None
    assert process.wait() == 0
    arguments = (folder / "python.arguments").read_text().split("\n")
    assert arguments[-3:] == [mechanism or "", str(SECONDS), ""]
    assert "Pa55word" not in "".join(arguments)
    assert (folder / "python.input").read_bytes() == b"Pa55word"


def test_a_process_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert clear_later(b"Pa55word", None, {}) is None
