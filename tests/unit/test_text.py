"""Names can be hostile in a terminal (S11): text that is shown controls nothing."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.rules.text import DECEIVING, composed, printable, without_password

anything = st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Offer.pdf", "Offer.pdf"),
        ("", ""),
        ("Angebot für Müller.pdf", "Angebot für Müller.pdf"),
        ("契約書 👩‍👩‍👧.pdf", "契約書 👩‍👩‍👧.pdf"),
        ("\x1b[31mred", "␛[31mred"),
        ("a\r\nb\tc\x00", "a␍␊b␉c␀"),
        ("\x01\x1f\x7f", "␁␟␡"),
        ("\x9b31m\x85", "\ufffd31m\ufffd"),
        ("\x1b]52;c;AAAA\x07", "␛]52;c;AAAA␇"),
        ("a\u2028b\u2029c", "a\ufffdb\ufffdc"),
        ("evil\u202efdp.exe", "evil\ufffdfdp.exe"),
        ("\u200e\u200f\u061c\u2066\u2069", "\ufffd" * 5),
        ("\ud800\udcff", "\ufffd\ufffd"),
    ],
)
def test_what_could_steer_is_shown(text: str, shown: str) -> None:
    """S11: C0, C1, escape sequences, line ends, characters that reorder a line, and lone surrogates."""
    assert printable(text) == shown


def test_what_deceives_are_the_characters_that_reorder_or_break_a_line() -> None:
    reordering = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
    found = {char for char in map(chr, range(0x110000)) if unicodedata.bidirectional(char) in reordering}
    assert found | {"\u2028", "\u2029"} == DECEIVING


def test_every_control_is_replaced_and_nothing_else() -> None:
    for code in range(0x110000):
        char = chr(code)
        if (
            unicodedata.category(char) in ("Cc", "Cs")
            or char in DECEIVING
            or char in "\u061c\u200e\u200f"  # marks that say in which direction a text is read
        ):
            assert printable(char) != char, hex(code)
            assert len(printable(char)) == 1
        else:
            assert printable(char) == char, hex(code)


@given(anything)
def test_it_is_one_line_of_the_same_length(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert len(shown.splitlines()) <= 1
    assert printable(shown) == shown
    assert shown.encode("utf-8").decode() == shown


@given(st.text(st.characters(max_codepoint=0xFF), max_size=60))
def test_a_terminal_only_shows_it(text: str) -> None:
    """A real emulator, given the text, prints characters and does nothing else."""
    screen = pyte.Screen(80, 3)
    pyte.Stream(screen).feed("\x1b[1;1H" + printable(text))
    assert screen.cursor.y == 0
    assert (
        screen.cursor.attrs == pyte.screens.CursorDefault if hasattr(pyte.screens, "CursorDefault") else True
    )
    assert screen.display[1].strip() == ""
    assert screen.title == ""


@given(anything)
def test_harmless_text_is_left_alone(text: str) -> None:
    if all(unicodedata.category(c) in ("Lu", "Ll", "Lo", "Nd", "Zs", "Po", "So", "Mn") for c in text):
        assert printable(text) == text


@given(st.text(st.sampled_from("aéʼ\u0301\u0316\u0327 ü"), max_size=60))
def test_composed_is_the_normal_form(text: str) -> None:
    assert composed(text) == unicodedata.normalize("NFC", text)


def test_a_long_text_is_composed_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Combining marks out of order are sorted one by one, which took seconds for a text as long as a form may be."""
    given: list[int] = []

    def normalize(form: Literal["NFC"], text: str) -> str:
        given.append(len(text))
        return text

    monkeypatch.setattr(unicodedata, "normalize", normalize)
    assert len(composed("\u0301\u0316" * 100_000)) == 200_000
    assert sum(given) == 200_000
    assert max(given) <= 1024


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://u:p@host", "http://u:…@host"),
        ("http://u:p@ss:w/ord@host:80/x", "http://u:…@host:80/x"),
        ("postgresql://:secret@/db", "postgresql://:…@/db"),
        ("smtps://anna@mail.example.com:465", "smtps://anna@mail.example.com:465"),
        ("https://links.example.com:8480", "https://links.example.com:8480"),
        ("no address\x1b", "no address␛"),
    ],
)
def test_a_password_in_an_address_is_never_shown(address: str, shown: str) -> None:
    assert without_password(address) == shown
