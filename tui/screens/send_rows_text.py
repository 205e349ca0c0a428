"""The rows of an unfinished send as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.content import Content

from ..rules.display import size_text
from ..rules.text import printable

if TYPE_CHECKING:
    from ..sending.resuming import SendStatus


def rows_text(status: SendStatus) -> Content:
    """A line for each document: whether it is published, its name and size."""
    lines: list[Any] = []
    for entry in status.contents.entries:
        sent = entry.key in status.documents
        mark, style = ("✓ published", "$text-success") if sent else ("○ not sent ", "$text-muted")
        lines += [
            (mark, style),
            f"  {printable(entry.name)}  ",
            (size_text(entry.source["size"]), "$text-muted"),
            "\n",
        ]
    return Content.assemble(*lines[:-1])
