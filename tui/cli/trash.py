"""``sentlinks trash``: list, restore and permanently remove deleted documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..rules.display import documents_text
from ..rules.errors import NotFound
from .base import common
from .base.common import CommandSession
from .base.document_acts import ActedOn, DocumentAct
from .base.options import TRASHED_ID, option
from .base.output import emit, tell
from .base.short_ids import whole_documents
from .links import collect, show

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..wire.share import Document


@click.group("trash")
def trash_command() -> None:
    """List, restore or permanently remove deleted documents."""


@trash_command.command("list")
@common.remote
def list_trash(session: CommandSession) -> int:
    """List the trash."""

    async def body(share: ShareClient) -> list[Document]:
        return await collect(share.trash_pages())

    return show(session, session.share(body), "The trash is empty.")


@trash_command.command("restore")
@click.argument("ids", nargs=-1, type=TRASHED_ID, required=True, metavar="ID...")
@common.remote
def restore(session: CommandSession, ids: tuple[str, ...]) -> int:
    """Restore documents, unpublished."""
    ids = whole_documents(session, ids)
    changed = ActedOn.of(session, ids, _RESTORE)
    status = changed.tell()
    changed.tell_undo("delete", "deletes it again", "deletes them again")
    return status


async def _restored(share: ShareClient, ident: str) -> Document:
    try:
        return await share.restore(ident)
    except NotFound as problem:
        where = "To list what is in the trash: sentlinks trash list"
        raise NotFound(problem.code, f"{problem.message} {where}") from problem


_RESTORE = DocumentAct(
    _restored,
    "restored to its folder, unpublished",
    lambda document: document.deleted_at is None,
    "it wasn't in the trash",
)


@trash_command.command("empty")
@option("--yes", is_flag=True, help="Don't ask for confirmation.")
@common.remote
def empty(session: CommandSession, yes: bool) -> None:
    """Permanently remove everything in the trash."""
    purged = session.share(lambda share: share.empty_trash()) if yes or _agreed(session) else 0
    if session.json:
        emit({"purged": purged})
    else:
        tell(f"Permanently removed {documents_text(purged)}." if purged else "The trash is empty.")


def _agreed(session: CommandSession) -> bool:
    """Ask twice. Returns ``False`` if there is nothing to ask about; raises :class:`Problem` unless it was agreed."""
    common.need_confirmation()
    count = session.share(lambda share: share.trash(limit=1)).total or 0
    if count:
        common.confirm(f"Permanently remove {documents_text(count)} from the trash?")
        common.confirm("This cannot be undone: what is removed can't be restored. Are you sure?")
    return count > 0
