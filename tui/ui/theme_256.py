"""The colours of terminals with 256 of them, from the 17th on: the first sixteen are whatever the user has chosen."""

from __future__ import annotations

_LEVELS = (0, 95, 135, 175, 215, 255)
_FIRST_GREY = 232


def xterm_colour(number: int) -> str:
    """Return what the terminal shows for one of its colours, from 16 on: ``#5f87af``."""
    if number >= _FIRST_GREY:
        grey = 8 + 10 * (number - _FIRST_GREY)
        return f"#{grey:02x}{grey:02x}{grey:02x}"
    cube = number - 16
    red, green, blue = _LEVELS[cube // 36], _LEVELS[cube // 6 % 6], _LEVELS[cube % 6]
    return f"#{red:02x}{green:02x}{blue:02x}"


def written_as(number: int) -> str:
    """Return the colour that Rich writes as ``number`` to a terminal with 256 colours.

    This is what the terminal shows for the number, except for light greys: Rich counts those in steps of 10.2, and
    would write the number before.
    """
    if number <= _FIRST_GREY + 14:
        return xterm_colour(number)
    grey = 8 + 10 * (number - _FIRST_GREY)
    while round(grey / 255 * 25) < number - _FIRST_GREY + 1:
        grey += 1
    return f"#{grey:02x}{grey:02x}{grey:02x}"
