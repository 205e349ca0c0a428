"""The entry that a send adds to the history of the sent version in Work."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC
from typing import TYPE_CHECKING

from ...rules.errors import Problem
from ...rules.link_comments import link_named
from ...rules.text import printable
from ...wire.share import Document
from ..sources import WorkSource
from .rows import JobRow

if TYPE_CHECKING:
    from ...clients.work import WorkClient

ACTIVITY = "SHARED"


def comments(document: Document) -> str:
    """The link's name, ID and settings in words, without its address and password."""
    expiry = (
        f"expires {document.expires_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        if document.expires_at
        else "no expiration date"
    )
    limit = document.downloads_permitted
    downloads = "downloads not limited" if limit is None else f"downloads permitted {limit:,}"
    password = "with password" if document.has_password else "without password"
    return f"{link_named(printable(document.name), document.id)}; {expiry}; {downloads}; {password}"


def wanted(row: JobRow) -> bool:
    """Whether the row's source has a history: a file of this machine has none."""
    return isinstance(row.source, WorkSource)


async def note(work: WorkClient, row: JobRow, document: Document) -> None:
    """Add the entry. Problems are ignored: Share has the same in its own audit."""
    with suppress(Problem):
        await work.add_history(row.source.label, ACTIVITY, comments(document))
