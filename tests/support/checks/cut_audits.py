"""Sealing the audit of a running server, and what is reported once something of it is gone."""

from __future__ import annotations

import json
from contextlib import suppress

from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, until
from tui.server.audit import seal
from tui.server.installation.installation import open_context

SEALS = "seals"


async def sealed(server: ServerProcess) -> None:
    """Seals, as the server does when something was written, and waits until neither has anything left to seal."""
    context = await open_context(server.settings)
    try:
        await seal(context)
    finally:
        await context.close()
    until(lambda: _unsealed(server) == 0)
    wait_until_noted(server)


def wait_until_noted(server: ServerProcess) -> None:
    """Waits until nothing is left to seal, and the newest seal is noted in the data folder; not for long, as that
    never happens in an audit that a test has spoiled."""
    with suppress(AssertionError):
        until(lambda: has_sealed(server), seconds=1)


def has_sealed(server: ServerProcess) -> bool:
    """Whether all rows are sealed, and the newest seal is noted in the data folder."""
    # In this order: a seal that is made in between is also one that the data folder doesn't know yet.
    if _unsealed(server) != 0:
        return False
    ((newest,),) = look(server, "SELECT max(sequence) FROM seals")
    try:
        anchor = json.loads((server.data / "audit.seal").read_text())
    except (FileNotFoundError, ValueError):
        return False
    return bool(anchor["sequence"] == (newest or 0))


def _unsealed(server: ServerProcess) -> int:
    return int(look(server, "SELECT count(*) FROM audit_heads WHERE sealed <> sequence")[0][0])


def broken(sender: Sender, path: str = "/audit/verify") -> tuple[str, int, str]:
    """The chain that is reported as broken, where, and why."""
    found = sender.get(path)["broken"]
    assert found is not None, "verify says that all is whole"
    return found["subject"], found["sequence"], found["why"]
