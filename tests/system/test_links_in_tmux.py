"""What is written with and without cell diffing looks the same in tmux, which knows hyperlinks, too."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len, set_cell_size
from rich.style import Style

from tests.support.app.lists import ScrollingList
from tests.support.checks.long import few, more
from tests.support.real_parts import need
from tests.support.terminal.tmux import SECONDS, Tmux, seen
from tui.terminal.celldiff import CellDiff

LINKS = (None, None, "https://share.example/s/one", "https://share.example/s/two?a=1;b=2")
STYLES = (
    "",
    "bold",
    "dim",
    "reverse",
    "underline #0a141e on #c8d2dc",
    "italic red on black",
    "strike color(77)",
)
TEXTS = ("a", "bc ", "      ", "契約", "x契y", "Straße", "██▌··", "✓ ok", "│")


class Pane:
    """A tmux pane that displays what is written to it."""

    def __init__(self, tmux: Tmux) -> None:
        self.tmux = tmux
        tmux.start("stty raw -echo; cat", {"TERM": "tmux-256color"})
        self._line = Path(tmux.run("display-message", "-p", "#{pane_tty}").strip())

    def write(self, data: str) -> None:
        with self._line.open("w", newline="") as line:
            line.write(data)

    def shows(self, mark: str) -> str:
        """The content of every cell, as soon as ``mark`` is displayed."""
        end = time.monotonic() + SECONDS
        while mark not in (shown := self.tmux.coloured()):
            assert time.monotonic() < end, f"no {mark} in:\n{shown}"
            time.sleep(0.01)
        return shown


@pytest.fixture
def panes(tmp_path: Path) -> Iterator[tuple[Pane, Pane]]:
    need("tmux")
    both = Tmux(tmp_path / "diffed", 60, 10), Tmux(tmp_path / "plain", 60, 10)
    yield Pane(both[0]), Pane(both[1])
    for tmux in both:
        tmux.close()


def piece(chance: random.Random, text: str) -> str:
    """A text as it is painted, in a random style that may be a link."""
    style = Style.parse(chance.choice(STYLES)) + Style(link=chance.choice(LINKS))
    return style.render(text)


def frame(chance: random.Random, columns: int, rows: int, mark: str) -> str:
    """A frame of full lines, in the form that Textual paints; the last line is ``mark``."""
    lines = []
    for y in range(1, rows):
        text, room = "", columns
        while room > 0:
            part = set_cell_size(chance.choice(TEXTS), min(room, chance.randint(1, 9)))
            text += piece(chance, part)
            room -= cell_len(part)
        lines.append(f"\x1b[{y};1H{text}")
    return "\n".join([*lines, f"\x1b[{rows};1H{mark.ljust(columns)}"]) + "\x1b[1;1H"


@few(1)
@pytest.mark.parametrize("seed", range(2))
def test_links_and_colours_are_the_same(seed: int, panes: tuple[Pane, Pane]) -> None:
    """What can be seen on both panes matches in every frame, and after a resize."""
    chance, diff = random.Random(seed), CellDiff()
    diffed, plain = panes
    number = 0
    for columns, rows in ((60, 10), (72, 14), (41, 8)):
        for pane in panes:
            pane.tmux.resize(columns, rows)
        # Terminals differ in what a resize does to the screen.
        diff.forget()
        for _ in range(6):
            number += 1
            mark = f"frame {number} of {seed}"
            data = frame(chance, columns, rows, mark)
            plain.write(data)
            diffed.write(diff.feed(data))
            shown = plain.shows(mark)
            assert seen(diffed.shows(mark)) == seen(shown)
            assert "\x1b]8;" in shown, "this tmux knows no links"


def test_a_link_alone_is_a_change(panes: tuple[Pane, Pane]) -> None:
    """The same words in the same colours become a link, then another link, then no link."""
    diff = CellDiff()
    diffed, plain = panes
    for number, link in enumerate((None, "https://a.example/", "https://b.example/", None)):
        text = (
            Style.parse("bold green").render("the same")
            if link is None
            else Style(link=link, bold=True).render("the same")
        )
        data = f"\x1b[1;1H{text}\n\x1b[2;1Hstep {number}\x1b[3;1H"
        plain.write(data)
        diffed.write(diff.feed(data))
        shown = plain.shows(f"step {number}")
        assert diffed.shows(f"step {number}") == shown
        assert ("\x1b]8;" in shown) == (link is not None)
        assert link is None or link in shown


@more
@pytest.mark.parametrize("seed", range(2))
def test_a_list_that_scrolls_looks_the_same(seed: int, panes: tuple[Pane, Pane]) -> None:
    """It is scrolled, its blanks are erased, and its colours are remembered by tmux."""
    shown, diff = ScrollingList(seed, 60, 10, tree=seed * 12), CellDiff(erases=True, columns=60)
    diffed, plain = panes
    scrolled = 0
    for number in range(40):
        mark = f"step {number} of {seed}"
        data = (shown.step() if number else shown.whole()) + "\n" + f"\x1b[10;1H{mark.ljust(60)}\x1b[1;1H"
        out = diff.feed(data)
        plain.write(data)
        diffed.write(out)
        assert seen(diffed.shows(mark)) == seen(plain.shows(mark))
        scrolled += out.count("\x1b[r")
    assert scrolled > 3
