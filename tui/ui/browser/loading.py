"""The contents of a location: loading and refreshing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...locations.kinds import kind_of
from ...locations.page_window import PageWindow
from ...rules.errors import NotFound, Problem
from .more_rows import change_filter, search_further
from .selection import select_again, verify_selection
from .windows import first_rows

if TYPE_CHECKING:
    from ...locations.location import Location
    from ...locations.steps import Steps
    from .browser_state import BrowserState
    from .navigator import Pending


def load(browser: BrowserState, pending: Pending) -> Steps[None]:
    """Show another location. Raises :class:`Problem`, after showing that it couldn't be loaded."""
    path, back = pending.path, pending.back
    location = path[-1]
    browser.list.stale = False
    browser.view.show_where()
    saved = browser.navigator.saved(location) if back else None
    # The same pages again, unless another order has been chosen since.
    reuses_pages = (
        saved is not None
        and saved.window.was_requested
        and saved.window.order == browser.list.order_of(location)
    )
    try:
        if saved is not None and reuses_pages:
            window = yield from saved.window.reload()
        else:
            window = yield from first_rows(browser, location)
    except Problem as problem:
        # Go there anyway, with an empty list that says so: the user can reload it.
        _arrive(browser, path, PageWindow(), _failure_text(location, problem), back=back)
        raise
    browser.view.answered(location)
    came_from = browser.location
    _arrive(browser, path, window, kind_of(location).empty, back=back)
    if pending.selected:
        select_again(browser, pending.selected)
    if back:
        browser.restore_position(saved, came_from)
    if pending.row:
        browser.move_to_row(pending.row)


def refresh(browser: BrowserState) -> Steps[None]:
    """Show the location as it is now; cursor and selection are kept. Raises :class:`Problem`."""
    state, location, path = browser.list, browser.location, browser.navigator.path
    if location is None:
        return
    state.stale = False
    window, search_window = state.window, state.search_window
    try:
        fresh = yield from (window.reload() if window.was_requested else first_rows(browser, location))
        fresh_search_window = (yield from search_window.reload()) if search_window is not None else None
    except NotFound:
        # Its former contents must no longer be shown or acted on.
        state.search_window = None
        browser.show(path, PageWindow(), _gone_text(location))
        raise
    except Problem:
        state.stale = True
        raise
    if browser.jobs.under_way("jump", "more"):
        state.stale = True
        return
    browser.view.answered(location)
    state.search_window = fresh_search_window
    browser.show(browser.navigator.path, fresh, kind_of(location).empty, keep=True)
    if state.wanted_row:
        browser.move_to_row(state.wanted_row)
        state.wanted_row = ""
    if fresh_search_window is None:
        search_further(browser)
    loaded = {row.key for row in fresh.rows}
    state.unverified |= {row.key for row in window.rows} - loaded
    state.unverified -= loaded
    verify_selection(browser)


def _arrive(
    browser: BrowserState, path: list[Location], window: PageWindow, empty: str, *, back: bool
) -> None:
    """Show the pending location; a filter typed in the meantime applies to its rows."""
    left, model = browser.navigator.path, browser.view.table.model
    selected = model.chosen if model.selected else []
    browser.navigator.stay()
    browser.cancel_search()
    browser.show(path, window, empty, back=back)
    if left and selected:
        browser.view.selection_left(left, selected)
    if browser.list.needle:
        change_filter(browser, browser.list.needle)


def _failure_text(location: Location, problem: Problem) -> str:
    """Return what is shown for a location that couldn't be loaded. It may contain names of commands."""
    if not isinstance(problem, NotFound):
        return "This could not be loaded; {main.reload} tries again."
    return _gone_text(location)


def _gone_text(location: Location) -> str:
    """Return what is shown for a location that no longer exists."""
    text = "It was deleted, or you no longer have access."
    return text + ("\n{places.remove_favorite} removes the shortcut to it." if location.shortcut else "")
