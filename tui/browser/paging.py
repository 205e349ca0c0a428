"""More of the list: the pages around those that are here, its ends, and what a filter looks for."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from ..locations.page_window import MOST, PageWindow
from .list_state import MOST_LOOKED_AT, edges

if TYPE_CHECKING:
    from ..locations.steps import Steps
    from .browser import Browser

#: Seconds without a key after which the server is asked for what is typed.
PAUSE = 0.2


def more(browser: Browser, above: bool) -> Steps[None]:
    """Loads the page below the rows that are here, or above them; where a filter looks through them, as many as it may
    look through."""
    window = browser.list.shown_window
    while True:
        looking = browser.list.looks_through
        window.most = MOST_LOOKED_AT if looking else MOST
        # A page that is under way is waited for: one that is given up would be lost.
        if window.loading or not (window.more_above if above else window.more):
            return
        if looking and not browser.looks_through_more:
            return
        moved = 0
        if above:
            moved = yield from window.up()
        else:
            yield from window.down()
        # Something may have been typed meanwhile.
        if not browser.list.looks_through:
            browser.view.table.slide(window.rows, moved=moved, **edges(window))
            browser.view.show_where()
            return
        browser.show_rows()
        above = False


def jump(browser: Browser, last: bool) -> Steps[None]:
    """Shows the first or the last rows, without all that is between."""
    location, before = browser.location, browser.list.shown_window
    if location is None:
        return
    window = before
    if last and before.nearly_whole:
        while before.more:
            yield from before.down()
    else:
        needle = browser.list.needle if browser.list.search_window is not None else ""
        found: PageWindow | None = browser.window_of(location, needle)
        if last:
            found = browser.window_from_end(location, needle, before.total)
        if found is not None:
            # A page of all may have none of those that are looked for.
            while not found.rows and (found.more_above if last else found.more):
                yield from (found.up() if last else found.down())
            # A server that has no other order has no other rows: those that are here are the last to be had.
            window = found if not last or found.reverses(before) else before
    window.total = window.total if window.total is not None else before.total
    if browser.list.search_window is not None:
        browser.list.search_window = window
    else:
        browser.list.window = window
    browser.show_rows(at=len(window.rows) - 1 if last else 0)


def find(browser: Browser) -> Steps[None]:
    """Has the server find what is typed, once no more is."""
    location, needle = browser.location, browser.list.needle
    if location is None or not needle:
        return
    yield partial(asyncio.sleep, PAUSE)
    found = browser.window_of(location, needle)
    while found.more and not found.rows:
        yield from found.down()
    browser.list.search_window = found
    browser.show_rows()


def look_from_start(browser: Browser) -> Steps[None]:
    """Where the server does not look itself, what is looked through begins with the first row."""
    if browser.location is None:
        return
    window = browser.window_of(browser.location)
    yield from window.down()
    browser.list.window = window
    browser.show_rows()
