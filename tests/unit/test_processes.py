"""Helper programs: of what they print, no more is read than is of use, and none runs for ever (S39)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tui.mail.credentials import run_password_command
from tui.mail.query import find_addresses
from tui.rules.errors import Failed
from tui.terminal.processes import MOST_OUTPUT, run_quietly

Make = Callable[[str, str], Path]


def run(folder: Path, name: str, **more: bytes | bool | float) -> bytes | None:
    return run_quietly([name], {**os.environ, "PATH": f"{folder}:/usr/bin:/bin"}, **more)  # type: ignore[arg-type]


def test_its_output_is_returned(program: Make) -> None:
    folder = program("greet", "cat; echo done")
    assert run(folder, "greet", stdin=b"given ") == b"given done\n"
    # More than a pipe holds, both ways at once.
    large = os.urandom(1 << 20)
    assert run(program("echo", "cat"), "echo", stdin=large) == large
    assert run(program("fail", "exit 3"), "fail") is None
    assert run(program("deaf", "exec 0<&-; exit 0"), "deaf", stdin=large) == b""


def test_output_without_an_end_is_not_kept(program: Make, tmp_path: Path) -> None:
    """It would fill the memory within the program's time, here a minute."""
    folder = program("flood", f"echo $$ > {tmp_path}/pid\nexec cat /dev/zero")
    assert run(folder, "flood") is None
    # It is ended, not left alone.
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
    assert run(program("much", f"head -c {MOST_OUTPUT} /dev/zero"), "much") == bytes(MOST_OUTPUT)
    assert run(program("more", f"head -c {MOST_OUTPUT + 1} /dev/zero"), "more") is None


def test_addresses_without_an_end_are_none(program: Make) -> None:
    folder = program("book", "exec cat /dev/zero")
    assert find_addresses(f"{folder}/book", "anna") == []


@pytest.mark.parametrize("stream", ["", " >&2"])
def test_a_password_command_that_never_ends(program: Make, stream: str) -> None:
    """Whatever it goes on printing: what it complains of was read without looking at the time."""
    folder = program("secret", f"while :; do echo no; sleep 0.01; done{stream}")
    with pytest.raises(Failed, match=r"did not end within|printed more"):
        run_password_command(f"{folder}/secret", "mail_imap_password_command", 0.3)


def test_a_password_command_that_complains_faster_than_it_is_read(program: Make) -> None:
    folder = program("secret", "exec yes complaint >&2")
    with pytest.raises(Failed, match="did not end within 0 seconds: complaint"):
        run_password_command(f"{folder}/secret", "mail_imap_password_command", 0.3)


def test_a_line_of_an_address_book_is_one_entry(program: Make) -> None:
    """Whatever else a terminal breaks lines at, an address in a name is none that is offered."""
    lines = r"a@b.de\tAnna\r\nx@b.de\342\200\250c@evil.example\ny@b.de\013d@evil.example\nBob <e@b.de>\n"
    folder = program("lines", f"printf '{lines}'")
    assert find_addresses(f"{folder}/lines", "anna") == ["Anna <a@b.de>", "Bob <e@b.de>"]
