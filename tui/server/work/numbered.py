"""Pages that are found by numbers first, and read then."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select

from . import lookup
from .pages import Part, Values

# So often a page is looked for that somebody deletes from.
_TRIES = 5


class NumberedPart(Part):
    """A part whose rows are read by a statement of its own: that is the same for all, and is planned once. The last
    of its keys is the number."""

    @abstractmethod
    async def numbers(self, after: Values | None, limit: int, offset: int) -> list[int]:
        """The numbers of a page's rows."""

    @abstractmethod
    def rows_query(self) -> Select[Any]:
        """All rows that there can be, in no order."""

    async def fetch(self, after: Values | None, limit: int, offset: int) -> Sequence[Row[Any]]:
        rows: Sequence[Row[Any]] = []
        for _ in range(_TRIES):
            numbers = await self.numbers(after, limit, offset)
            if not numbers:
                return []
            query = self.rows_query().where(lookup.among(self.connection, self.keys[-1], numbers))
            rows = (await self.connection.execute(self.order.apply(query, self.keys, None))).all()
            # What was deleted meanwhile is missing, and a page that is not full would be taken for the last one.
            if len(rows) == len(numbers):
                break
        return rows
