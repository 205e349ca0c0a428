"""Unpublishing a document of a folder in the app, and whether that can be undone."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from tests.support.app.app import name_of, put_cursor_on, said, settled, until
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tui.ui.base.menu import offered
from tui.ui.main.main import MainScreen

OFFERED = "Unpublished “Second.pdf”. z undoes it."


def published(main: MainScreen) -> dict[str, bool]:
    """Which of the listed documents are published."""
    return {name_of(row): row.data.published for row in main.table.rows}


def of(server: ServerProcess, name: str) -> dict[str, Any]:
    """A document as the server has it."""
    with Sender(server) as me:
        found: list[dict[str, Any]] = me.get(f"/folders/{me.folder}/documents", name=name)["documents"]
        return found[0]


def can_undo(main: MainScreen) -> bool:
    """Whether the command is offered."""
    return "undo_unpublish" in [offer.command.id for offer in offered(main)]


async def unpublish_second(pilot: Pilot[Any], main: MainScreen) -> None:
    """Unpublishes Second.pdf, and waits until that is said."""
    put_cursor_on(main, "Second.pdf")
    await pilot.press("u")
    await until(pilot, lambda: said(main) == OFFERED, "what was done")
    await settled(pilot)
