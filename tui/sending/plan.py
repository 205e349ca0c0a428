"""The plan of a send: what to send, under which names, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ..rules import names
from ..rules.errors import InvalidValue
from ..rules.text import printable
from .sources import SendSource


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A document of a plan, and what its link's file is called."""

    source: SendSource
    link_name: str


class Plan:
    """The rows of a send, in the order of its links. Every change can be undone."""

    def __init__(self, sources: Iterable[SendSource] = (), typed: Mapping[int, str] | None = None) -> None:
        """``typed`` are link names that the user typed for some of the sources, by index.

        Raises :class:`InvalidValue` if one of them is invalid or not unique.
        """
        found = list(sources)
        link_names = {i: names.typed(name, found[i].extension) for i, name in (typed or {}).items()}
        others = [i for i in range(len(found)) if i not in link_names]
        link_names |= zip(
            others, names.unique(names.clean(found[i].name, found[i].extension) for i in others), strict=True
        )
        if typed:
            names.check_distinct([link_names[i] for i in range(len(found))])
        self._rows = tuple(PlanRow(source, link_names[i]) for i, source in enumerate(found))
        self._undo_stack: list[tuple[PlanRow, ...]] = []

    @classmethod
    def of(cls, rows: Iterable[PlanRow]) -> Plan:
        """Create a plan from existing rows."""
        plan = cls()
        plan._rows = tuple(rows)
        return plan

    @property
    def rows(self) -> tuple[PlanRow, ...]:
        """In the order of the links; replaced, never changed, when the plan changes."""
        return self._rows

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to undo."""
        return self.changes > 0

    @property
    def changes(self) -> int:
        """How many changes can be undone."""
        return len(self._undo_stack)

    @property
    def total(self) -> int:
        """The bytes of all rows."""
        return sum(row.source.size for row in self._rows)

    def rename(self, index: int, typed: str) -> str:
        """Give the row the link name that results from ``typed``. Returns that name.

        Raises :class:`InvalidValue` and leaves the row unchanged if the name is invalid or another row has it.
        """
        new = self.check_name(index, typed)
        if new != self._rows[index].link_name:
            rows = list(self._rows)
            rows[index] = replace(rows[index], link_name=new)
            self._change(rows)
        return new

    def check_name(self, index: int, typed: str) -> str:
        """Check a name as :meth:`rename` does, without changing the row: for validation while the user types."""
        edited, extension = self._rows[index], self._rows[index].source.extension
        new = names.typed(names.retyped(typed, edited.link_name, extension), extension)
        for other, row in enumerate(self._rows):
            if other != index and names.key(row.link_name) == names.key(new):
                raise InvalidValue(
                    "name.taken",
                    f"The name {printable(new)} is taken by row {other + 1}; choose another.",
                    "name",
                )
        return new

    def move(self, index: int, by: int) -> int:
        """Move the row down by ``by`` (up if negative), at most to the end of the list. Returns its new index."""
        new = min(max(index + by, 0), len(self._rows) - 1)
        if new != index:
            rows = list(self._rows)
            rows.insert(new, rows.pop(index))
            self._change(rows)
        return new

    def remove(self, index: int) -> PlanRow:
        """Remove and return the row."""
        rows = list(self._rows)
        removed = rows.pop(index)
        self._change(rows)
        return removed

    def undo(self) -> bool:
        """Undo the last rename, move or removal. Returns False if there is none."""
        if not self._undo_stack:
            return False
        self._rows = self._undo_stack.pop()
        return True

    def _change(self, rows: list[PlanRow]) -> None:
        self._undo_stack.append(self._rows)
        self._rows = tuple(rows)
