"""Collecting what is found, so that each finished part can be sent before the next one is begun."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ...rules.carried import KINDS, MOST_CHARACTERS, MOST_VALUES, CarriedLevel

#: The most different names and places that are counted for one finding.
_MOST_COUNTED = 200
_MOST_COUNT = 2**31 - 1


class _Found:
    def __init__(self) -> None:
        self.count = 0
        self.who: Counter[str] = Counter()
        self.where: Counter[str] = Counter()
        self.values: dict[str, None] = {}


class Findings:
    """What was found so far, by kind, level and certainty; and the parts that weren't looked at."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, CarriedLevel, bool], _Found] = {}
        self.not_looked_at: dict[str, None] = {}

    def add(
        self,
        kind: str,
        count: int = 1,
        *,
        who: str | None = None,
        where: str = "",
        value: str | None = None,
        level: CarriedLevel | None = None,
        certain: bool = True,
    ) -> None:
        """Count something that was found. ``level`` is that of its kind unless given."""
        if count <= 0:
            return
        key = (kind, level or KINDS[kind].level, certain)
        found = self._found.setdefault(key, _Found())
        found.count += count
        _count(found.who, who, count)
        _count(found.where, where, count)
        if value and value.strip() and len(found.values) < MOST_VALUES:
            found.values[value.strip()[:MOST_CHARACTERS]] = None

    def note(self, kind: str, where: str) -> None:
        """Count a place of what was found already."""
        found = self._found.get((kind, KINDS[kind].level, True))
        if found is not None:
            _count(found.where, where, 1)

    def count_of(self, kind: str) -> int:
        """How many of a kind were found."""
        return sum(found.count for (name, *_), found in self._found.items() if name == kind)

    def leave_out(self, part: str) -> None:
        """Note that a part wasn't looked at."""
        if len(self.not_looked_at) < MOST_VALUES:
            self.not_looked_at[part[:MOST_CHARACTERS]] = None

    def take(self) -> dict[str, Any]:
        """What was found since this was last called, as a message; those findings are forgotten here."""
        found, self._found = self._found, {}
        order = {name: place for place, name in enumerate(KINDS)}
        records = [
            {
                "kind": kind,
                "class": str(level),
                "count": min(one.count, _MOST_COUNT),
                "certain": certain,
                "who": dict(one.who.most_common(MOST_VALUES)),
                "where": dict(one.where.most_common(MOST_VALUES)),
                "values": list(one.values),
            }
            for (kind, level, certain), one in sorted(found.items(), key=lambda item: order[item[0][0]])
        ]
        left_out, self.not_looked_at = list(self.not_looked_at), {}
        return {"findings": records, "not_looked_at": left_out}


def _count(counter: Counter[str], name: str | None, count: int) -> None:
    name = (name or "").strip()[:MOST_CHARACTERS]
    if name and (name in counter or len(counter) < _MOST_COUNTED):
        counter[name] += count
