"""Sealing the audit of a running server, and what is reported once something of it is gone."""

from __future__ import annotations

from tests.support.server import ServerProcess
from tests.support.share import Sender
from tui.server.audit import seal
from tui.server.opening import open_context

SEALS = "seals"


async def sealed(server: ServerProcess) -> None:
    """Seals, as the server does every minute."""
    context = await open_context(server.settings)
    try:
        await seal(context)
    finally:
        await context.close()


def broken(sender: Sender, path: str = "/audit/verify") -> tuple[str, int, str]:
    """The chain that is reported as broken, where, and why."""
    found = sender.get(path)["broken"]
    assert found is not None, "verify says that all is whole"
    return found["subject"], found["sequence"], found["why"]
