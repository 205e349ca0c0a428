"""Events from the server about documents in Share, applied to the list."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ...locations.kinds import kind_of
from ...locations.share_kinds import has_left
from ...rules.errors import NotFound, NotSignedIn, Problem

if TYPE_CHECKING:
    from ...locations.steps import Steps
    from ...wire.share import Document
    from .browser import Browser

#: If more documents than this have changed, the whole list is refreshed.
MOST_ROWS = 8
#: The server that reports on sent documents.
SHARE = "share"
_ARRIVALS = ("sent", "published", "restored")


def document_changed(browser: Browser, event: str, document: str, folder: str | None) -> bool:
    """Handle an event about a document. Return whether it should be passed to :func:`look_at`."""
    pending, location = browser.navigator.pending_location, browser.location
    if pending is not None:
        # The response that is under way may not include the change, and the user may still stay where they are.
        if location is not None and browser.kind.server == SHARE:
            browser.list.unverified.add(document)
        if kind_of(pending).server == SHARE:
            browser.reload()
        return False
    if location is None or browser.kind.server != SHARE:
        return False
    is_folder = browser.kind.is_share_folder
    if folder in (None, location.id) or not is_folder:
        # A page that is under way may not include the change.
        browser.mark_stale_if_loading()
    if browser.jobs.under_way("select"):
        browser.list.unverified.add(document)
    arrives = folder == location.id and event in _ARRIVALS
    return not is_folder or arrives or document in _followed(browser)


def _followed(browser: Browser) -> set[str]:
    """Return the keys of the documents that are loaded or selected."""
    return browser.view.table.model.selected | browser.list.known_keys


def _loaded(browser: Browser) -> set[str]:
    """Return the keys of the documents that have their place in the list of the whole location."""
    return {row.key for row in browser.list.window.rows}


def look_at(browser: Browser, changed: set[str]) -> None:
    """Show changed documents as they are now: one by one if they are few and loaded, else by refreshing the list.

    A new one may be known from a search, or from selecting all, before its event: the list has yet to give it a place.
    """
    if browser.kind.is_share_folder and changed <= _loaded(browser) and len(changed) <= MOST_ROWS:
        if not browser.jobs.under_way("look"):
            browser.list.forget_looks()
        location = browser.location

        def mark_stale() -> None:
            if browser.location == location:
                # The whole list was loaded in the meantime, and may be newer than this response.
                browser.list.unverified |= changed
                browser.list.stale = True

        browser.jobs.start("look", lambda: _look(browser, changed), mark_stale)
    elif browser.kind.server == SHARE:
        browser.list.unverified |= changed
        browser.reload()


def _look(browser: Browser, documents: set[str]) -> Steps[None]:
    """Show some documents as they are now; remove those that are no longer in the folder."""
    location, state = browser.location, browser.list
    if location is None:
        return
    missing: set[str] = set()
    for ident in documents:
        number = state.begin_look(ident)
        try:
            document: Document = yield partial(browser.session.share.document, ident)
        except NotFound:
            missing.add(ident)
            continue
        except NotSignedIn:
            raise
        except Problem:
            # The list will report the problem, or load all of them.
            browser.reload()
            return
        if not state.is_latest_look(ident, number):
            # It has been requested again since.
            continue
        if has_left(document, location):
            missing.add(ident)
            continue
        row = browser.kind.row(document, browser.session.now())
        if row is not None:
            browser.replace_row(row)
    if missing:
        browser.drop_rows(missing)
    browser.view.commands_changed()
