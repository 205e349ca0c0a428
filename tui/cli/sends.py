"""``sentlinks sends``: sends that are under way or were interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..rules.errors import Problem, Unreachable
from ..rules.text import printable
from . import common
from .common import Result, Session
from .interrupted import Interruptions
from .output import emit, say

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..sending.resuming import Standing


@click.command("sends")
@common.remote
def sends_command(session: Session, /) -> int:
    """List sends that are under way or were interrupted.

    Each with what it has published so far. sentlinks send --resume ID goes on with one that was interrupted,
    --discard ID gives it up.
    """
    found = session.share(lambda share: _found(session, share))
    if session.json:
        emit({"sends": [_fields(stands, running) for stands, running in found]})
        return 0
    for stands, running in found:
        contents = stands.contents
        at = f"{contents.at.astimezone():%Y-%m-%d %H:%M}" if contents.at else ""
        count, total = len(stands.published), len(contents.entries)
        say(f"{contents.id}  {_state(running):11}  {at}  {count} of {total} published")
        for entry in contents.entries:
            document = stands.documents.get(entry.key)
            link = document.url if document is not None and document.url else "not published"
            say(f"    {printable(entry.name)}: {link}")
    return 0


async def _found(session: Session, share: ShareClient) -> list[tuple[Standing, bool]]:
    from ..sending.resuming import as_told, standing

    me = await share.me()
    found = []
    for each in Interruptions(session, me.user).left():
        try:
            stands = await standing(share, each.contents)
        except Unreachable:
            raise
        except Problem:
            stands = as_told(each.contents)
        found.append((stands, each.running))
    return found


def _state(running: bool) -> str:
    return "sending" if running else "interrupted"


def _fields(stands: Standing, running: bool) -> dict[str, Any]:
    documents = [Result(document.id, document).fields() for document in stands.published]
    return {"id": stands.contents.id, "state": _state(running), "documents": documents}
