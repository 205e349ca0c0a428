"""A list that scrolls is scrolled by the terminal, where that has the same effect as painting it."""

from __future__ import annotations

import pyte
import pytest

from tests.support.app.lists import ScrollingList
from tests.support.checks.long import few
from tests.support.terminal.emulated import EmulatedScreen
from tests.support.terminal.frames import HEIGHT, WIDTH, cells, painted, screen
from tui.terminal.celldiff import CellDiff


@pytest.mark.parametrize(("x", "text"), [(3, "X"), (4, "X"), (4, f"X5{'e' * 35}")])
def test_beside_half_of_a_wide_character_a_list_scrolls_in_the_right_columns(x: int, text: str) -> None:
    """What the other half looks like is known to no one, so it can't be moved."""
    plain, plain_stream = screen()
    short, short_stream = screen()
    diff = CellDiff(columns=WIDTH)
    lines = [chr(ord("a") + n) * 35 for n in range(HEIGHT + 1)]
    for data in (
        painted([(y, 1, [("", f"{y}a契{y}{lines[y - 1]}")]) for y in range(1, HEIGHT + 1)], (1, 1)),
        *[painted([(5, x, [("", text)])], (1, 1))] * 2,
        painted([(y, 6, [("", lines[y])]) for y in range(1, HEIGHT + 1)], (1, 1)),
    ):
        plain_stream.feed(data)
        short_stream.feed(diff.feed(data))
        assert cells(short) == cells(plain)


@few(2)
@pytest.mark.parametrize(("seed", "emoji"), [(seed, seed >= 603) for seed in range(600, 606)])
def test_a_list_that_scrolls_beside_other_things(seed: int, emoji: bool) -> None:
    """Whatever a user does, the terminal shows what it would show if all were painted again; also if it erases."""
    plain, short, erased = (EmulatedScreen(76, 16) for _ in range(3))
    for model in (plain, short, erased):
        model.reset_mode(pyte.modes.DECAWM)
    plain_stream = pyte.Stream(plain)
    diffed = [
        (model, pyte.Stream(model), CellDiff(erases=model is erased, columns=76)) for model in (short, erased)
    ]
    shown = ScrollingList(seed, 70, 16, tree=(0, 12, 21)[seed % 3], emoji=emoji)
    beside = painted([(y, 71, [("7", f" {y:<5}")]) for y in range(1, 17)], (1, 1))
    scrolled = [0, 0]
    for step in range(120):
        data = shown.step() if step > 1 else (beside, shown.whole())[step]
        plain_stream.feed(data)
        meant = plain.visible()
        for number, (model, stream, diff) in enumerate(diffed):
            out = diff.feed(data)
            stream.feed(out)
            assert model.visible() == meant, f"step {step}, erases {diff is diffed[1][2]}: {data!r}"
            scrolled[number] += out.count("\x1b[r")
    assert min(scrolled) > 10 or emoji


def test_a_line_further_down_or_up_costs_a_part_of_the_page() -> None:
    sizes = []
    for columns in (0, 100):
        shown, diff = ScrollingList(1, 100, 40), CellDiff(erases=True, columns=columns)
        diff.feed(shown.whole())
        down = [len(diff.feed(shown.down())) for _ in range(80)]
        sizes.append(down + [len(diff.feed(shown.up())) for _ in range(70)])
    assert sum(sizes[0][:30]) == sum(sizes[1][:30])
    over, scrolled = (sum(size[40:80]) for size in sizes)
    assert scrolled < over / 3
    assert sum(sizes[1][110:150]) < 1.1 * scrolled, "moving up costs about as much"


@pytest.mark.parametrize(("count", "scrolls"), [(4, False), (5, True)])
def test_five_lines_are_a_list_that_scrolls(count: int, scrolls: bool) -> None:
    diff = CellDiff(columns=WIDTH)
    lines = [letter * WIDTH for letter in "abcdef"]
    diff.feed(painted([(y, 1, [("", line)]) for y, line in enumerate(lines, 1)], (1, 1)))
    moved = painted([(y, 1, [("", line)]) for y, line in enumerate(lines[1 : count + 1], 1)], (1, 1))
    assert ("\x1b[r" in diff.feed(moved)) == scrolls


@pytest.mark.parametrize("lines", [-3, -2, -1, 1, 2, 3])
def test_a_list_scrolls_by_as_many_lines_as_a_wheel_moves_it(lines: int) -> None:
    shown, diff = ScrollingList(1, 100, 40), CellDiff(columns=100)
    diff.feed(shown.whole())
    for _ in range(80):
        diff.feed(shown.down())
    count = f"{abs(lines)}" if abs(lines) > 1 else ""
    assert f"\x1b[{count}{'M' if lines > 0 else 'L'}\x1b[r" in diff.feed(shown.wheel(lines))


def test_nothing_scrolls_next_to_what_is_not_known() -> None:
    """A line with characters of uncertain width couldn't be put back."""
    shown, diff = ScrollingList(1, 100, 40), CellDiff(columns=100)
    diff.feed(shown.whole())
    diff.feed(painted([(7, 1, [("", "🎉 party")])], (1, 1)))
    assert "\x1b[r" not in "".join(diff.feed(shown.down()) for _ in range(60))
