"""Links on the clipboard, with what can truly be said about it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..corners.driver import write_to_terminal

if TYPE_CHECKING:
    from ..session import Session
    from ..terminal.clipboard import CopyResult


async def copy_text(app: Any, text: str) -> CopyResult:
    """Puts a text on the clipboard; it is kept nowhere else."""
    from ..terminal.clipboard import copy

    written: list[str] = []
    result = await asyncio.to_thread(copy, text, written.append)
    write_to_terminal(app, "".join(written))
    return result


async def copy_links(app: Any, session: Session, links: Sequence[str]) -> CopyResult:
    """Puts the links on the clipboard, one a line, in place of what was there."""
    from ..terminal.clipboard import copy

    text = "\n".join(links)
    written: list[str] = []
    # The terminal's sequence is written by the app itself, between two of its own paintings.
    result = await asyncio.to_thread(copy, text, written.append, folder=session.state)
    write_to_terminal(app, "".join(written))
    return result
