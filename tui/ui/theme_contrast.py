"""How well colours can be read on one another, by the contrast that WCAG 2 measures; without Textual.

Colours are written as ``#24476b``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

#: The least contrast of what is read, of marks on the row under the cursor, and of that row itself.
TEXT, MARK, ROW = 4.5, 3.0, 1.15
_WORDS = {
    "text": "Text",
    "quiet": "Quiet text",
    "accent": "What is on",
    "warn": "Warnings",
    "bad": "Errors",
    "key": "Keys",
}
_PLACES = {"ground": "on the ground", "panel": "on the panel", "cursor": "on the cursor's row"}
_MARKS = ("accent", "warn", "bad", "key")
_STEPS = 40
#: How much more contrast is made than is needed: terminals round colours.
_ROUNDING = 1.05


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of a colour, each from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """How light a colour is, from 0 to 1."""
    parts = (part / 255 for part in channels(colour))
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _pairs() -> Iterator[tuple[str, str, float]]:
    for word in _WORDS:
        yield word, "ground", TEXT
        yield word, "panel", TEXT
    yield "text", "cursor", TEXT
    for mark in _MARKS:
        yield mark, "cursor", MARK


def complaints(colours: Mapping[str, str]) -> list[str]:
    """What can hardly be read in a theme, given by its tokens: a sentence each."""
    found = []
    for word, place, least in _pairs():
        measured = contrast(colours[word], colours[place])
        if measured < least:
            found.append(
                f"{_WORDS[word]} {_PLACES[place]} can hardly be read: {_shown(measured)} to 1, at least {least:g}."
            )
    row = contrast(colours["cursor"], colours["ground"])
    if row < ROW:
        found.append(f"The cursor's row can hardly be seen: {_shown(row)} to 1, at least {ROW:g}.")
    return found


def _shown(measured: float) -> str:
    # Never rounded up to what would be enough.
    return f"{int(measured * 10) / 10:g}"


def blend(one: str, other: str, share: float) -> str:
    """A colour between two: ``share`` of ``other``."""
    mixed = (round(a + (b - a) * share) for a, b in zip(channels(one), channels(other), strict=True))
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def legible(
    colour: str, least: Mapping[str, float], *, dark: bool, written: Callable[[str], str] = lambda each: each
) -> str:
    """The colour, made as much lighter (``dark``) or darker as it takes to have the ``least`` contrast with each of
    some others, by these. ``written`` is what the terminal shows for a colour."""
    end = "#ffffff" if dark else "#000000"
    found = written(colour)
    for step in range(1, _STEPS + 1):
        if all(contrast(found, other) >= ratio * _ROUNDING for other, ratio in least.items()):
            break
        found = written(blend(colour, end, step / _STEPS))
    return found
