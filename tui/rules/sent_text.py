"""The state of a sent document in words."""

from __future__ import annotations

from collections.abc import Sequence

#: The reasons of :class:`tui.rules.state.Reason` in words.
_REASONS = {"by hand": "unpublished", "expired": "expired", "limit": "limit reached"}


def reason_text(reason: str | None) -> str:
    """Why a document's link doesn't work: ``limit reached``; empty if there is no reason."""
    return _REASONS.get(reason or "", reason or "")


def external_text(published: bool, reason: str | None) -> str:
    """Whether a document's link works: ``On``, ``Off · limit reached``, ``Off``."""
    if published:
        return "On"
    return f"Off · {reason_text(reason)}" if reason else "Off"


def stopped_text(published: bool, reason: str | None, *, deleted: bool) -> str:
    """Why a document's link doesn't work, also of one that was deleted; empty if it works."""
    if published:
        return ""
    return "in the trash" if deleted else reason_text(reason) or "unpublished"


def recipients_text(recipients: Sequence[str]) -> str:
    """Whom a document was sent to, by the sender's note: ``Anna Arp <anna@example.com>, bob@example.com``."""
    return ", ".join(recipients)


def downloads_text(downloads: int, permitted: int | None) -> str:
    """How often a document was downloaded: ``3``, ``3 of 5``."""
    return str(downloads) if permitted is None else f"{downloads} of {permitted}"


def delivered_text(delivered: int, downloads: int) -> str:
    """How many of the downloads were received as a whole: ``1 of 3``; empty if there were none."""
    return f"{delivered} of {downloads}" if downloads else ""
