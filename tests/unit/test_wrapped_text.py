"""Text wrapped, scrolled and searched."""

from __future__ import annotations

import random

from tui.rules.sparkline import sparkline
from tui.ui.widgets.fit import cells
from tui.ui.widgets.wrapped_text import WrappedText, wrap


def rows(text: str, width: int) -> list[str]:
    return [text[start:end] for start, end in wrap(text, width)]


def test_lines_are_wrapped_between_words() -> None:
    assert rows("", 5) == [""]
    assert rows("short", 5) == ["short"]
    assert rows("two words", 5) == ["two ", "words"]
    assert rows("a word that is long", 7) == ["a word ", "that is ", "long"]
    assert rows("unbreakable", 4) == ["unbr", "eaka", "ble"]
    assert rows("漢字漢字", 3) == ["漢", "字", "漢", "字"], "two cells each"
    assert rows("漢", 1) == ["漢"], "wider than the row"


def test_nothing_of_a_line_is_lost_and_no_row_is_too_wide() -> None:
    dice = random.Random(7)
    for _ in range(500):
        text = "".join(dice.choices("ab漢 é👍 ", k=dice.randint(0, 60)))
        width = dice.randint(2, 20)
        found = rows(text, width)
        assert "".join(found) == text
        assert all(cells(row.rstrip(" ")) <= width for row in found), (text, width)


def of(lines: list[str], width: int = 20, height: int = 3) -> WrappedText:
    text = WrappedText()
    text.fit(width, height)
    text.take(lines)
    return text


def test_it_scrolls_as_far_as_there_is_something() -> None:
    text = of([str(number) for number in range(10)])
    assert not text.scroll(-1)
    assert text.scroll(1)
    assert text.scroll(100)
    assert (text.top, text.scroll(1)) == (7, False)
    text.take(["a", "b"])
    assert (text.top, text.scroll(1)) == (0, False)


def test_another_width_keeps_the_line_at_the_top() -> None:
    text = of(["a long line of many words"] * 5, width=10, height=2)
    text.scroll(7)
    line = text.rows[text.top].line
    text.fit(40, 2)
    assert text.rows[text.top].line == line
    text.fit(10, 100)
    assert text.top == 0


def test_what_is_sought_is_found_whatever_its_case() -> None:
    text = of(["nothing", "One and one", *[""] * 9, "one more", "(one)"], height=4)
    text.seek("ONE")
    assert len(text.found) == 4
    assert (text.current, text.top) == (0, 0)
    assert [list(text.places_in(row)) for row in text.rows[1:2]] == [[(0, 3, True), (8, 11, False)]]
    text.go(1)
    text.go(1)
    assert text.current == 2
    assert text.top <= 11 < text.top + 4, "it is scrolled to"
    text.go(2)
    assert (text.current, text.top) == (0, 0), "after the last comes the first"
    text.go(-1)
    assert text.current == 3
    text.seek("(o")
    assert len(text.found) == 1, "a text, not a pattern"
    text.take(["one (one)"])
    assert len(text.found) == 1, "sought in another document, too"
    text.seek("")
    assert (text.found, text.current) == ([], -1)
    text.go(1)
    assert text.current == -1


def test_what_is_found_goes_on_in_the_next_row() -> None:
    text = of(["a long word"], width=7)
    text.seek("long word")
    assert [list(text.places_in(row)) for row in text.rows] == [[(2, 7, True)], [(0, 4, True)]]


def test_a_line_of_bars() -> None:
    assert sparkline([]) == ""
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([0, 1, 2, 3, 4]) == "▁▃▅▇█"
    assert sparkline([1, 10**9]) == "▂█", "one is more than none"
