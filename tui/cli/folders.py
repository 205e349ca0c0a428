"""``sentlinks folders``: the user's folders in Share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..rules.errors import NotFound
from ..rules.text import printable
from . import common
from .common import Session
from .links import moment
from .output import emit, table, tell

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..wire.share import Folder, Member


@click.group("folders")
def folders_command() -> None:
    """Folders in Share.

    Yours, and those of others that you are a member of.
    """


@folders_command.command("list")
@common.remote
def list_folders(session: Session) -> None:
    """List the folders."""
    found = session.share(lambda share: share.folders())
    if session.json:
        emit({"folders": [folder.model_dump(mode="json") for folder in found]})
    elif not found:
        tell("There is no folder yet; the first send makes one.")
    else:
        rows = [
            (
                f.name,
                f.role if f.role == "owner" else f"{f.role} ({f.owner})",
                "yes" if f.current else "no",
                str(f.documents),
                str(f.published),
                moment(f.created_at),
                f.id,
            )
            for f in found
        ]
        table(("NAME", "ROLE", "CURRENT", "DOCUMENTS", "PUBLISHED", "MADE", "ID"), rows)


@folders_command.command("delete")
@click.argument("id_", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common.remote
def delete(session: Session, id_: str, yes: bool) -> None:
    """Delete a folder; its documents go to the trash, and their links stop."""
    if not yes:
        common.need_answer()
        folder = session.share(lambda share: _find(share, id_))
        links = "1 published link" if folder.published == 1 else f"{folder.published:,} published links"
        common.ask(f"{folder.name} has {links}, which will stop. Delete the folder?")
        common.ask("All of its documents go to the trash. Really?")

    async def body(share: ShareClient) -> tuple[Folder, int]:
        folder = await _find(share, id_)
        return folder, await share.delete_folder(id_)

    folder, deleted = session.share(body)
    if session.json:
        emit({"folders": [{"id": folder.id, "name": folder.name}], "deleted": deleted})
    else:
        documents = "1 document is" if deleted == 1 else f"{deleted:,} documents are"
        tell(f"{printable(folder.name)} is deleted; {documents} in the trash.")


async def _find(share: ShareClient, id_: str) -> Folder:
    for folder in await share.folders():
        if folder.id == id_:
            return folder
    raise NotFound("folder.unknown", f"There is no folder {printable(id_)} of yours.")


@folders_command.command("members")
@click.argument("id_", metavar="ID")
@click.option("--add", "added", multiple=True, metavar="NAME", help="Add a person.")
@click.option("--remove", "removed", multiple=True, metavar="NAME", help="Take a person off.")
@common.remote
def members(session: Session, id_: str, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
    """List, add and take off members of a folder.

    A member sees all that is in the folder: single documents cannot be kept from them.
    """

    async def body(share: ShareClient) -> list[Member]:
        found = await share.members(id_)
        for name in added:
            found = await share.add_member(id_, name)
        for name in removed:
            found = await share.remove_member(id_, name)
        return found

    found = session.share(body)
    if added:
        session.inform("Members see all that is in the folder: single documents cannot be kept from them.")
    if session.json:
        emit({"members": [member.model_dump(mode="json") for member in found]})
    elif not found:
        tell("The folder has no members.")
    else:
        table(("NAME", "ADDED"), [(member.name, moment(member.added_at)) for member in found])
