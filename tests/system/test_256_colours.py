"""What is written to a 256-colour terminal, which is what most SSH sessions report."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.checks.long import few, some
from tests.support.servers.server import ServerProcess
from tests.support.terminal.terminal import Sentlinks
from tui.ui.tokens import TOKENS, number_of

_SGR = re.compile(rb"\x1b\[([\d;]*)m")


def colours(written: bytes) -> set[str]:
    """Every colour that the output sets: ``256:24``, ``true:0;0;0``, ``16:34``."""
    found = set()
    for match in _SGR.finditer(written):
        codes = match[1].decode().split(";")
        while codes:
            code = codes.pop(0)
            if code in ("38", "48"):
                kind = codes.pop(0)
                found.add(f"256:{codes.pop(0)}" if kind == "5" else f"true:{';'.join(codes[:3])}")
                codes = codes if kind == "5" else codes[3:]
            elif code.isdigit() and (
                30 <= int(code) <= 37 or 40 <= int(code) <= 47 or 90 <= int(code) <= 107
            ):
                found.add(f"16:{code}")
    return found


@few(1)
@pytest.mark.parametrize(("theme", "cell_diff"), some(2, [("dark", "1"), ("contrast", "1"), ("light", "0")]))
def test_the_table_is_what_is_written(
    theme: str, cell_diff: str, sample_server: ServerProcess, tmp_path: Path
) -> None:
    """Lists, the tree, fields, menu, palette, help, dialogs, a question and an error use the colours of the theme's
    table only: none is mixed, none is rounded."""
    environ = {
        "SENTLINKS_HOME": str(tmp_path),
        "SENTLINKS_SERVER": sample_server.url,
        "SENTLINKS_TOKEN": sample_server.token,
        "SENTLINKS_THEME": theme,
        "SENTLINKS_CELL_DIFF": cell_diff,
        "COLORTERM": "",
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
    }
    with Sentlinks([], environ) as terminal:
        terminal.wait_for("▾ Share")
        for keys, shown in (
            ("/", "filter: type"),
            ("zz\x1b", ""),
            ("j  ", ""),
            ("\t", ""),
            ("j\t", ""),
            ("m", "Context menu"),
            ("\x1b", ""),
            ("?", "Keys"),
            ("\x1b", ""),
            (":", ""),
            ("act", "Activity"),
            ("\x1b\x1b", ""),
            ("i", "History"),
            ("\x1b", ""),
            (",", "Settings"),
            ("\x1b", ""),
            ("s", "Secure Sent Links"),
            ("\t\t", ""),
            ("x\x1b[B", ""),
            ("\x1b", ""),
        ):
            terminal.type(keys)
            if shown and shown != "Context menu":
                terminal.wait_for(shown)
            terminal.quiet()
        written = colours(terminal.written)
    numbers = {token: number_of(token, f"{theme} of 256") for token in TOKENS}
    assert written - {f"256:{number}" for number in numbers.values()} == set()
    # The frame shown before the app has no colours; these are the app's.
    for token in ("ground", "panel", "text", "quiet"):
        assert f"256:{numbers[token]}" in written
