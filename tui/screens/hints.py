"""What is said once to whoever is here for the first time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..session import Session

HINT = "New here? {lists.select} chooses documents, {picker.send} sends them, {everywhere.help} helps."


async def first_hint(session: Session) -> str:
    """The hint for whoever starts the program for the first time; empty from then on."""
    if session.state is None:
        return ""
    file = session.state / "seen"

    def first() -> bool:
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.touch(mode=0o600, exist_ok=False)
        except OSError:
            return False
        return True

    return HINT if await asyncio.to_thread(first) else ""
