"""What is said where no sent documents are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...clients.share import ShareClient


async def nothing_sent(share: ShareClient, where: str = "") -> str:
    """What is said instead of a list without documents; ``where`` they were looked for, and where else they may be."""
    if not await share.audit.has_events():
        return "Nothing has been sent yet. To send a document: sentlinks send FILE"
    if where:
        return f"No sent documents {where}."
    return "All that was sent is deleted; what is still in the trash: sentlinks trash list"
