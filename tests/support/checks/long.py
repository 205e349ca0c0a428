"""Short and long forms of a test: ``.ci/run`` plays the short one, ``.ci/long`` (``LONG=true``) one of more cases.

The short one has a case of each kind. More of them search what no one has thought of, and find it as well once a week.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TypeVar

import pytest

IS_LONG = os.environ.get("LONG") == "true"
T = TypeVar("T")

#: Marks a test, a class or the cases of a parameter that are played in the long form only: of their kind, another one
#: is in the short form.
more = pytest.mark.more


def cases(few: int, many: int) -> int:
    """How many cases to play: ``few``, or ``many`` in the long form."""
    return many if IS_LONG else few


def in_long(*values: T) -> tuple[T, ...]:
    """Further cases, which only the long form plays."""
    return values if IS_LONG else ()


def telling(values: Iterable[T], *chosen: T) -> list[T]:
    """The cases to play: those that were chosen of ``values``, or all of them in the long form."""
    found = list(values)
    assert all(each in found for each in chosen), f"{chosen} are not among {found}"
    return found if IS_LONG else list(chosen)


def some(few: int, values: Iterable[T]) -> list[T]:
    """The cases to play: a few of ``values``, evenly spread from the first to the last, or all in the long form."""
    found = list(values)
    if IS_LONG or few >= len(found):
        return found
    last = max(1, few - 1)
    return [found[number * (len(found) - 1) // last] for number in range(few)]
