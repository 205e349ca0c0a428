"""The diff that is written has the same effect as what Textual paints, judged by a model terminal (pyte)."""

from __future__ import annotations

import random

import pytest
from rich.cells import cell_len

from tests.support.checks.long import few
from tests.support.terminal.frames import HEIGHT, STYLES, WIDTH, cells, painted, screen
from tui.terminal.celldiff import CellDiff
from tui.terminal.sgr import transition

TEXTS = ("a", "bc", "def ", "      ", "契約", "x契y", "é", "Straße", "██▌··", "✓ ok", "│")


def random_spans(rng: random.Random) -> list[tuple[int, int, list[tuple[str, str]]]]:
    spans = []
    for y in sorted(rng.sample(range(1, HEIGHT + 1), rng.randint(1, HEIGHT))):
        x = rng.randint(1, 20)
        room = WIDTH - x + 1
        segments: list[tuple[str, str]] = []
        while room > 0 and len(segments) < 6:
            text = rng.choice(TEXTS)
            if cell_len(text) > room:
                break
            segments.append((rng.choice(STYLES), text))
            room -= cell_len(text)
        if segments:
            spans.append((y, x, segments))
    return spans


def whole_frame(rng: random.Random) -> list[tuple[int, int, list[tuple[str, str]]]]:
    """Every line from end to end, as a compositor paints it: no wide character is ever cut in half."""
    from rich.cells import set_cell_size

    spans = []
    for y in range(1, HEIGHT + 1):
        segments, room = [], WIDTH
        while room > 0:
            text = set_cell_size(rng.choice(TEXTS), min(room, rng.randint(1, 9)))
            segments.append((rng.choice(STYLES), text))
            room -= cell_len(text)
        spans.append((y, 1, segments))
    return spans


@few(3)
@pytest.mark.parametrize("seed", range(10))
def test_random_frames_look_alike_in_characters_and_colours(seed: int) -> None:
    rng = random.Random(seed)
    plain, plain_stream = screen()
    short, short_stream = screen()
    diff = CellDiff()
    for step in range(30):
        spans = whole_frame(rng) if step % 7 else random_spans(rng)
        data = painted(spans, (rng.randint(1, HEIGHT), rng.randint(1, WIDTH)))
        plain_stream.feed(data)
        short_stream.feed(diff.feed(data))
        assert cells(short) == cells(plain), f"seed {seed}, step {step}"
        place = (plain.cursor.y, plain.cursor.x)
        assert (short.cursor.y, short.cursor.x) == place or place == (0, 0)


def test_what_is_the_same_is_not_written() -> None:
    diff = CellDiff()
    data = painted([(1, 1, [("1", "hello"), ("", " world")])], (1, 1))
    assert len(diff.feed(data)) > 10
    assert diff.feed(data) == ""


def test_one_changed_cell_costs_one_cell() -> None:
    diff = CellDiff()
    diff.feed(painted([(3, 1, [("", "hello world")])], (1, 1)))
    assert diff.feed(painted([(3, 1, [("", "hello wOrld")])], (1, 1))) == "\x1b[3;8HO"


@pytest.mark.parametrize(
    ("style", "gap", "written"),
    [
        ("", "cdef", "\x1b[3;2HBcdefG"),
        ("", "cdefg", "\x1b[3;2HB\x1b[5CG"),
        ("31", "cd", "\x1b[3;2HB\x1b[2CG"),
    ],
)
def test_a_short_gap_is_written_if_it_takes_no_other_style(style: str, gap: str, written: str) -> None:
    diff = CellDiff()
    diff.feed(painted([(3, 1, [("", "ab"), (style, gap), ("", "gh")])], (1, 1)))
    assert diff.feed(painted([(3, 1, [("", "aB"), (style, gap), ("", "Gh")])], (1, 1))) == written


@pytest.mark.parametrize(
    ("before", "after", "written"),
    [("31", "", "\x1b[3;2H\x1b[31mBcd\x1b[mG"), ("", "31", "\x1b[3;2HB\x1b[31mcdG")],
)
def test_a_short_gap_is_written_if_it_has_the_style_before_or_after_it(
    before: str, after: str, written: str
) -> None:
    diff = CellDiff()
    gap = [("31", "cd")]
    diff.feed(painted([(3, 1, [("", "a"), (before, "b"), *gap, (after, "g"), ("", "h")])], (1, 1)))
    assert (
        diff.feed(painted([(3, 1, [("", "a"), (before, "B"), *gap, (after, "G"), ("", "h")])], (1, 1)))
        == written
    )


def test_after_text_without_an_address_the_cursor_stays_where_it_is() -> None:
    assert CellDiff().feed("\x1b[3;1Hhello") == "\x1b[3H\x1b[mhello"


def test_the_next_painting_begins_in_the_style_that_the_last_one_left() -> None:
    diff = CellDiff()
    style = "1;38;2;9;9;9;48;2;1;2;3"
    diff.feed(painted([(3, 1, [(style, "hello world")])], (1, 1)))
    assert diff.feed(painted([(3, 1, [(style, "hello wOrld")])], (1, 1))) == "\x1b[3;8HO"


def test_what_others_may_have_left_is_not_taken_for_granted() -> None:
    """Other output begins in a plain style, where the cursor was left; whatever follows it, or the loss of the memory,
    is written in full."""
    diff = CellDiff()
    data = painted([(3, 1, [("1;31", "hello")])], (1, 1))
    diff.feed(data)
    assert diff.feed("\x1b[?1049l") == "\x1b[m\x1b[H\x1b[?1049l"
    assert diff.feed(data) == "\x1b[3H\x1b[0;1;31mhello"
    diff.forget()
    assert diff.feed(data) == "\x1b[3H\x1b[0;1;31mhello"


def test_the_apps_own_signs_are_compared_cell_by_cell() -> None:
    diff = CellDiff()
    data = painted([(1, 1, [("", "⏎ Keep  ⌫ Clear  ✓ done  ✗ failed")])], (1, 1))
    diff.feed(data)
    assert diff.feed(data) == ""


def test_what_is_not_recognised_goes_on_untouched_and_drops_the_memory() -> None:
    diff = CellDiff()
    data = painted([(1, 1, [("", "hello")])], (1, 6))
    diff.feed(data)
    assert diff.feed("\x1b[2J") == "\x1b[2J"
    assert "hello" in diff.feed(data)


@pytest.mark.parametrize(
    "sequence", ["\x07", "\x1b[?25l", "\x1b[?1004h", "\x1b[>25u", "\x1b]52;c;YQ==\x07", "\x1b[?2026$p"]
)
def test_modes_and_queries_leave_the_memory_alone(sequence: str) -> None:
    diff = CellDiff()
    data = painted([(1, 1, [("", "hello")])], (1, 1))
    diff.feed(data)
    assert diff.feed(sequence) == sequence
    assert diff.feed(data) == ""


def test_links_open_and_close() -> None:
    diff = CellDiff()
    link = "\x1b]8;id=1;https://a.example\x1b\\\x1b[4mhere\x1b[0m\x1b]8;;\x1b\\"
    written = diff.feed(f"\x1b[1;1H{link}\x1b[1;1H")
    assert "\x1b]8;id=1;https://a.example\x1b\\" in written
    assert written.count("\x1b]8;;\x1b\\") == 1
    assert diff.feed(f"\x1b[1;1H{link}\x1b[1;1H") == ""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "1", "\x1b[1m"),
        ("1;38;2;1;2;3", "38;2;1;2;3", "\x1b[22m"),
        ("1;2", "1", "\x1b[0;1m"),
        ("31", "", "\x1b[m"),
        ("31;48;2;1;1;1", "32;48;2;1;1;1", "\x1b[32m"),
        ("30;40", "37;47", "\x1b[37;47m"),
        ("90;100", "97;107", "\x1b[97;107m"),
        ("30;40", "39;49", "\x1b[m"),
        ("1;2;30;40", "1;2;39;49", "\x1b[39;49m"),
        # A colour that the fixed part of the palette has takes fewer characters there.
        ("", "38;2;255;255;255", "\x1b[38;5;231m"),
        ("31", "48;2;0;0;255;1", "\x1b[0;1;48;2;0;0;255m"),
        ("", "48;2;0;95;0", "\x1b[48;5;22m"),
        ("", "38;2;255;255;254", "\x1b[38;2;255;255;254m"),
        ("38;2;255;255;255", "38;5;231", ""),
        ("29", "9", "\x1b[0;9m"),
        *((f"31;{code}", f"32;{code}", f"\x1b[0;32;{code}m") for code in (29, 89, 98, 99, 108)),
        ("38;4;1", "9", "\x1b[0;9m"),
        ("48", "9", "\x1b[0;9m"),
    ],
)
def test_only_changed_codes_are_written(old: str, new: str, expected: str) -> None:
    assert transition(old, new) == expected


def test_colours_that_take_many_characters_are_remembered_by_the_terminal() -> None:
    diff = CellDiff()
    row, cursor = "38;2;228;232;238;48;2;22;28;37", "1;38;2;255;255;254;48;2;53;97;143"
    lines = [(y, 1, [(row, "a document")]) for y in range(1, 9)]
    diff.feed(painted(lines, (1, 1)))
    written = [
        diff.feed(painted([(y, 1, [(row, "a document")]), (y + 1, 1, [(cursor, "a document")])], (1, 1)))
        for y in range(1, 8)
    ]
    # One change of style for two rows: what begins in the current one comes first.
    assert written[-2:] == [
        "\x1b[7Ha document\x1b8\x1b[6Ha document",
        f"\x1b[7Ha document\x1b[8H\x1b[{cursor}ma document",
    ]


def test_of_two_spans_in_one_row_the_second_is_on_top() -> None:
    """Though the first is in another style than the terminal's, the second in that."""
    diff = CellDiff()
    diff.feed(painted([(1, 1, [("31", "a red line")])], (1, 1)))
    model, stream = screen()
    stream.feed(diff.feed(painted([(2, 1, [("32", "below")]), (2, 3, [("31", "on top")])], (1, 1))))
    assert model.display[1].rstrip() == "beon top"


@pytest.mark.parametrize(
    ("style", "text", "expected"),
    [
        ("44", "a" + " " * 20 + "b", "a\x1b[20X\x1b[20Cb"),
        ("44", "a" + " " * 20, "a\x1b[20X"),
        ("44", " a".ljust(12) + "b".ljust(12) + "c".ljust(12), "\x1b[36X a\x1b[10Cb\x1b[11Cc"),
        ("44", "a" + " " * 4 + "b", "a    b"),
        ("4;44", "a" + " " * 20 + "b", "a" + " " * 20 + "b"),
        ("7", "a" + " " * 20 + "b", "a" + " " * 20 + "b"),
    ],
)
def test_blanks_are_erased_where_that_is_shorter_and_looks_the_same(
    style: str, text: str, expected: str
) -> None:
    data = painted([(2, 1, [(style, text)])], (1, 1))
    assert CellDiff(erases=True).feed(data) == f"\x1b[2H\x1b[0;{style}m{expected}"
    assert CellDiff().feed(data) == f"\x1b[2H\x1b[0;{style}m{text}"


@pytest.mark.parametrize(
    ("before", "after", "is_written"),
    [
        ("38;2;1;2;3;48;2;9;9;9", "38;2;7;7;7;48;2;9;9;9", False),
        ("1;38;2;1;2;3;48;2;9;9;9", "48;2;9;9;9", False),
        ("48;2;9;9;9", "48;2;9;9;8", True),
        ("48;2;9;9;9", "4;48;2;9;9;9", True),
        ("7", "1", True),
    ],
)
def test_a_blank_in_another_colour_is_not_written(before: str, after: str, is_written: bool) -> None:
    """What is around it has changed: the frame of a pane that gets quiet, for one."""
    diff = CellDiff()
    diff.feed(painted([(2, 3, [(before, " a ")])], (1, 1)))
    written = diff.feed(painted([(2, 3, [(after, " b ")])], (1, 1)))
    assert (" " in written) is is_written
    assert "b" in written


def test_blanks_between_two_styles_take_no_style_of_their_own() -> None:
    """Those beside a frame: they are written in its colour."""
    diff = CellDiff()
    quiet, text = "38;2;1;2;3;48;2;9;9;9", "38;2;7;7;7;48;2;9;9;9"
    written = diff.feed(painted([(1, 1, [(quiet, "│"), (text, " "), (quiet, "x"), (text, "y")])], (1, 1)))
    assert "│ x" in written
