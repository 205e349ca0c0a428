"""A hint that is shown once, to new users."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...session import Session

HINT = "New here? {lists.select} selects documents, {picker.send} sends them, {everywhere.help} is help."


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
        return True

    return HINT if await asyncio.to_thread(first) else ""
