"""The diff that is written, where characters are wide or terminals disagree on how wide they are."""

from __future__ import annotations

import random

import pyte
import pytest
from rich.cells import cell_len

from tests.support.terminal.frames import STYLES, WIDTH, cells, painted, screen
from tui.terminal.celldiff import CellDiff, certain_width


def test_one_half_of_a_wide_character_overwritten_is_painted_as_it_comes() -> None:
    plain, plain_stream = screen()
    short, short_stream = screen()
    diff = CellDiff()
    for data in (
        painted([(1, 1, [("", "ab契d")])], (1, 1)),
        painted([(1, 4, [("", "X")])], (1, 1)),
        painted([(1, 1, [("", "ab契d")])], (1, 1)),
        painted([(1, 3, [("", "Y")])], (1, 1)),
        painted([(1, 1, [("", "abcXd")])], (1, 1)),
    ):
        plain_stream.feed(data)
        short_stream.feed(diff.feed(data))
        assert cells(short) == cells(plain)


def test_a_wide_character_in_place_of_another_takes_two_cells() -> None:
    """What is written after it in the same row is in the right column."""
    plain, plain_stream = screen()
    short, short_stream = screen()
    diff = CellDiff()
    for text in ("契 and more", "約 and morE"):
        data = painted([(1, 1, [("", text)])], (1, 1))
        plain_stream.feed(data)
        short_stream.feed(diff.feed(data))
        assert cells(short) == cells(plain)


@pytest.mark.parametrize(
    ("characters", "are_certain"),
    [
        ("\u02ff\u22ff\u2400\u25ff\u27c0\u2aff\u2c00", True),
        ("✓✗⏎⌫", True),
        ("契가", True),
        *(
            (char, False)
            for char in "\u0300\u2300\u23ff\u2600\u27bf\u2b00\u2bff\u200b\u200f\ufe0f\ue000\U0001f000"
        ),
    ],
)
def test_characters_whose_width_terminals_agree_on(characters: str, are_certain: bool) -> None:
    """A line with others is written whenever it is painted."""
    for char in characters:
        diff = CellDiff()
        data = painted([(1, 1, [("", f"a{char}b")])], (1, 1))
        diff.feed(data)
        assert (diff.feed(data) == "") == are_certain, f"U+{ord(char):04X}"


def test_a_line_with_emoji_is_written_whole() -> None:
    """With what follows in the same name, whose cells are blank before."""
    diff = CellDiff()
    data = painted([(1, 1, [("", "a 🎉 b")])], (1, 1))
    whole = "a     \x1b[1;2H 🎉 b"
    assert whole in diff.feed(data)
    assert whole in diff.feed(data)


@pytest.mark.parametrize("erases", [False, True])
@pytest.mark.parametrize("width", [0, 1, 2])
@pytest.mark.parametrize(
    "name",
    [
        "In\u200bvoice",
        "Lo\u0301pez cafe\u0301",
        "\u0301first",
        "\u2764\ufe0f and \U0001f469\u200d\u2696\ufe0f",
        "\u0915\u094d\u0937\u093f",
        "\U0001f1e9\U0001f1ea\U0001f44d\U0001f3fd",
        "\u3164 \u1160",
    ],
)
def test_what_follows_is_in_its_place_however_wide_a_terminal_takes_a_character(
    name: str, width: int, erases: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that was there before is left in between."""
    known = pyte.screens.wcwidth
    monkeypatch.setattr(pyte.screens, "wcwidth", lambda char: known(char) if certain_width(char) else width)
    model, stream = screen()
    diff = CellDiff(erases=erases)
    stream.feed(diff.feed(painted([(1, 1, [("", "X" * WIDTH)])], (1, 1))))
    before, after = f"{name} ", "│ next"
    blanks = " " * (WIDTH - cell_len(before + after))
    stream.feed(diff.feed(painted([(1, 1, [("1", before), ("7", after), ("", blanks)])], (1, 1))))
    shown = [model.buffer[0][x].data for x in range(WIDTH)]
    assert "".join(shown[cell_len(before) :]) == after + blanks
    assert "X" not in shown


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize(
    "name",
    ["a\u200db joined.txt", "\u0915\u094d\u0937\u093f \u0939\u093f.pdf", "of \U0001f1e9\U0001f1ea.docx"],
)
def test_nothing_of_a_name_is_lost_where_it_takes_more_room(
    name: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The blanks behind it are its room, and what comes after them is in its place."""
    known = pyte.screens.wcwidth
    monkeypatch.setattr(pyte.screens, "wcwidth", lambda char: known(char) if certain_width(char) else width)
    model, stream = screen()
    row = f"{name}{' ' * (30 - cell_len(name))}12:47"
    stream.feed(CellDiff(erases=True).feed(painted([(1, 1, [("1", row)])], (1, 1))))
    shown = [model.buffer[0][x].data for x in range(WIDTH)]
    assert "".join(shown[:30]).rstrip() == name
    assert "".join(shown[30:35]) == "12:47"


@pytest.mark.parametrize("seed", range(6))
def test_halves_of_wide_characters_overwritten_at_random(seed: int) -> None:
    """Spans may begin and end in the middle of wide characters, which no compositor paints."""
    rng = random.Random(seed)
    plain, plain_stream = screen()
    short, short_stream = screen()
    diff = CellDiff()
    for step in range(40):
        x = rng.randint(1, 30)
        text = "".join(rng.choice(("契", "a", "b", "約", " ")) for _ in range(rng.randint(1, 4)))
        data = painted([(rng.randint(1, 2), x, [(rng.choice(STYLES), text)])], (1, 1))
        plain_stream.feed(data)
        short_stream.feed(diff.feed(data))
        assert cells(short) == cells(plain), f"seed {seed}, step {step}"
