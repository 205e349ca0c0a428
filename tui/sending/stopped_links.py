"""Links that stopped working after their documents were sent: deleted, unpublished, expired, used up or replaced by new
ones since."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress

from ..clients.share import ShareClient
from ..rules.errors import Problem
from ..rules.sent_text import recipients_text, stopped_text
from ..rules.text import printable
from ..wire.share import Document
from .gather_limited import gather_limited

#: No e-mail waits longer for the server's word.
_SECONDS = 3.0
#: How many documents are named in a sentence.
_MOST_NAMES = 3


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
            return [(each, why) for each in sent if (why := _why(each, now.get(each.id)))]
        return []

    with suppress(TimeoutError):
        async with asyncio.timeout(_SECONDS):
            found = await gather_limited([stopped(ident, sent) for ident, sent in by_send.items()])
            return [each for part in found for each in part]
    return []


def _why(sent: Document, now: Document | None) -> str:
    """Why the link that a document had when it was ``sent`` doesn't work now, in words; empty if it works."""
    why = why_stopped(now)
    # Their beginning is the server's present address.
    is_replaced = now is not None and now.url is not None and _secret(now) != _secret(sent)
    return why or ("replaced by a new one" if is_replaced else "")


def _secret(document: Document) -> str:
    return (document.url or "").rpartition("/")[2]


def why_stopped(document: Document | None) -> str:
    """Why the link of a document that was sent doesn't work, in words; empty if it works. ``None`` stands for a
    permanently removed one."""
    if document is None:
        return "permanently removed"
    return stopped_text(document.published, document.why_off, deleted=document.deleted_at is not None)


def replaced_text(documents: Sequence[Document], *, address: bool = True) -> str:
    """Which links new ones have replaced, in a sentence; ``documents`` are as they were before. ``address``: if it is
    one link, say it."""
    if len(documents) > 1:
        names = [f"“{printable(document.name)}”" for document in documents]
        more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
        return f"{len(documents):,} old links no longer work: {', '.join(names[:_MOST_NAMES])}{more}."
    (document,) = documents
    to = f", for {printable(recipients_text(document.recipients))}," if document.recipients else ""
    which = f" ({document.url})" if address else ""
    return f"The old link of “{printable(document.name)}”{to} no longer works{which}."
