"""What is in a location: loaded, refreshed, and looked at once more where it may be gone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..locations.kinds import kind_of
from ..locations.page_window import PageWindow
from ..rules.errors import NotFound, Problem

if TYPE_CHECKING:
    from ..locations.location import Location
    from ..locations.steps import Steps
    from .browser import Browser
    from .navigator import Pending


def load(browser: Browser, pending: Pending) -> Steps[None]:
    """Shows another location. Raises :class:`Problem`, and shows then that it could not be had."""
    path, back = pending.path, pending.back
    location = path[-1]
    browser.list.stale = False
    browser.view.show_where()
    saved = browser.navigator.saved(location) if back else None
    # The same pages, unless they are to be in another order by now.
    again = saved is not None and saved.window.asked and saved.window.order == browser.list.order_of(location)
    try:
        if saved is not None and again:
            window = yield from saved.window.again()
        else:
            window = yield from browser.first_rows(location)
    except Problem as problem:
        # What is there already can still be looked at.
        browser.arrive(path, PageWindow(), _failure_text(location, problem), back=back)
        raise
    browser.view.answered(location)
    came_from = browser.location
    browser.arrive(path, window, kind_of(location).empty, back=back)
    if back:
        browser.put_back(saved, came_from)


def refresh(browser: Browser) -> Steps[None]:
    """Shows the location as it is now; cursor and selection stay. Raises :class:`Problem`."""
    state, location, path = browser.list, browser.location, browser.navigator.path
    if location is None:
        return
    state.stale = False
    window, found = state.window, state.search_window
    try:
        fresh = yield from (window.again() if window.asked else browser.first_rows(location))
        fresh_found = (yield from found.again()) if found is not None else None
    except NotFound:
        # What was in it is not shown, nor acted on, any more.
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
    state.search_window = fresh_found
    browser.show(browser.navigator.path, fresh, kind_of(location).empty, keep=True)
    if fresh_found is None:
        browser.look_further()
    here = {row.key for row in fresh.rows}
    state.unverified |= {row.key for row in window.rows} - here
    state.unverified -= here
    browser.verify_selection()


def verify(browser: Browser) -> Steps[None]:
    """Asks for the selected rows that may be gone; those that are gone are selected no longer."""
    table, state = browser.view.table, browser.list
    while browser.location is not None and (asked := state.unverified & table.model.selected):
        rows = [row for row in table.model.chosen if row.key in asked]
        missing = yield partial(browser.session.missing_rows, browser.location, rows)
        # One that is asked about once more while this was asked is not worth another question.
        state.unverified -= asked
        table.forget({row.key for row, is_gone in zip(rows, missing, strict=True) if is_gone})


def _failure_text(location: Location, problem: Problem) -> str:
    """What is said in a location that could not be loaded. It may name commands."""
    if not isinstance(problem, NotFound):
        return "This could not be loaded; {main.reload} tries again."
    return _gone_text(location)


def _gone_text(location: Location) -> str:
    """What is said in a location that there is no longer."""
    told = "It is gone, or no longer open to you."
    return told + ("\n{places.remove_favorite} removes the shortcut to it." if location.shortcut else "")
