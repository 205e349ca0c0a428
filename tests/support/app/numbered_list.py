"""A list of numbers, of which any may come and go, and the window on it."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from typing import Any

from tests.support.app.performed import performed
from tui.locations.kind import ItemPage
from tui.locations.page_window import PageWindow
from tui.locations.rows import Row

#: Rows of a page, and the most that a window keeps.
PAGE = 3
MOST = 7


class Source:
    """Sorted numbers, served in pages: the cursor is the last number of the previous page, or a count."""

    def __init__(self, numbers: set[int], *, counted: bool = False, reverse: bool = False) -> None:
        self.numbers = set(numbers)
        self.counted = counted
        self.reverse = reverse

    @property
    def all(self) -> list[int]:
        return sorted(self.numbers, reverse=self.reverse)

    async def page(self, cursor: str | None) -> ItemPage:
        every = self.all
        if cursor is None:
            start = 0
        elif self.counted:
            start = int(cursor)
        else:
            start = bisect_right(every, -int(cursor) if self.reverse else int(cursor), key=self._place)
        items = every[start : start + PAGE]
        more = start + PAGE < len(every)
        following = (str(start + PAGE) if self.counted else str(items[-1])) if more else None
        found: list[Any] = list(items)
        return ItemPage(found, following, len(every))

    def _place(self, number: int) -> int:
        return -number if self.reverse else number

    def view(self) -> PageWindow:
        """The window on it, with at most :data:`MOST` rows. Nothing is loaded yet."""
        view = PageWindow(self.page, lambda items: [Row(f"{n:05}", ()) for n in items], from_end=self.reverse)
        view.most = MOST
        return view


def numbers(view: PageWindow) -> list[int]:
    """The numbers that are loaded."""
    return [int(row.key) for row in view.rows]


def piece(source: Source, first: int, last: int) -> list[int]:
    """What the source has from ``first`` to ``last``."""
    return [n for n in sorted(source.numbers) if first <= n <= last]


def loaded(view: PageWindow, pages: int, *, up: bool = False) -> PageWindow:
    """The window after that many more pages."""
    for _ in range(pages):
        asyncio.run(performed(view.up() if up else view.down()))
    return view


def asked_of(view: PageWindow) -> list[str | None]:
    """The cursors that are requested from now on."""
    asked: list[str | None] = []
    source = view._source
    assert source is not None

    async def page(cursor: str | None) -> ItemPage:
        asked.append(cursor)
        return await source(cursor)

    view._source = page
    return asked
