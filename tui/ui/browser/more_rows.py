"""More of the list: the pages around the loaded ones, its ends, and searching for the filter's text."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from ...locations.page_window import MOST, PageWindow
from .list_state import MOST_SEARCHED, edges
from .windows import window_from_end, window_of

if TYPE_CHECKING:
    from ...locations.steps import Steps
    from .browser_state import BrowserState

#: Seconds without a keystroke after which the server is asked to search.
PAUSE = 0.2


def more(browser: BrowserState, above: bool) -> Steps[None]:
    """Load the page below the loaded rows, or above them; if a filter searches the loaded rows, load as many pages as
    it may search."""
    window = browser.list.shown_window
    while True:
        searching_here = browser.list.searches_here
        window.most = MOST_SEARCHED if searching_here else MOST
        # A page under way is waited for: if it were cancelled, it would be lost.
        if window.loading or not (window.more_above if above else window.more):
            return
        if searching_here and not browser.can_search_more:
            return
        moved = 0
        if above:
            moved = yield from window.up()
        else:
            yield from window.down()
        # A filter may have been typed in the meantime.
        if not browser.list.searches_here:
            browser.view.table.slide(window.rows, moved=moved, **edges(window))
            browser.view.show_where()
            return
        browser.show_rows()
        above = False


def jump(browser: BrowserState, last: bool) -> Steps[None]:
    """Show the first or the last rows, without loading all rows in between."""
    location, before = browser.location, browser.list.shown_window
    if location is None:
        return
    window = before
    if last and before.nearly_whole:
        while before.more:
            yield from before.down()
    else:
        needle = browser.list.needle if browser.list.search_window is not None else ""
        candidate: PageWindow | None = window_of(browser, location, needle)
        if last:
            candidate = window_from_end(browser, location, needle, before.total)
        if candidate is not None:
            # A page may contain no row that matches the filter.
            while not candidate.rows and (candidate.more_above if last else candidate.more):
                yield from (candidate.up() if last else candidate.down())
            # A server that can't reverse the order returns the same rows: the loaded ones are the last available.
            window = candidate if not last or candidate.reverses(before) else before
    window.total = window.total if window.total is not None else before.total
    if browser.list.search_window is not None:
        browser.list.search_window = window
    else:
        browser.list.window = window
    browser.show_rows(at=len(window.rows) - 1 if last else 0)


def change_filter(browser: BrowserState, needle: str) -> None:
    """Filter by another text."""
    browser.list.needle = needle
    browser.cancel_search()
    browser.show_rows()
    search_further(browser)


def search_further(browser: BrowserState) -> None:
    """Search for the filter's text if not all rows are loaded, unless a search is under way already."""
    if not browser.list.needle or browser.list.window.whole or browser.jobs.under_way("find"):
        return
    if browser.kind.filter_problem(browser.list.needle):
        return
    if browser.server_searches:
        browser.jobs.start("find", lambda: find(browser))
    elif not browser.list.window.from_start:
        browser.jobs.start("find", lambda: search_from_start(browser))


def find(browser: BrowserState) -> Steps[None]:
    """Let the server search for the filter's text, after a pause in typing."""
    location, needle = browser.location, browser.list.needle
    if location is None or not needle:
        return
    yield partial(asyncio.sleep, PAUSE)
    candidate = window_of(browser, location, needle)
    while candidate.more and not candidate.rows:
        yield from candidate.down()
    browser.list.search_window = candidate
    browser.show_rows()


def search_from_start(browser: BrowserState) -> Steps[None]:
    """Load the first rows if the server can't search: searching here starts with the first row."""
    if browser.location is None:
        return
    window = window_of(browser, browser.location)
    yield from window.down()
    browser.list.window = window
    browser.show_rows()
