"""The state of a sent document in words."""

from __future__ import annotations


def external_text(published: bool, reason: str | None) -> str:
    """Whether a document's link works: ``On``, ``Off (expired)``, ``Off``."""
    if published:
        return "On"
    return f"Off ({reason})" if reason else "Off"


def downloads_text(downloads: int, permitted: int | None) -> str:
    """How often a document was downloaded: ``3``, ``3 of 5``."""
    return str(downloads) if permitted is None else f"{downloads} of {permitted}"


def delivered_text(delivered: int, downloads: int) -> str:
    """How many of the downloads were received as a whole: ``1 of 3``; empty if there were none."""
    return f"{delivered} of {downloads}" if downloads else ""
