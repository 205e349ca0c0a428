"""Short and long forms of a test: ``.ci/run`` plays the short one, ``.ci/long`` (``LONG=true``) one of more cases.

The short one has a case of each kind. More of them search what no one has thought of, and find it as well once a week.
"""

from __future__ import annotations

import os
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

import pytest

IS_LONG = os.environ.get("LONG") == "true"
T = TypeVar("T")

#: Marks a test, a class or the cases of a parameter that are played in the long form only: of their kind, another one
#: is in the short form.
more = pytest.mark.more
#: ``@few(2)``: of a test's cases, whatever they are parameters of, so many are in the short form, evenly spread.
few = pytest.mark.few
#: Marks the databases of a parameter: in the short form, each case is played on one of them.
in_turn = pytest.mark.in_turn
#: Of so many cases, one is played on PostgreSQL, which costs more.
_ON_POSTGRES = 3


def cases(short: int, many: int) -> int:
    """How many cases to play: ``short`` in the short form, or ``many``."""
    return many if IS_LONG else short


def in_long(*values: T) -> tuple[T, ...]:
    """Further cases, which only the long form plays."""
    return values if IS_LONG else ()


def telling(values: Iterable[T], *chosen: T) -> list[T]:
    """The cases to play: those that were chosen of ``values``, or all of them in the long form."""
    found = list(values)
    assert all(each in found for each in chosen), f"{chosen} are not among {found}"
    return found if IS_LONG else list(chosen)


def some(count: int, values: Iterable[T]) -> list[T]:
    """The cases to play: a few of ``values``, evenly spread from the first to the last, or all in the long form."""
    found = list(values)
    return found if IS_LONG else spread(count, found)


def spread(count: int, found: Sequence[T]) -> list[T]:
    """As many of them as ``count``, evenly spread from the first to the last."""
    if count >= len(found):
        return list(found)
    last = max(1, count - 1)
    return [found[number * (len(found) - 1) // last] for number in range(count)]


def of_short_form(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The tests that the short form plays."""
    kept = [item for item in items if not item.get_closest_marker(more.name) and _is_its_turn(item)]
    of_few: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in kept:
        if item.get_closest_marker(few.name):
            of_few[item.nodeid.partition("[")[0]].append(item)
    left_out: set[pytest.Item] = set()
    for its in of_few.values():
        mark = its[0].get_closest_marker(few.name)
        assert mark is not None
        left_out.update(set(its) - set(spread(mark.args[0], its)))
    return [item for item in kept if item not in left_out]


def _is_its_turn(item: pytest.Item) -> bool:
    """Whether a case is played on this database, if it is one that takes turns."""
    if not item.get_closest_marker(in_turn.name):
        return True
    case = re.sub(r"\b(sqlite|postgres)\b", "", item.nodeid)
    return ("postgres" in item.nodeid) == (zlib.crc32(case.encode()) % _ON_POSTGRES == 0)
