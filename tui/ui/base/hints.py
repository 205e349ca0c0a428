"""What the status line says once: to new users, and after an upgrade."""

from __future__ import annotations

import asyncio
import os
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ...rules.text import printable

if TYPE_CHECKING:
    from pathlib import Path

    from ...session import Session

HINT = "New here? {lists.select} selects documents, {picker.send} sends them, {everywhere.help} is help."
_CHANGES = "New in {}: {} More: {{everywhere.guides}}, changes; or sentlinks help changes."
_VERSION = re.compile(rb"\d{1,6}(\.\d{1,6}){0,3}\s*")
#: More than a version has.
_MOST_BYTES = 64


async def first_hint(session: Session) -> str:
    """Return the hint on the first start of the program; empty from then on."""
    if session.state is None:
        return ""
    file = session.state / "seen"

    def first() -> bool:
        from ...files.private_files import make_private_folder

        try:
            make_private_folder(file.parent)
            file.touch(mode=0o600, exist_ok=False)
        except OSError:
            return False
        # To a new user, nothing has changed.
        is_newer(file.parent)
        return True

    return HINT if await asyncio.to_thread(first) else ""


async def changes_hint(session: Session) -> str:
    """Return what is new on the first start of a newer version than all before; empty from then on."""
    state = session.state
    if state is None or not await asyncio.to_thread(is_newer, state):
        return ""
    # Only needed after an upgrade.
    from ...guides import newest_changes

    version, sentence = newest_changes()
    return _CHANGES.format(version, sentence[0].lower() + sentence[1:])


async def kept_draft_hint(session: Session, key: str) -> str:
    """Return that an e-mail was being written when the program ended, and that ``key`` goes on with it; empty if there
    is none."""
    from ...mail.kept_drafts import left_drafts

    state, now = session.state, datetime.now(UTC)
    left = [] if state is None else await asyncio.to_thread(left_drafts, state, now)
    if not left:
        return ""
    first, *others = left[0]
    what = f"“{printable(first)}”" + (f" and {len(others):,} more" if others else "")
    which = "them" if others else "it"
    return f"Your unfinished e-mail about {what} was kept: {key} on {which} in Sent goes on."


def is_newer(state: Path) -> bool:
    """Whether this version of the app is newer than all that have run with the folder ``state``, which keeps the
    newest. True once: from then on, and in an app that asks at the same time, it isn't.

    Versions from before that file, and a damaged one, count as older. False if the file can't be written: it would be
    true again at each start.
    """
    from ... import __version__
    from ...config.private import locked

    try:
        with locked(state / "version", wait=False) as handle:
            before = _numbers(os.pread(handle, _MOST_BYTES, 0))
            if before >= _numbers(__version__.encode()):
                return False
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{__version__}\n".encode(), 0)
    except OSError:
        return False
    return True


def _numbers(version: bytes) -> tuple[int, ...]:
    """A version as numbers, which can be compared; none if it isn't one."""
    return tuple(map(int, version.split(b"."))) if _VERSION.fullmatch(version) else ()
