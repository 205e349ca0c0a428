"""What the server tells of documents in Share while the list shows them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..locations.kinds import kind_of
from ..locations.share_kinds import has_left
from ..rules.errors import NotFound, NotSignedIn, Problem

if TYPE_CHECKING:
    from ..locations.steps import Steps
    from ..wire.share import Document
    from .browser import Browser

#: Above so many changed documents the list is read anew.
MOST_ROWS = 8
#: The server that tells of documents which were sent.
SHARE = "share"
_COMES = ("sent", "published", "restored")


def document_changed(browser: Browser, event: str, document: str, folder: str | None) -> bool:
    """Something has happened to a document. Whether it is one to :func:`look_at`."""
    pending, location = browser.navigator.pending_location, browser.location
    if pending is not None:
        # The answer that is on its way may not know of it.
        if kind_of(pending).server == SHARE:
            browser.reload()
        return False
    if location is None or browser.kind.server != SHARE:
        return False
    is_folder = browser.kind.is_share_folder
    if folder in (None, location.id) or not is_folder:
        # A page that is on its way may not know of it.
        browser.answers_are_old()
    if browser.jobs.under_way("select"):
        browser.list.unverified.add(document)
    comes = folder == location.id and event in _COMES
    return not is_folder or comes or document in _followed(browser)


def _followed(browser: Browser) -> set[str]:
    """The documents that are here, or selected."""
    return browser.view.table.model.selected | browser.list.known_keys


def look_at(browser: Browser, changed: set[str]) -> None:
    """Documents that have changed are shown as they are now: one by one where they are few, and here already."""
    if browser.kind.is_share_folder and changed <= _followed(browser) and len(changed) <= MOST_ROWS:
        if not browser.jobs.under_way("look"):
            browser.list.forget_looks()
        location = browser.location

        def late() -> None:
            if browser.location == location:
                # All was asked for meanwhile, and may be newer than this.
                browser.list.unverified |= changed
                browser.list.stale = True

        browser.jobs.start("look", lambda: _look(browser, changed), late)
    elif browser.kind.server == SHARE:
        browser.list.unverified |= changed
        browser.reload()


def _look(browser: Browser, documents: set[str]) -> Steps[None]:
    """Shows some documents as they are now; those that are no longer in the folder are taken away."""
    location, state = browser.location, browser.list
    if location is None:
        return
    gone: set[str] = set()
    for ident in documents:
        number = state.begin_look(ident)
        try:
            document: Document = yield partial(browser.session.share.document, ident)
        except NotFound:
            gone.add(ident)
            continue
        except NotSignedIn:
            raise
        except Problem:
            # The list will say it, or have all of them.
            browser.reload()
            return
        if not state.is_latest_look(ident, number):
            # It was asked for once more.
            continue
        if has_left(document, location):
            gone.add(ident)
            continue
        row = browser.kind.row(document, browser.session.now())
        if row is not None:
            browser.replace_row(row)
    if gone:
        browser.drop_rows(gone)
    browser.view.commands_changed()
