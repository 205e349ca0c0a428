"""Windows on a location's pages, as the list shows them: in its order, and with the versions that were chosen in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...locations.kinds import kind_of
from ...locations.page_window import PageWindow

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...locations.location import Location
    from ...locations.rows import Row
    from ...locations.steps import Steps
    from .browser_state import BrowserState


def window_of(browser: BrowserState, location: Location, name: str = "") -> PageWindow:
    """Return a window on a location, limited to names containing ``name``; nothing is loaded yet."""
    order = browser.list.order_of(location)
    source = kind_of(location).pages(browser.session, location, name, order)
    return PageWindow(source, _rows_of(browser, location), order=order)


def window_from_end(
    browser: BrowserState, location: Location, name: str, total: int | None
) -> PageWindow | None:
    """Return the same from the end of the location; ``None`` if the server can't provide that."""
    order = browser.list.order_of(location)
    source = kind_of(location).pages_from_end(browser.session, location, name, total, order)
    if source is None:
        return None
    window = PageWindow(source, _rows_of(browser, location), from_end=True, order=order)
    window.total = total
    return window


def _rows_of(browser: BrowserState, location: Location) -> Callable[[list[Any]], list[Row]]:
    def rows_of(items: list[Any]) -> list[Row]:
        rows = kind_of(location).rows(items, browser.session.now())
        return browser.list.with_chosen_versions(rows) if location == browser.location else rows

    return rows_of


def first_rows(browser: BrowserState, location: Location) -> Steps[PageWindow]:
    """Load the first rows of a location. Raises :class:`Problem`."""
    window = window_of(browser, location)
    # A page may hold nothing that a list shows.
    while window.more and not window.rows:
        yield from window.down()
    return window
