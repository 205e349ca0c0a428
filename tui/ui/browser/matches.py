"""The rows that the filter has found, in the whole list: they are marked, and can be gone through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .list_state import MOST_SEARCHED, edges

if TYPE_CHECKING:
    from ...locations.rows import Row
    from ...locations.steps import Steps
    from .browser_state import BrowserState


def is_match(browser: BrowserState, row: Row) -> bool:
    """Return whether a row has the text of the filter, or of the one that was ended last."""
    sought = browser.list.sought
    return bool(sought) and bool(browser.kind.filtered([row], sought, len(browser.view.table.model.columns)))


def count_matches(browser: BrowserState) -> int:
    """Return how many of the loaded rows match."""
    return sum(is_match(browser, row) for row in browser.view.table.model.rows)


def go_to_match(browser: BrowserState, *, forward: bool) -> None:
    """Put the cursor on the next match, or on the one before: after the last comes the first. Rows are loaded until
    there is one."""
    model = browser.view.table.model
    if _move_within(browser, model.above + model.cursor, forward=forward):
        return
    window = browser.list.shown_window
    if window.more if forward else window.more_above:
        browser.jobs.start("match", lambda: seek_match(browser, forward=forward))
    else:
        _go_round(browser, forward=forward)


def _move_within(browser: BrowserState, at: int, *, forward: bool) -> bool:
    """Move to the nearest loaded match beyond the row with the number ``at``; return whether there is one."""
    table = browser.view.table
    above, rows = table.model.above, table.model.rows
    beyond = (
        range(max(at + 1 - above, 0), len(rows)) if forward else range(min(at - above, len(rows)) - 1, -1, -1)
    )
    index = next((index for index in beyond if is_match(browser, rows[index])), None)
    if index is None:
        return False
    table.move_to(index)
    return True


def _go_round(browser: BrowserState, *, forward: bool) -> None:
    """Go on at the other end of the list, if that is loaded."""
    view, sought = browser.view, browser.list.sought
    window, end = browser.list.shown_window, "last" if forward else "first"
    is_other_end_loaded = not (window.more_above if forward else window.more)
    model = view.table.model
    start = -1 if forward else model.above + len(model.rows)
    if is_other_end_loaded and _move_within(browser, start, forward=forward):
        view.say_for_a_while(
            f"That was the {end} row with “{sought}”; this is the {'first' if forward else 'last'}."
        )
    else:
        there = "no further row" if is_other_end_loaded else f"no row {'below' if forward else 'above'}"
        view.say_for_a_while(f"There is {there} with “{sought}”.", "warn")


def seek_match(browser: BrowserState, *, forward: bool) -> Steps[None]:
    """Load pages until one has a match; give up after as many rows as a filter searches. Raises :class:`Problem`."""
    window, table = browser.list.shown_window, browser.view.table
    at, looked_at = table.model.above + table.model.cursor, 0
    while (window.more if forward else window.more_above) and looked_at < MOST_SEARCHED:
        moved, known = 0, {row.key for row in window.rows}
        if forward:
            yield from window.down()
        else:
            moved = yield from window.up()
        at += moved
        looked_at += sum(row.key not in known for row in window.rows)
        table.slide(window.rows, moved=moved, **edges(window))
        browser.view.show_where()
        if _move_within(browser, at, forward=forward):
            return
    if looked_at >= MOST_SEARCHED:
        browser.view.say_for_a_while(
            f"No further row with “{browser.list.sought}” among {looked_at:,} rows.", "warn"
        )
    else:
        _go_round(browser, forward=forward)
