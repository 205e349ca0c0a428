"""A window on the pages of a location: those near the cursor are here, the others are had again
when they are wanted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from .rows import Row
from .steps import Steps

if TYPE_CHECKING:
    from .kind import ItemPage, PageSource

#: So many rows are kept, and no more than a page beyond them.
MOST = 600
_LITTLE = 200
#: So many pages are looked through for what was one page when it was seen.
FURTHEST = 50


class _Part:
    """A page: the cursor that gives it, the one that gives the page behind it, how many rows it had, and they, while
    they are here."""

    # No dataclass: making one takes a millisecond of the start.
    def __init__(self, cursor: str | None) -> None:
        self.cursor = cursor
        #: ``None`` where there is no page behind it.
        self.following: str | None = None
        self.count = 0
        self.rows: list[Row] | None = None

    @property
    def keys(self) -> set[str]:
        return {row.key for row in self.rows or ()}

    def bare(self) -> _Part:
        """The same without its rows."""
        part = _Part(self.cursor)
        part.following, part.count = self.following, self.count
        return part


class PageWindow:
    """Pages from the beginning of a place on or, ``from_end``, from its end on: those that were seen, of which some,
    one behind the other, are here as :attr:`rows`.

    What is in the place may change meanwhile. A page is asked for by what the one before it, as it is here, says of
    the next: so nothing is left out between them.
    """

    def __init__(
        self,
        source: PageSource | None = None,
        rows_of: Callable[[list[Any]], list[Row]] = lambda items: items,
        *,
        from_end: bool = False,
        order: str = "",
    ) -> None:
        """``order`` is what its pages are sorted by, empty where nobody has chosen it."""
        self._source = source
        self._rows_of = rows_of
        self.from_end = from_end
        self.order = order
        #: In the order in which they were asked for.
        self._parts: list[_Part] = []
        #: Which of them were here when their rows were left behind, and the keys of the last one.
        self._were_here: list[int] = []
        self._last_keys: set[str] = set()
        self.total: int | None = None
        #: The rows that are here, in their order.
        self.rows: list[Row] = []
        #: How many rows that were seen are above and below them.
        self.above = self.below = 0
        #: Whether a page is under way. There is one at a time.
        self.loading = False
        #: So many rows are kept, and no more than a page beyond them.
        self.most = MOST

    @property
    def unseen(self) -> bool:
        """Whether there are pages that were not seen yet; they are below those that were, ``from_end`` above."""
        return self._source is not None and (not self._parts or self._parts[-1].following is not None)

    @property
    def asked(self) -> bool:
        """Whether its rows were asked for, and can be again."""
        return bool(self._parts) and self._source is not None

    @property
    def from_start(self) -> bool:
        """Whether the first rows of the place are here."""
        return not self.more_above

    @property
    def more(self) -> bool:
        """Whether there is anything below the rows that are here."""
        return self.below > 0 or (self.unseen and not self.from_end)

    @property
    def more_above(self) -> bool:
        return self.above > 0 or (self.unseen and self.from_end)

    @property
    def whole(self) -> bool:
        """Whether all rows of the place are here."""
        return self.from_start and not self.more

    @property
    def nearly_whole(self) -> bool:
        """Whether a page or so is all that was not seen yet, below."""
        return not self.from_end and self.total is not None and self.total - self.seen <= _LITTLE

    @property
    def seen(self) -> int:
        """How many rows were seen so far."""
        return self.above + len(self.rows) + self.below

    @property
    def window(self) -> tuple[int, int, int]:
        """How many pages were seen, and the first and the last of those that are here, in the order of their seeing."""
        here = self._here()
        return (len(self._parts), *((here[0], here[-1]) if here else (-1, -1)))

    def reverses(self, other: PageWindow) -> bool:
        """Whether its rows, from the end on, are others than those from the beginning of ``other``: a server that
        does not know the order gives the same ones, and then these are of no use."""
        last = self.rows[-1].key if self.rows else ""
        first = other._parts[0].rows if other._parts and not other.from_end else None
        return bool(self.rows) and all(row.key != last for row in (first or ())[:-1])

    def put(self, rows: list[Row]) -> None:
        """Shows rows that came otherwise, as all that there is."""
        part = _Part(None)
        part.rows, part.count = rows, len(rows)
        self._parts = [part]
        self._gather()

    # ------------------------------------------------------------ pages

    def down(self) -> Steps[None]:
        """Loads the page below the rows that are here. Raises :class:`Problem`."""
        self.loading = True
        try:
            yield from (self._nearer() if self.from_end else self._further())
        finally:
            self.loading = False

    def up(self) -> Steps[int]:
        """Loads the page above; answers by how many rows all others are further from the first one that was seen.

        Raises :class:`Problem`.
        """
        self.loading = True
        try:
            before, old = self.above, [row.key for row in self.rows]
            came = yield from (self._further() if self.from_end else self._nearer())
        finally:
            self.loading = False
        now = {row.key: index for index, row in enumerate(self.rows)}
        for index, key in enumerate(old):
            if key in now:
                return self.above + now[key] - before - index
        return self.above + came - before

    def _further(self) -> Steps[int]:
        here = self._here()
        if not here:
            cursor = self._parts[0].cursor if self._parts else None
        elif (cursor := self._parts[here[-1]].following) is None:
            return 0
        part = yield from self._load(cursor)
        self._forget(part.keys)
        self._put(part, here[-1] + 1 if here else 0)
        self._drop(first=True)
        self._gather()
        return part.count

    def _nearer(self) -> Steps[int]:
        here = self._here()
        if not here or here[0] == 0:
            return 0
        index, below, total = here[0] - 1, self._parts[here[0]], self.total
        known = {row.key for row in self.rows}
        edge = self.rows[-1 if self.from_end else 0].key if self.rows else ""
        part = yield from self._load(self._parts[index].cursor)
        # As much may have come into what was one page that it is several by now: those further away are seen only.
        between, came = [part], part.keys
        while part.following is not None and edge not in part.keys:
            # Counted pages end where they did, whatever has come, as long as as much is there.
            if part.following == below.cursor and total == self.total:
                break
            if len(between) >= FURTHEST:
                # As if one had come here by its pages: what is further down is had again.
                del self._parts[index + 1 :]
                break
            nearer = yield from self._load(part.following)
            if nearer.keys and nearer.keys <= known:
                break
            came |= nearer.keys
            between[-1] = part.bare()
            between.append(nearer)
            part = nearer
        self._forget(came)
        below.cursor = part.following if part.following is not None else below.cursor
        self._parts[index : index + 1] = between
        self._drop(first=False)
        self._gather()
        return part.count

    def _load(self, cursor: str | None) -> Steps[_Part]:
        """A page."""
        assert self._source is not None
        page: ItemPage = yield partial(self._source, cursor)
        part = _Part(cursor)
        part.following = page.cursor
        part.rows = list(self._rows_of(page.items))
        if self.from_end:
            part.rows.reverse()
        part.count = len(part.rows)
        self.total = page.total if page.total is not None else self.total
        return part

    def _forget(self, keys: set[str]) -> None:
        """What has come elsewhere is no longer where it was."""
        for part in self._parts:
            if part.rows is not None and not keys.isdisjoint(part.keys):
                part.rows = [row for row in part.rows if row.key not in keys]
                part.count = len(part.rows)

    def _put(self, part: _Part, index: int) -> None:
        """Puts a page where it belongs; there are none behind the last one."""
        self._parts[index : index + 1] = [part]
        if part.following is None:
            del self._parts[index + 1 :]

    def again(self) -> Steps[PageWindow]:
        """The same pages, asked for anew, and more where something has come between them. Raises :class:`Problem`."""
        fresh = self.left()
        index, *others = fresh._were_here or [0]
        wanted = 1 + len(others)
        known: set[str] = set()
        cursor = fresh._parts[index].cursor
        while True:
            part = yield from fresh._load(cursor)
            fresh._forget(part.keys)
            fresh._put(part, index)
            known |= part.keys
            index, wanted, cursor = index + 1, wanted - 1, part.following
            met = not fresh._last_keys or not fresh._last_keys.isdisjoint(known)
            if cursor is None or (wanted <= 0 and (met or len(known) >= self.most)):
                break
        fresh._gather()
        return fresh

    def left(self) -> PageWindow:
        """The same without its rows: what :meth:`again` needs to know."""
        bare = PageWindow(self._source, self._rows_of, from_end=self.from_end, order=self.order)
        here = self._here()
        bare.most, bare.total, bare._were_here = self.most, self.total, here or self._were_here
        last = self._parts[here[-1]].rows if here else None
        bare._last_keys = {row.key for row in last} if last else self._last_keys
        bare._parts = [
            part.bare() for part in self._parts[: bare._were_here[-1] + 1 if bare._were_here else 0]
        ]
        return bare

    def _here(self) -> list[int]:
        return [index for index, part in enumerate(self._parts) if part.rows is not None]

    def _drop(self, *, first: bool) -> None:
        """Forgets pages at one end, as long as there are too many rows."""
        here = self._here()
        rows = sum(self._parts[index].count for index in here)
        while len(here) > 1 and rows - self._parts[here[0 if first else -1]].count >= self.most:
            part = self._parts[here.pop(0 if first else -1)]
            rows -= part.count
            part.rows = None

    def _gather(self) -> None:
        here = self._here()
        parts = [self._parts[index] for index in here]
        before = sum(part.count for part in self._parts[: here[0]]) if here else 0
        behind = sum(part.count for part in self._parts[here[-1] + 1 :]) if here else 0
        self.above, self.below = (behind, before) if self.from_end else (before, behind)
        self.rows = [row for part in (parts[::-1] if self.from_end else parts) for row in part.rows or ()]

    # ------------------------------------------------------------ rows

    def replace(self, row: Row) -> None:
        """Puts another row in the place of the one with its key."""
        for part in self._parts:
            if part.rows is not None:
                part.rows = [row if old.key == row.key else old for old in part.rows]
        self._gather()

    def drop(self, keys: set[str]) -> None:
        """Takes rows away that are no longer in the place."""
        before = len(self.rows)
        self._forget(keys)
        self._gather()
        if self.total is not None:
            self.total = max(self.total - (before - len(self.rows)), 0)
