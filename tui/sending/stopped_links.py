"""Links that stopped working after their documents were sent: deleted, unpublished, expired or used up since."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress

from ..clients.share import ShareClient
from ..rules.errors import Problem
from ..rules.sent_text import stopped_text
from ..wire.share import Document
from .gather_limited import gather_limited

#: No e-mail waits longer for the server's word.
_SECONDS = 3.0


async def stopped_links(share: ShareClient, documents: Iterable[Document]) -> list[tuple[Document, str]]:
    """Return those of ``documents`` whose links no longer work, each with the reason in words.

    What the server can't say, or not soon, counts as working.
    """
    by_send: dict[str, list[Document]] = {}
    for document in documents:
        if document.send_id is not None:
            by_send.setdefault(document.send_id, []).append(document)

    async def stopped(send_id: str, sent: Sequence[Document]) -> list[tuple[Document, str]]:
        with suppress(Problem):
            state = await share.sends.state(send_id)
            now = {each.document.id: each.document for each in state.documents if each.document is not None}
            return [(each, why) for each in sent if (why := why_stopped(now.get(each.id)))]
        return []

    with suppress(TimeoutError):
        async with asyncio.timeout(_SECONDS):
            found = await gather_limited([stopped(ident, sent) for ident, sent in by_send.items()])
            return [each for part in found for each in part]
    return []


def why_stopped(document: Document | None) -> str:
    """Why the link of a document that was sent doesn't work, in words; empty if it works. ``None`` stands for a
    permanently removed one."""
    if document is None:
        return "permanently removed"
    return stopped_text(document.published, document.reason, deleted=document.deleted_at is not None)
