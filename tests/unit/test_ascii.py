"""What is shown on terminals that don't display UTF-8 (T3)."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.support.servers.server import ROOT
from tui.terminal.ascii import draws_marks_wide, shows_unicode, to_ascii, with_narrow_marks


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("╭─ Help ─╮", "+- Help -+"),
        ("▾ Share ▕ ⊘ MKELLER", "v Share | ! MKELLER"),
        ("Verträge – Straße, façade…", "Vertrage - Strase, facade~"),
        ("契約.pdf", "????.pdf"),
        ("● On * ◐ On ○ Off ! On", "+ On * % On - Off ! On"),
        ("e\u0301\u200d", "e"),
        ("é\x7f", "e\x7f"),
        ("\x1b[1;31m✗\x1b[m", "\x1b[1;31mx\x1b[m"),
    ],
)
def test_replacements(text: str, shown: str) -> None:
    assert to_ascii(text) == shown


@given(st.characters(codec="utf-8"))
def test_every_character_keeps_its_width(character: str) -> None:
    shown = to_ascii(character)
    assert shown.isascii()
    assert cell_len(shown) == cell_len(character)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"LANG": "en_GB.UTF-8"}, True),
        ({"LANG": "C.utf8"}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
        ({"LANG": "de_DE"}, False),
        ({"LANG": "C"}, False),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "POSIX"}, False),
        ({"LANG": "C", "LC_CTYPE": "en_GB.UTF-8"}, True),
        ({"LANG": "C", "LC_ALL": ""}, False),
        ({}, True),
    ],
)
def test_what_the_locale_says(environ: dict[str, str], expected: bool) -> None:
    assert shows_unicode(environ) is expected


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"LANG": "ja_JP.UTF-8"}, True),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "zh_CN.utf8"}, True),
        ({"LANG": "ko_KR.UTF-8", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LANG": "de_DE.UTF-8"}, False),
        ({}, False),
    ],
)
def test_where_marks_may_be_two_cells_wide(environ: dict[str, str], expected: bool) -> None:
    """Chinese, Japanese and Korean terminals draw characters of an ambiguous width in two cells."""
    assert draws_marks_wide(environ) is expected


def test_marks_of_one_cell() -> None:
    assert with_narrow_marks("● On ◐ On ○ Off ✓ │ 契約") == "+ On % On - Off ✓ │ 契約"


@pytest.mark.parametrize(("name", "expected"), [("LANG", "False"), ("LC_ALL", "False"), ("OTHER", "True")])
def test_python_setting_a_locale_itself_changes_nothing(name: str, expected: str) -> None:
    """With LANG=C, Python sets LC_CTYPE to a locale with UTF-8 when it starts."""
    code = "from tui.terminal.ascii import shows_unicode as s; print(s())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={name: "C", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == expected
