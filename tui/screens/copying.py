"""Texts on the clipboard, with what can truly be said about it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..textual_patches.driver import write_to_terminal

if TYPE_CHECKING:
    from subprocess import Popen

    from ..session import Session
    from ..terminal.clipboard import CopyResult


async def copy_text(app: Any, text: str) -> CopyResult:
    """Puts a text on the clipboard; it is kept nowhere else."""
    from ..terminal.clipboard import copy

    return await _written(app, partial(copy, text))


async def copy_links(app: Any, session: Session, links: Sequence[str]) -> CopyResult:
    """Puts the links on the clipboard, one a line, in place of what was there."""
    from ..terminal.clipboard import copy

    return await _written(app, partial(copy, "\n".join(links), folder=session.state))


async def copy_password(app: Any, password: str, clearing: Popen[bytes] | None) -> CopyResult:
    """Puts a password on the clipboard, and has it taken off again. ``clearing`` does so of an earlier copy of it."""
    from ..terminal.clipboard import copy_password as copy

    if clearing is not None:
        clearing.terminate()
    return await _written(app, partial(copy, password))


async def _written(app: Any, copy: Callable[[Callable[[str], object]], CopyResult]) -> CopyResult:
    written: list[str] = []
    # The terminal's sequence is written by the app itself, between two of its own paintings.
    result = await asyncio.to_thread(copy, written.append)
    write_to_terminal(app, "".join(written))
    return result
