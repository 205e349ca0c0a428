"""Sorting the list, selecting all of its rows, including those that aren't loaded, and checking whether selected rows
still exist."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from ...locations.rows import Row, flipped
from .list_state import MOST_SEARCHED
from .more_rows import change_filter
from .windows import first_rows, window_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...locations.kind import LocationKind
    from ...locations.location import Location
    from ...locations.steps import Steps
    from .browser_state import BrowserState

#: How many rows "select all" selects at most; what is then done with them is done one by one.
MOST_SELECTED = 2000


def sort(browser: BrowserState, order: str) -> Steps[None]:
    """Show the location in another order. Raises :class:`Problem`; the previous order is kept then."""
    location, state = browser.location, browser.list
    if location is None:
        return
    before = state.window.order
    state.set_order(location, order)
    try:
        window = yield from first_rows(browser, location)
    except BaseException:
        if state.order_of(location) == order:
            state.set_order(location, before)
        raise
    if not _is_in_order(browser.kind, order, window.rows):
        window.order = ""
        state.set_order(location, "")
        browser.view.say("This server can't sort by that column.", "warn")
    else:
        columns = browser.view.table.model.columns
        column = next(column for column in columns if column.sort in (order, flipped(order)))
        browser.view.say(f"Sorted by {column.title}, {column.way_of(order)}.")
    state.window = window
    if state.needle:
        change_filter(browser, state.needle)
    browser.show_rows(at=0)
    browser.jobs.start("put in order", lambda: put_in_order(browser))


def _is_in_order(kind: LocationKind, order: str, rows: list[Row]) -> bool:
    """Return whether documents of Work came in the requested order: not every server supports it."""
    if order.lstrip("-") != "edited":
        return True
    moments = [moment for row in rows if (moment := kind.edited_at(row.data))]
    if order.startswith("-"):
        moments.reverse()
    return all(one <= other for one, other in pairwise(moments))


def are_too_many(selected: set[str]) -> bool:
    """Return whether more rows are selected than "select all" may select."""
    return len(selected) > MOST_SELECTED


def select_rest(browser: BrowserState, before: set[str], at_first: set[str]) -> Steps[None]:
    """Select the rows beyond the loaded ones, which are selected already: ``at_first`` are the keys selected so far,
    and ``before`` those selected before that. If these are too many, the first of them are selected, as far as there is
    room besides what was selected before."""
    state, table, location = browser.list, browser.view.table, browser.location
    needle = state.needle
    if location is None:
        return
    order, rows = None, list[Row]()
    # If the list is sorted while this is under way, load the rows in the new order.
    while order != state.order_of(location):
        order = state.order_of(location)
        rows = yield from _rows_from_start(browser, location, needle)
    deselected = at_first - table.model.selected
    matching = {row.key: row for row in rows if row.key not in deselected}
    # Rows that were selected before the filter or during this request stay selected.
    kept = (before if needle else set[str]()) | (table.model.selected - at_first)
    others = [row for row in table.model.chosen if row.key in kept - matching.keys()]
    new = [key for key in matching if key not in kept]
    room = max(MOST_SELECTED - len(others) - (len(matching) - len(new)), 0)
    for key in new[room:]:
        del matching[key]
    table.select_only([*matching.values(), *others])
    if len(new) > room:
        selected = f"Selected {MOST_SELECTED:,} rows, the maximum."
        already = f"{len(kept):,} rows are selected already; {MOST_SELECTED:,} is the maximum."
        browser.view.say(selected if room else already, "warn")
    verify_selection(browser)


def put_in_order(browser: BrowserState) -> Steps[None]:
    """Put the selected rows into the order of the list, if not all of them are loaded."""
    table, location, selected = browser.view.table, browser.location, browser.view.table.model.selected
    loaded = {row.key for row in table.model.rows}
    if location is None or len(selected) < 2 or selected <= loaded:
        return
    rows = yield from _rows_from_start(browser, location, "", selected)
    selected = table.model.selected
    ordered = {row.key: row for row in rows if row.key in selected}
    # Prefer the rows known here, which may be newer.
    known = {row.key: row for row in table.model.chosen}
    table.select_only({**ordered, **known}.values())


def _rows_from_start(
    browser: BrowserState, location: Location, needle: str, wanted: set[str] | None = None
) -> Steps[list[Row]]:
    """Load the rows of a location that match the filter, until all of those ``wanted`` are among them; if all rows are
    wanted, at most one page more than can be selected."""
    by_server = browser.kind.finds(needle)
    window = window_of(browser, location, needle if by_server else "")
    rows: dict[str, Row] = {}
    while window.more and len(rows) <= MOST_SELECTED and (wanted is None or not wanted <= rows.keys()):
        if not by_server and needle and window.seen >= MOST_SEARCHED:
            break
        yield from window.down()
        columns = len(browser.view.table.model.columns)
        matching = window.rows if by_server else browser.kind.filtered(window.rows, needle, columns)
        rows |= {row.key: row for row in matching if row.selectable}
    return list(rows.values())


def select_again(browser: BrowserState, rows: Sequence[Row]) -> None:
    """Select rows again, besides those that are selected now, except those that no longer exist."""
    table, state = browser.view.table, browser.list
    table.select_only([*(table.model.chosen if table.model.selected else ()), *rows])
    state.unverified |= {row.key for row in rows} - state.known_keys
    verify_selection(browser)


def verify_selection(browser: BrowserState) -> None:
    """Check the selected rows that may no longer exist, and deselect those that don't."""
    table, state = browser.view.table, browser.list
    # While "select all" is under way, some of them may not be selected yet.
    if not browser.jobs.under_way("select"):
        state.unverified &= table.model.selected
    if state.unverified & table.model.selected:
        browser.jobs.start("verify", lambda: verify(browser))


def verify(browser: BrowserState) -> Steps[None]:
    """Check the selected rows that may no longer exist, and deselect those that don't."""
    table, state = browser.view.table, browser.list
    while browser.location is not None and (to_verify := state.unverified & table.model.selected):
        rows = [row for row in table.model.chosen if row.key in to_verify]
        missing = yield partial(browser.session.missing_rows, browser.location, rows)
        # A row that was marked again during this request isn't worth another one.
        state.unverified -= to_verify
        table.forget({row.key for row, is_gone in zip(rows, missing, strict=True) if is_gone})
