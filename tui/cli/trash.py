"""``sentlinks trash``: list, restore and permanently remove deleted documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..rules.display import documents_text
from . import common
from .common import Session
from .links import collect, show, tell_done
from .output import emit, tell

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..wire.share import Document


@click.group("trash")
def trash_command() -> None:
    """List, restore or permanently remove deleted documents."""


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
    """Restore documents, unpublished."""
    results = session.share(lambda share: common.for_each(ids, share.restore))
    return tell_done(session, results, "restored to its folder, unpublished")


@trash_command.command("empty")
@click.option("--yes", is_flag=True, help="Don't ask for confirmation.")
@common.remote
def empty(session: Session, yes: bool) -> None:
    """Permanently remove everything in the trash."""
    if not yes:
        common.need_confirmation()
        common.confirm("Permanently remove all documents in the trash?")
        common.confirm("They can't be restored. Are you sure?")
    purged = session.share(lambda share: share.empty_trash())
    if session.json:
        emit({"purged": purged})
    else:
        tell(f"Permanently removed {documents_text(purged)}.")
