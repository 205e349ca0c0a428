"""Sealing the audit of a running server, and what is reported once something of it is gone."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, until
from tui.server import audit
from tui.server.installation.installation import open_context

SEALS = "seals"
#: Seconds in which even a busy server seals.
_PATIENCE = 20


async def sealed(server: ServerProcess) -> None:
    """Seals, as the server does when something was written, and waits until neither has anything left to seal."""
    context = await open_context(server.settings)
    try:
        await audit.seal(context)
    finally:
        await context.close()
    until(lambda: _unsealed(server) == 0)
    wait_until_noted(server)


async def accepted(server: ServerProcess) -> audit.Acceptance | None:
    """Accepts the audit, as *sentlinks audit accept* does."""
    context = await open_context(server.settings)
    try:
        return await audit.accept(context, "root")
    finally:
        await context.close()


def accept(server: ServerProcess) -> None:
    """The same for a test that isn't asynchronous; there is something to accept."""
    assert asyncio.run(accepted(server)) is not None


def wait_until_noted(server: ServerProcess) -> None:
    """Waits until nothing is left to seal, and the newest seal is noted in the data folder; not for long if a test has
    spoiled the audit, which never comes to that."""
    with suppress(AssertionError):
        until(lambda: has_sealed(server), seconds=1)
        return
    if _can_be_noted(server):
        # The machine is busy.
        with suppress(AssertionError):
            until(lambda: has_sealed(server), seconds=_PATIENCE)


def has_sealed(server: ServerProcess) -> bool:
    """Whether all rows are sealed, and the newest seal is noted in the data folder."""
    # In this order: asked for last, the rows could be sealed by a seal that is noted only later.
    if _unsealed(server):
        return False
    ((newest,),) = look(server, "SELECT max(sequence) FROM seals")
    anchor = _anchor(server)
    return anchor is not None and anchor["sequence"] == (newest or 0)


def _can_be_noted(server: ServerProcess) -> bool:
    """Whether the server runs, and the seal that the data folder has noted is one of its database: only then does it
    note a later one."""
    anchor = _anchor(server)
    if anchor is None or server.process.poll() is not None:
        return False
    found = look(server, "SELECT mac FROM seals WHERE sequence = ?", anchor["sequence"])
    return [bytes(mac).hex() for (mac,) in found] == [anchor["mac"]] if anchor["sequence"] else True


def _anchor(server: ServerProcess) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((server.data / "audit.seal").read_text())
    except (FileNotFoundError, ValueError):
        return None
    return found


def _unsealed(server: ServerProcess) -> int:
    return int(look(server, "SELECT count(*) FROM audit_heads WHERE sealed <> sequence")[0][0])


def broken(sender: Sender, path: str = "/audit/verify") -> tuple[str, int, str]:
    """The chain that is reported as broken, where, and why."""
    found = sender.get(path)["broken"]
    assert found is not None, "verify says that all is whole"
    return found["subject"], found["sequence"], found["why"]
