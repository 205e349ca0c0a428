"""Frames as a picture: an SVG that moves if there are several. It needs nothing from elsewhere, and has no script.

Each row that was ever shown is drawn once, and used at each place where it was; when it is visible is said by an
animation of its own. Programs that animate nothing show the frame that stood longest.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from html import escape

from .frames import Row, Shot, TextLook

#: Width and height of a cell, the size of letters, and what is left free around the screen; in pixels.
_WIDE, _HIGH, _LETTERS, _AROUND = 8.4, 16, 14, 12
_BASELINE = 12
_FONTS = "ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace"
#: What a terminal's own colours usually are: text and ground of a dark and of a light one, and the sixteen.
_DARK, _LIGHT = ("#d7dde4", "#11161c"), ("#1d2329", "#fbfbfa")
_SIXTEEN = (
    "#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5",
    "#666666", "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff",
)  # fmt: skip


def svg_of(shots: Sequence[Shot], title: str, until: float, *, light: bool = False) -> bytes:
    """The picture of at least one shot, the earliest first. ``until`` is when it begins again, in seconds; ``light``:
    the terminal's own background is."""
    return _Picture(shots, until, _LIGHT if light else _DARK).drawn(title).encode()


class _Picture:
    def __init__(self, shots: Sequence[Shot], until: float, own: tuple[str, str]) -> None:
        self._shots = shots
        self._ends = [*(shot.at for shot in shots[1:]), max(until, shots[-1].at)]
        self._text, ground = own
        behind = Counter[str]()
        for shot in shots:
            for row in shot.frame.rows:
                for run in row:
                    behind[run.look.behind] += run.cells
        #: What is behind everything: the most frequent background.
        self._ground = self._colour(behind.most_common(1)[0][0] if behind else "", ground)
        self._own_ground = ground
        self._rows: dict[Row, int] = {}
        self._classes: dict[str, str] = {}

    def drawn(self, title: str) -> str:
        columns = max(shot.frame.columns for shot in self._shots)
        lines = max(len(shot.frame.rows) for shot in self._shots)
        wide, high = columns * _WIDE + 2 * _AROUND, lines * _HIGH + 2 * _AROUND
        uses = "\n".join(self._uses())
        rows = "\n".join(f'<g id="r{number}">{self._row(row)}</g>' for row, number in self._rows.items())
        styles = "".join(f".{name}{{{rule}}}" for rule, name in self._classes.items())
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high}" width="{wide:g}" height="{high}">\n'
            f"<title>{escape(title, quote=False)}</title>\n"
            f"<style>text{{font:{_LETTERS}px {_FONTS};white-space:pre}}{styles}</style>\n"
            f"<defs>\n{rows}\n</defs>\n"
            f'<rect width="{wide:g}" height="{high}" rx="8" fill="{self._ground}"/>\n'
            f'<g transform="translate({_AROUND} {_AROUND})">\n{uses}\n</g>\n</svg>\n'
        )

    # ------------------------------------------------------------ when

    def _uses(self) -> list[str]:
        """Each row at each of its places."""
        shown: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for index, shot in enumerate(self._shots):
            for line, row in enumerate(shot.frame.rows):
                if any(run.text.strip() or self._behind(run.look) != self._ground for run in row):
                    number = self._rows.setdefault(row, len(self._rows))
                    shown[line, number].append(index)
        poster = max(range(len(self._shots)), key=lambda index: self._ends[index] - self._shots[index].at)
        return [
            f'<use href="#r{number}" y="{line * _HIGH}"{self._when(indexes, poster)}'
            for (line, number), indexes in shown.items()
        ]

    def _when(self, indexes: list[int], poster: int) -> str:
        """The rest of an element that is visible in these frames."""
        if len(indexes) == len(self._shots):
            return "/>"
        start, end = self._shots[0].at, self._ends[-1]
        length = max(end - start, 0.001)
        visible = set(indexes)
        values, times = [], []
        for index, shot in enumerate(self._shots):
            if not index or (index in visible) != (index - 1 in visible):
                values.append("visible" if index in visible else "hidden")
                times.append(f"{(shot.at - start) / length:.5f}".rstrip("0").rstrip("."))
        hidden = "" if poster in visible else ' visibility="hidden"'
        return (
            f'{hidden}><animate attributeName="visibility" dur="{length:.3f}s" repeatCount="indefinite" '
            f'calcMode="discrete" values="{";".join(values)}" keyTimes="{";".join(times)}"/></use>'
        )

    # ------------------------------------------------------------ what

    def _row(self, row: Row) -> str:
        parts, column = [], 0
        for run in row:
            behind = self._behind(run.look)
            if behind != self._ground:
                style = self._class(f"fill:{behind}")
                parts.append(
                    f'<rect x="{column * _WIDE:g}" width="{run.cells * _WIDE:g}" height="{_HIGH}" class="{style}"/>'
                )
            text = run.text.strip(" ")
            if text:
                before = len(run.text) - len(run.text.lstrip(" "))
                cells = run.cells - (len(run.text) - len(text))
                parts.append(
                    f'<text x="{(column + before) * _WIDE:g}" y="{_BASELINE}" textLength="{cells * _WIDE:g}" '
                    f'class="{self._class(self._style(run.look))}">{escape(text, quote=False)}</text>'
                )
            column += run.cells
        return "".join(parts)

    def _style(self, look: TextLook) -> str:
        rule = f"fill:{self._front(look)}"
        rule += (
            ";font-weight:bold" * look.bold + ";font-style:italic" * look.italic + ";opacity:.65" * look.dim
        )
        lines = " ".join(["underline"] * look.underline + ["line-through"] * look.strike)
        return rule + (f";text-decoration:{lines}" if lines else "")

    def _front(self, look: TextLook) -> str:
        if look.reverse:
            return self._colour(look.behind, self._own_ground)
        return self._colour(look.colour, self._text)

    def _behind(self, look: TextLook) -> str:
        if look.reverse:
            return self._colour(look.colour, self._text)
        return self._colour(look.behind, self._own_ground)

    @staticmethod
    def _colour(colour: str, own: str) -> str:
        if not colour:
            return own
        return colour if colour.startswith("#") else _SIXTEEN[int(colour)]

    def _class(self, rule: str) -> str:
        return self._classes.setdefault(rule, f"c{len(self._classes)}")
