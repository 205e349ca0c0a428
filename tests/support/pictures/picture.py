"""Pictures of the app: what is in every cell, and how it looks in each theme.

A saved file holds one screen in one size in all themes: its text; below it a line for each row that says which of its
characters have which look (``2a18b``: two in the look ``a``, eighteen in ``b``); and below that what each look is in
each theme. ``python -m tests.support.pictures.picture FILE THEME`` shows one in the terminal.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from string import ascii_letters
from typing import Any

from rich.console import Console
from rich.style import Style
from rich.text import Text
from textual._compositor import LayoutUpdate
from textual.app import App

from tui.rules.text import printable
from tui.ui.main.details_text import DetailsText

#: A row of characters, each with its look.
Row = list[tuple[str, str]]
_BETWEEN = " | "
_ATTRIBUTES = ("bold", "dim", "italic", "underline", "reverse", "strike", "blink")
_RUN = re.compile(r"(\d+)(\D+)")


def rows_of(app: App[Any]) -> list[Row]:
    """What the app shows now."""
    # They would wait for the cursor to rest.
    for screen in app.screen_stack:
        for details in screen.query(DetailsText):
            details.paint()
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    assert isinstance(update, LayoutUpdate)
    rows: list[Row] = []
    for strips in update.strips:
        row: Row = []
        before = ""
        for segment in (segment for strip in strips for segment in strip if not segment.control):
            blank, other = _looks(segment.style or Style.null())
            for character in segment.text:
                # No one can see whether a space between two words has their colour.
                look = (row[-1][1] if blank == before else blank) if character == " " else other
                row.append((character, look))
                before = blank
        rows.append(row)
    return rows


@lru_cache(maxsize=1024)
def _looks(style: Style) -> tuple[str, str]:
    """A style in words, for a space and for other characters: ``bold #ffffff on #2f5d8a``. For a space, only what can
    be seen."""
    words = [name for name in _ATTRIBUTES if getattr(style, name)]
    on = f"on {style.bgcolor.name if style.bgcolor else 'default'}"
    look = " ".join([*words, style.color.name if style.color else "default", on])
    return look if style.underline or style.reverse or style.strike else on, look


@dataclass(frozen=True, slots=True)
class Picture:
    """One screen in one size: ``looks`` has the look of each character of ``text`` in each of ``themes``."""

    themes: tuple[str, ...]
    text: tuple[str, ...]
    looks: tuple[tuple[tuple[str, ...], ...], ...]

    @classmethod
    def of(cls, taken: Mapping[str, list[Row]]) -> Picture:
        """Makes a picture of what was shown in each theme. All must show the same text: nothing is shown by colour
        alone."""
        texts = {theme: tuple("".join(c for c, _ in row) for row in rows) for theme, rows in taken.items()}
        text = next(iter(texts.values()))
        for theme, other in texts.items():
            changed = [(mine, its) for mine, its in zip(text, other, strict=True) if mine != its]
            assert not changed, f"other text in {theme}: {changed}"
        for line in text:
            assert line == printable(line), f"what a terminal would obey or not show: {line!r}"
        looks = tuple(
            tuple(zip(*([look for _, look in row] for row in rows), strict=True))
            for rows in zip(*taken.values(), strict=True)
        )
        return cls(tuple(taken), text, looks)

    def __str__(self) -> str:
        """The saved form."""
        names: dict[tuple[str, ...], str] = {}
        runs = []
        for row in self.looks:
            line = ""
            for look, same in groupby(row):
                name = names.setdefault(look, _name(len(names)))
                line += f"{len(list(same))}{name}"
            runs.append(line)
        said = [f"{name} {_BETWEEN.join(look)}" for look, name in names.items()]
        lines = [*(line.rstrip() for line in self.text), "", *runs, "", _BETWEEN.join(self.themes), *said]
        return "\n".join(lines) + "\n"

    @classmethod
    def read(cls, kept: str) -> Picture:
        """Reads the saved form."""
        lines = kept.split("\n")[:-1]
        end = len(lines) - 1 - lines[::-1].index("")
        height = (end - 1) // 2
        themes, *said = lines[end + 1 :]
        names = {}
        for line in said:
            name, _, look = line.partition(" ")
            names[name] = tuple(look.split(_BETWEEN))
        looks = tuple(
            tuple(names[name] for number, name in _RUN.findall(line) for _ in range(int(number)))
            for line in lines[height + 1 : end]
        )
        text = tuple(line.ljust(len(row)) for line, row in zip(lines[:height], looks, strict=True))
        return cls(tuple(themes.split(_BETWEEN)), text, looks)

    def only(self, *themes: str) -> Picture:
        """The picture in these themes only."""
        places = [self.themes.index(theme) for theme in themes]
        looks = tuple(tuple(tuple(look[place] for place in places) for look in row) for row in self.looks)
        return Picture(themes, self.text, looks)

    def differences(self, other: Picture) -> Iterable[str]:
        """The differences of another picture, one by one."""
        for number, (line, its) in enumerate(zip(self.text, other.text, strict=False), 1):
            if line != its:
                yield f"row {number}:\n-{line.rstrip()}\n+{its.rstrip()}"
            else:
                yield from self._other_looks(number, other)
        if len(self.text) != len(other.text):
            yield f"{len(self.text)} rows, now {len(other.text)}"

    def _other_looks(self, number: int, other: Picture) -> Iterable[str]:
        text, mine, its = self.text[number - 1], self.looks[number - 1], other.looks[number - 1]
        for index, theme in enumerate(self.themes):
            at = 0
            for (old, new), same in groupby((a[index], b[index]) for a, b in zip(mine, its, strict=True)):
                start, at = at, at + len(list(same))
                if old != new:
                    yield f"{theme}, row {number}, “{text[start:at].strip()}”: {old}, now {new}"

    def shown(self, theme: str) -> Text:
        """The picture as it looks in a theme, for rich to print."""
        index = self.themes.index(theme)
        text = Text(no_wrap=True, end="")
        for line, row in zip(self.text, self.looks, strict=True):
            for character, look in zip(line, row, strict=True):
                text.append(character, Style.parse(look[index]))
            text.append("\n")
        return text


def _name(number: int) -> str:
    """a, b … Z, aa, ab …"""
    count = len(ascii_letters)
    before = _name(number // count - 1) if number >= count else ""
    return before + ascii_letters[number % count]


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        Console(width=1000, soft_wrap=True).print(Picture.read(file.read()).shown(sys.argv[2]))
