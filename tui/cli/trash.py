"""``sentlinks trash``: what was deleted, brought back, and removed for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from . import common
from .common import Session
from .links import collect, show, tell_done
from .output import emit, tell

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..wire.share import Document


@click.group("trash")
def trash_command() -> None:
    """List, restore and remove for good what was deleted."""


@trash_command.command("list")
@common.remote
def list_trash(session: Session) -> int:
    """List the trash."""

    async def body(share: ShareClient) -> list[Document]:
        return await collect(share.trash_pages())

    return show(session, session.share(body), "The trash is empty.")


@trash_command.command("restore")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@common.remote
def restore(session: Session, ids: tuple[str, ...]) -> int:
    """Bring documents back, unpublished."""
    results = session.share(lambda share: common.each(ids, share.restore))
    return tell_done(session, results, "it is back in its folder, unpublished")


@trash_command.command("empty")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common.remote
def empty(session: Session, yes: bool) -> None:
    """Remove what is in the trash for good."""
    if not yes:
        common.need_answer()
        common.ask("All documents in the trash are removed for good. Go on?")
        common.ask("They cannot be brought back. Really?")
    purged = session.share(lambda share: share.empty_trash())
    if session.json:
        emit({"purged": purged})
    else:
        tell(
            "1 document is removed for good."
            if purged == 1
            else f"{purged:,} documents are removed for good."
        )
