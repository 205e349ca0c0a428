"""The shortest ways to move the terminal's cursor and to change its style."""

from __future__ import annotations

import pytest

from tui.terminal.brush import Brush
from tui.terminal.sgr import PLAIN, shows_background_only

#: Two styles of many characters, as of a list's rows and of its cursor.
ROW, CURSOR = ("38;2;228;232;238;48;2;22;28;37", ""), ("1;38;2;255;255;255;48;2;53;97;143", "")
SAVE, RESTORE = "\x1b7", "\x1b8"


def brush() -> Brush:
    """One that has written in the style of a row, which the terminal remembers, in the upper left corner."""
    made = Brush(erases=False)
    made.begin(1, 1, ROW)
    made.write("a" * 20, 20)
    assert made.take() == f"\x1b[H\x1b[0;{ROW[0]}m{SAVE}" + "a" * 20
    return made


@pytest.mark.parametrize(
    ("y", "x", "way"),
    [
        (1, 21, ""),
        (1, 22, "\x1b[C"),
        (1, 30, "\x1b[9C"),
        (1, 20, "\x1b[1;20H"),
        (1, 1, "\x1b[H"),
        (2, 1, "\x1b[2H"),
        (2, 21, "\x1b[2;21H"),
    ],
)
def test_ways_of_the_cursor(y: int, x: int, way: str) -> None:
    made = brush()
    made.move(y, x)
    assert (made.take(), made.at) == (way, (y, x))


def test_what_the_terminal_remembers_is_restored_where_that_is_shorter() -> None:
    made = brush()
    made.begin(3, 1, CURSOR)
    made.write("b" * 10, 10)
    made.take()
    # The cursor is in the right place already: all that is saved are the colours.
    made.begin(3, 11, ROW)
    assert (made.take(), made.at, made.style) == (f"{RESTORE}\x1b[3;11H", (3, 11), ROW)
    # From bold to not bold takes less than the way back.
    made.change(("1;" + ROW[0], ""))
    made.take()
    made.begin(3, 11, ROW)
    assert made.take() == "\x1b[22m"


def test_the_way_from_where_the_terminal_remembers_counts() -> None:
    """It remembers the place as well: from there, it may be shorter than to any place."""
    made = brush()
    made.begin(1, 29, ("1;" + ROW[0], ""))
    made.take()
    made.begin(1, 30, ROW)
    assert made.take() == f"{RESTORE}\x1b[29C"


@pytest.mark.parametrize(("codes", "is_remembered"), [("38;5;177", False), ("1;38;5;77", True)])
def test_only_a_change_of_many_characters_is_remembered(codes: str, is_remembered: bool) -> None:
    made = Brush(erases=False)
    made.begin(1, 1, PLAIN)
    made.take()
    made.begin(1, 1, (codes, ""))
    assert made.take() == f"\x1b[{codes}m{SAVE if is_remembered else ''}"


def test_a_style_that_is_used_much_more_now_is_remembered_instead() -> None:
    made = brush()
    made.write("a" * 80, 80)
    written = []
    for _ in range(12):
        made.begin(5, 1, PLAIN)
        made.begin(6, 1, CURSOR)
        made.write("b" * 50, 50)
        written.append(made.take())
    # At first there are more cells in the other style; later on, those were written too long ago.
    assert [SAVE in text for text in written].count(True) == 1
    assert SAVE not in "".join(written[:3])
    assert written[-1] == f"\x1b[5H\x1b[m{RESTORE}" + "b" * 50


@pytest.mark.parametrize(("cells", "is_remembered"), [(54, False), (55, True)])
def test_a_style_in_three_times_as_many_cells_is_used_much_more(cells: int, is_remembered: bool) -> None:
    made = brush()
    made.begin(2, 1, CURSOR)
    made.write("b" * cells, cells)
    made.change(PLAIN)
    made.change(CURSOR)
    assert (SAVE in made.take()) == is_remembered


def test_links_are_begun_and_ended_without_what_is_remembered() -> None:
    made = brush()
    made.begin(2, 1, (ROW[0], "id=1;https://a.example"))
    assert made.take() == "\x1b[2H\x1b]8;id=1;https://a.example\x1b\\"
    made.begin(2, 1, PLAIN)
    assert made.take() == "\x1b[m\x1b]8;;\x1b\\"


@pytest.mark.parametrize(
    ("style", "is_bare"),
    [
        (PLAIN, True),
        (("1;2;3;31;44", ""), True),
        (("1;2;3;4;31;44", ""), False),
        (("7", ""), False),
        (("44", "https://a.example"), False),
        (("29", ""), False),
    ],
)
def test_blanks_of_which_only_the_background_is_seen(style: tuple[str, str], is_bare: bool) -> None:
    assert shows_background_only(style) == is_bare


@pytest.mark.parametrize(
    ("lines", "written"),
    [(1, "\x1b[M"), (-1, "\x1b[L"), (3, "\x1b[3M"), (-3, "\x1b[3L")],
)
def test_rows_are_moved_up_and_down(lines: int, written: str) -> None:
    made = brush()
    made.scroll(4, 9, lines)
    assert (made.take(), made.at) == (f"\x1b[m\x1b[4;9r\x1b[4H{written}\x1b[r", (1, 1))
