"""A send on the screen: its dialog, then the draft or the links of each run, until the dialog is closed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...session import Session
    from ..base.host import Host
    from ..draft.draft import DraftScreen
    from ..draft.links_screen import LinksScreen
    from .send import SendDialog
    from .send_state import Sent


async def show_send(host: Host, dialog: SendDialog) -> Sent | None:
    """Show a send dialog, and what it sends. Returns what was sent, when it is closed; ``None`` if nothing was tried.
    Call this from a worker."""
    user = host.session.user
    closing = asyncio.create_task(host.show_dialog(dialog))
    closing.add_done_callback(lambda _: dialog.results.end())
    try:
        while (links := await dialog.results.next()) is not None and host.session.user == user:
            # At once: in the meantime, something else could open over the dialog.
            shown, app = _links_screen(host.session, dialog, links), host.screen.app
            app.opens_unasked(shown)
            await app.push_screen_wait(shown)
            dialog.control.links_shown()
        sent = await closing
    finally:
        closing.cancel()
    journal = dialog.state.journal
    if journal is not None and host.session.user == user:
        # The user closed the dialog, and so decided not to send the rest.
        journal.remove()
    elif journal is not None:
        # It was closed because another user has signed in: this one is offered the send, and its links, next time.
        journal.release()
    return sent


def _links_screen(session: Session, dialog: SendDialog, sent: Sent) -> DraftScreen | LinksScreen:
    """The draft, or the list of links."""
    from ..draft.draft import DraftScreen
    from ..draft.links import note_on
    from ..draft.links_screen import LinksScreen

    # Of a resumed send, some may have been deleted or unpublished since they were published.
    working = [document for document in sent.documents if document.published] or sent.documents
    note, seen = note_on(sent.changed, sent.unsent), dialog.state.links_seen
    if not sent.draft:
        return LinksScreen(session, working, sent.password, seen=seen, note=note)
    left_out = len(sent.documents) - len(working)
    return DraftScreen(session, working, sent.password, seen=seen, left_out=left_out, note=note)
