"""What is chosen of the list: its order, and all of its rows, also those of its pages that are not here."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ..locations.rows import Row, flipped
from .list_state import MOST_LOOKED_AT, holding

if TYPE_CHECKING:
    from ..locations.location import Location
    from ..locations.steps import Steps
    from .browser import Browser

#: So many rows can be selected by one key; what is done with them is done one by one.
MOST_SELECTED = 2000


def sort(browser: Browser, order: str) -> Steps[None]:
    """Shows the location in another order. Raises :class:`Problem`; the order is then that of before."""
    location, state = browser.location, browser.list
    if location is None:
        return
    before = state.window.order
    state.set_order(location, order)
    try:
        window = yield from browser.first_rows(location)
    except BaseException:
        if state.order_of(location) == order:
            state.set_order(location, before)
        raise
    if not _is_kept(order, window.rows):
        window.order = ""
        state.set_order(location, "")
        browser.view.say("This server has an order of its own.", "warn")
    else:
        columns = browser.view.table.model.columns
        title = next(column.title for column in columns if column.sort in (order, flipped(order)))
        browser.view.say(f"Sorted by {title}, {'descending' if order.startswith('-') else 'ascending'}.")
    state.window = window
    if state.needle:
        browser.type(state.needle)
    browser.show_rows(at=0)
    browser.jobs.start("put in order", lambda: put_in_order(browser))


def _is_kept(order: str, rows: list[Row]) -> bool:
    """Whether documents of Work came in the order that was asked for: not every server knows one."""
    if order.lstrip("-") != "edited":
        return True
    moments = [moment for row in rows if (moment := getattr(row.data, "edit_date", None))]
    if order.startswith("-"):
        moments.reverse()
    return all(one <= other for one, other in pairwise(moments))


def select_rest(browser: Browser, before: set[str], at_first: set[str]) -> Steps[None]:
    """Selects what is beyond the rows that are here, and are selected: ``at_first``, and some ``before`` they were."""
    state, table, location = browser.list, browser.view.table, browser.location
    needle = state.needle
    if location is None:
        return
    order, rows = None, list[Row]()
    # Sorted meanwhile, they are had in that order.
    while order != state.order_of(location):
        order = state.order_of(location)
        rows = yield from _rows_from_start(browser, location, needle)
    taken_back = at_first - table.model.selected
    held = {row.key: row for row in rows if row.key not in taken_back}
    # What a filter leaves out stays selected, where it was; and so does what was selected meanwhile.
    kept = (before if needle else set[str]()) | (table.model.selected - at_first)
    others = [row for row in table.model.chosen if row.key in kept - held.keys()]
    table.select_only([*list(held.values())[: max(MOST_SELECTED - len(others), 0)], *others])
    if len(held) + len(others) > MOST_SELECTED:
        browser.view.say(f"Only {MOST_SELECTED:,} are selected, which is the most at once.", "warn")
    browser.verify_selection()


def put_in_order(browser: Browser) -> Steps[None]:
    """What is selected, where that is more than is here, follows the order of the list."""
    table, location, selected = browser.view.table, browser.location, browser.view.table.model.selected
    here = {row.key for row in table.model.rows}
    if location is None or len(selected) < 2 or selected <= here:
        return
    rows = yield from _rows_from_start(browser, location, "", selected)
    selected = table.model.selected
    ordered = {row.key: row for row in rows if row.key in selected}
    # As they are known here, which may be newer.
    known = {row.key: row for row in table.model.chosen}
    table.select_only({**ordered, **known}.values())


def _rows_from_start(
    browser: Browser, location: Location, needle: str, wanted: set[str] | None = None
) -> Steps[list[Row]]:
    """The rows of a location that hold what is typed, as far as those that are ``wanted``; of all, no more than one
    page more than can be selected."""
    by_server = browser.kind.finds(needle)
    window = browser.window_of(location, needle if by_server else "")
    rows: dict[str, Row] = {}
    while window.more and len(rows) <= MOST_SELECTED and (wanted is None or not wanted <= rows.keys()):
        if not by_server and needle and window.seen >= MOST_LOOKED_AT:
            break
        yield from window.down()
        columns = len(browser.view.table.model.columns)
        held = window.rows if by_server else holding(window.rows, needle, columns)
        rows |= {row.key: row for row in held if row.selectable}
    return list(rows.values())
