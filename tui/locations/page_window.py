"""A window on the pages of a location: those near the cursor are loaded, the others can be loaded again when they are
needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from .kind import PAGE
from .rows import Row
from .steps import Steps

if TYPE_CHECKING:
    from .kind import ItemPage, PageSource

#: How many rows are kept; up to a page more may be.
MOST = 3 * PAGE
#: How many pages are loaded at most for what was a single page when it was first seen.
FURTHEST = 50


class _Part:
    """A page: its cursor, the cursor of the page after it, how many rows it had, and the rows themselves while they
    are loaded."""

    # Not a dataclass: defining one takes a millisecond of the start-up time.
    def __init__(self, cursor: str | None, following: str | None, rows: list[Row]) -> None:
        """``following`` is ``None`` if there is no page after it."""
        self.cursor = cursor
        self.following = following
        self.rows: list[Row] | None = rows
        self.count = len(rows)

    @property
    def keys(self) -> set[str]:
        return {row.key for row in self.rows or ()}

    def bare(self) -> _Part:
        """Return a copy without its rows."""
        part = _Part(self.cursor, self.following, [])
        part.rows, part.count = None, self.count
        return part


class PageWindow:
    """The pages seen so far, from the beginning of a location or, ``from_end``, from its end. Some of them, one after
    the other, are loaded as :attr:`rows`.

    The location may change in the meantime. Each page is requested by the cursor in the page before it, as it is loaded
    here, so that nothing is left out in between.
    """

    def __init__(
        self,
        source: PageSource | None = None,
        rows_of: Callable[[list[Any]], list[Row]] = lambda items: items,
        *,
        from_end: bool = False,
        order: str = "",
    ) -> None:
        """``order`` is what the pages are sorted by; empty if the user hasn't chosen it."""
        self._source = source
        self._rows_of = rows_of
        self.from_end = from_end
        self.order = order
        #: In the order in which they were first requested.
        self._parts: list[_Part] = []
        #: Which pages were loaded when the window was copied by :meth:`without_rows`, and the keys of the last one.
        self._were_loaded: list[int] = []
        self._last_keys: set[str] = set()
        self.total: int | None = None
        #: The loaded rows, in order.
        self.rows: list[Row] = []
        #: How many rows seen so far are above and below the loaded ones.
        self.above = self.below = 0
        #: Whether a page is being loaded. Only one is at a time.
        self.loading = False
        #: How many rows are kept; up to a page more may be.
        self.most = MOST

    @property
    def unseen(self) -> bool:
        """Whether there are pages not seen yet: below the seen ones, or above them if ``from_end``."""
        return self._source is not None and (not self._parts or self._parts[-1].following is not None)

    @property
    def was_requested(self) -> bool:
        """Whether its rows were requested, and can be requested again."""
        return bool(self._parts) and self._source is not None

    @property
    def from_start(self) -> bool:
        """Whether the first rows of the location are loaded."""
        return not self.more_above

    @property
    def more(self) -> bool:
        """Whether there is anything below the loaded rows."""
        return self.below > 0 or (self.unseen and not self.from_end)

    @property
    def more_above(self) -> bool:
        """Whether there are rows above the loaded ones, loaded before or not."""
        return self.above > 0 or (self.unseen and self.from_end)

    @property
    def whole(self) -> bool:
        """Whether all rows of the location are loaded."""
        return self.from_start and not self.more

    @property
    def nearly_whole(self) -> bool:
        """Whether about a page is all that hasn't been seen yet, below."""
        return not self.from_end and self.total is not None and self.total - self.seen <= PAGE

    @property
    def seen(self) -> int:
        """How many rows were seen so far."""
        return self.above + len(self.rows) + self.below

    @property
    def window(self) -> tuple[int, list[int]]:
        """The number of pages seen, and the indexes of the loaded ones, in the order of requests."""
        return len(self._parts), self._loaded_indexes()

    def reverses(self, other: PageWindow) -> bool:
        """Return whether its rows, from the end, differ from those from the beginning of ``other``: a server that
        doesn't know the reverse order returns the same ones, which are of no use then."""
        last = self.rows[-1].key if self.rows else ""
        first = other._parts[0].rows if other._parts and not other.from_end else None
        return bool(self.rows) and all(row.key != last for row in (first or ())[:-1])

    def put(self, rows: list[Row]) -> None:
        """Show rows that were loaded in another way, as if there were no others."""
        self._parts = [_Part(None, None, rows)]
        self._gather()

    # ------------------------------------------------------------ pages

    def down(self) -> Steps[None]:
        """Load the page below the loaded rows. Raises :class:`Problem`."""
        self.loading = True
        try:
            yield from (self._nearer() if self.from_end else self._further())
        finally:
            self.loading = False

    def up(self) -> Steps[int]:
        """Load the page above the loaded rows. Return by how many rows all others have moved away from the first seen
        row.

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
        loaded = self._loaded_indexes()
        cursor = self._parts[loaded[-1]].following if loaded else None
        if loaded and cursor is None:
            return 0
        part = yield from self._load(cursor)
        self._forget(part.keys)
        self._put(part, loaded[-1] + 1 if loaded else 0)
        self._drop(first=True)
        self._gather()
        return part.count

    def _nearer(self) -> Steps[int]:
        loaded = self._loaded_indexes()
        if not loaded or loaded[0] == 0:
            return 0
        index, below, total = loaded[0] - 1, self._parts[loaded[0]], self.total
        known = {row.key for row in self.rows}
        edge = self.rows[-1 if self.from_end else 0].key if self.rows else ""
        part = yield from self._load(self._parts[index].cursor)
        # So much may have been inserted that one page is several by now: those further away only count as seen.
        between, came = [part], part.keys
        while part.following is not None and edge not in part.keys:
            # Counted pages end where they did, whatever was inserted, as long as the total is the same.
            if part.following == below.cursor and total == self.total:
                break
            if len(between) >= FURTHEST:
                # Continue as if the user had paged here: what is further down is loaded again.
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
        """Load the page at ``cursor`` (``None``: the first), its rows in the order of the location."""
        assert self._source is not None
        page: ItemPage = yield partial(self._source, cursor)
        rows = list(self._rows_of(page.items))
        if self.from_end:
            rows.reverse()
        self.total = page.total if page.total is not None else self.total
        return _Part(cursor, page.cursor, rows)

    def _forget(self, keys: set[str]) -> None:
        """Remove rows that were loaded elsewhere from where they were."""
        for part in self._parts:
            if not keys.isdisjoint(part.keys):
                part.rows = [row for row in part.rows or () if row.key not in keys]
                part.count = len(part.rows)

    def _put(self, part: _Part, index: int) -> None:
        """Put a page in its position; if it is the last one, any pages after it are removed."""
        self._parts[index : index + 1] = [part]
        if part.following is None:
            del self._parts[index + 1 :]

    def reload(self) -> Steps[PageWindow]:
        """Load the same pages again, and more if something was inserted between them. Raises :class:`Problem`."""
        fresh = self.without_rows()
        index, *others = fresh._were_loaded
        wanted = 1 + len(others)
        known: set[str] = set()
        cursor = fresh._parts[index].cursor
        while True:
            part = yield from fresh._load(cursor)
            fresh._forget(part.keys)
            fresh._put(part, index)
            known |= part.keys
            index, wanted, cursor = index + 1, wanted - 1, part.following
            connected = not fresh._last_keys or not fresh._last_keys.isdisjoint(known)
            if cursor is None or (wanted <= 0 and (connected or len(known) >= self.most)):
                break
        fresh._gather()
        return fresh

    def without_rows(self) -> PageWindow:
        """Return a copy without its rows: what :meth:`reload` needs to know."""
        bare = PageWindow(self._source, self._rows_of, from_end=self.from_end, order=self.order)
        loaded = self._loaded_indexes()
        bare.most, bare.total, bare._were_loaded = self.most, self.total, loaded or self._were_loaded
        last = self._parts[loaded[-1]].rows if loaded else None
        bare._last_keys = {row.key for row in last} if last else self._last_keys
        if bare._were_loaded:
            bare._parts = [part.bare() for part in self._parts[: bare._were_loaded[-1] + 1]]
        return bare

    def _loaded_indexes(self) -> list[int]:
        return [index for index, part in enumerate(self._parts) if part.rows is not None]

    def _drop(self, *, first: bool) -> None:
        """Unload pages at one end while there are too many rows without them."""
        loaded = self._loaded_indexes()
        rows = sum(self._parts[index].count for index in loaded)
        while rows - self._parts[loaded[0 if first else -1]].count >= self.most:
            part = self._parts[loaded.pop(0 if first else -1)]
            rows -= part.count
            part.rows = None

    def _gather(self) -> None:
        loaded = self._loaded_indexes()
        parts = [self._parts[index] for index in loaded]
        before = sum(part.count for part in self._parts[: loaded[0]]) if loaded else 0
        behind = sum(part.count for part in self._parts[loaded[-1] + 1 :]) if loaded else 0
        self.above, self.below = (behind, before) if self.from_end else (before, behind)
        self.rows = [row for part in (parts[::-1] if self.from_end else parts) for row in part.rows or ()]

    # ------------------------------------------------------------ rows

    def replace(self, row: Row) -> None:
        """Replace the row that has the same key."""
        for part in self._parts:
            if part.rows is not None:
                part.rows = [row if old.key == row.key else old for old in part.rows]
        self._gather()

    def drop(self, keys: set[str]) -> None:
        """Remove rows that are no longer in the location."""
        before = len(self.rows)
        self._forget(keys)
        self._gather()
        if self.total is not None:
            self.total = max(self.total - (before - len(self.rows)), 0)
