"""Copying to the clipboard, claiming no more success than is certain."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ...terminal.ascii import shows_unicode
from ..textual_patches.driver import write_to_terminal

if TYPE_CHECKING:
    from subprocess import Popen

    from ...terminal.clipboard import CopyResult
    from ...wire.share import Document
    from ..base.screens_app import ScreensApp


async def copy_text(app: ScreensApp, text: str) -> CopyResult:
    """Copy a text to the clipboard; it is stored nowhere else."""
    from ...terminal.clipboard import copy

    return await _written(app, partial(copy, text))


async def copy_links(app: ScreensApp, documents: Sequence[Document]) -> CopyResult:
    """Copy the links of those documents that have one to the clipboard, in their order and in the user's format."""
    from ...terminal.clipboard import copy
    from ...terminal.copy_format import copied_links, formatted

    text = formatted(copied_links(documents), app.preferences.copy_format)
    return await _written(app, partial(copy, text, folder=app.session.state))


async def copy_password(app: ScreensApp, password: str, clearing: Popen[bytes] | None) -> CopyResult:
    """Copy a password to the clipboard and have it cleared later. ``clearing`` is the process that clears an earlier
    copy; it is ended."""
    from ...terminal.clipboard import copy_password as copy

    if clearing is not None:
        clearing.terminate()
    return await _written(app, partial(copy, password))


async def _written(app: ScreensApp, copy: Callable[..., CopyResult]) -> CopyResult:
    if app.session.leaves_clipboard:
        from ...terminal.clipboard import CopyResult

        return CopyResult(False, "", "The clipboard is left as it is.")
    written: list[str] = []
    # The app itself writes the terminal sequence, between two paints.
    result = await asyncio.to_thread(copy, written.append, identify=lambda: app.terminal)
    write_to_terminal(app, "".join(written))
    return result


def brief_result(result: CopyResult) -> tuple[str, ...]:
    """What became of copying links, each text shorter than the one before it, with the names of the commands that help:
    the one that copies them again says all of it."""
    if not result.way:
        return (
            "Nothing was copied; {draft.plain_links} shows the links alone, {draft.copy_links} says why.",
            "Not copied; {draft.plain_links} shows the links.",
        )
    if result.sure:
        return ("Copied to the system's clipboard.", "Copied.")
    if result.buffered:
        return (
            "Copied to tmux (prefix ] pastes); {draft.copy_links} says more.",
            "Copied to tmux (prefix ] pastes).",
        )
    return (
        f"Sent to {result.way}; {{draft.plain_links}} shows the links alone, {{draft.copy_links}} says more.",
        "Sent to the clipboard; {draft.copy_links} says more.",
    )


def no_codes_reason() -> str | None:
    """Why links can't be shown as QR codes here; ``None`` if they can."""
    if shows_unicode():
        return None
    return "A QR code needs a terminal with UTF-8. If yours has it, set LC_ALL=C.UTF-8."
