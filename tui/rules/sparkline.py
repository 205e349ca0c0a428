"""Numbers as a line of bars, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

_NONE, _LEVELS = "▁", "▂▃▄▅▆▇█"


def sparkline(numbers: Sequence[int]) -> str:
    """A bar for each number: the lowest for 0 and nothing else, the highest for the largest."""
    most = max(numbers, default=0)
    return "".join(
        _LEVELS[(number * len(_LEVELS) - 1) // most] if number > 0 else _NONE for number in numbers
    )
