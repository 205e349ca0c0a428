"""``sentlinks folders``: the user's folders in Share."""

from __future__ import annotations

from collections.abc import Iterable
from shlex import quote
from typing import TYPE_CHECKING

import click

from ..rules.display import counted, documents_text
from ..rules.errors import InvalidValue, NotFound
from ..rules.missing import NO_FOLDER
from ..rules.text import printable
from .base import common, outcomes
from .base.common import CommandSession
from .base.next_command import server_words
from .base.options import FOLDER_ID, option
from .base.output import emit, tell
from .base.short_ids import whole_folder
from .base.table import TableColumn, table
from .links import moment

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..wire.folders import Folder, Member


_COLUMNS = (
    TableColumn("NAME", least=24, names=True),
    TableColumn("ROLE", 2),
    TableColumn("CURRENT", 3),
    TableColumn("DOCUMENTS", 4),
    TableColumn("PUBLISHED", 1),
    TableColumn("CREATED", 5),
    TableColumn("ID"),
)


@click.group("folders")
def folders_command() -> None:
    """Folders in Share.

    Yours, and those of others that you are a member of.
    """


@folders_command.command("list")
@common.remote
def list_folders(session: CommandSession) -> None:
    """List the folders."""
    found = session.share(lambda share: share.folders())
    if session.json:
        emit({"folders": [folder.model_dump(mode="json") for folder in found]})
    elif not found:
        tell("No folders; a send makes one: sentlinks send FILE")
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
        table(_COLUMNS, rows)


@folders_command.command("delete")
@click.argument("id_", type=FOLDER_ID, metavar="ID")
@option("--yes", is_flag=True, help="Don't ask for confirmation.")
@common.remote
def delete(session: CommandSession, id_: str, yes: bool) -> None:
    """Delete a folder.

    Its documents go to the trash, and their links stop.
    """
    if not yes:
        common.need_confirmation()
    id_ = whole_folder(session, id_)
    if not yes:
        folder = session.share(lambda share: _find(share, id_))
        links = counted(folder.published, "published link")
        common.confirm(f"{folder.name} has {links}, which will stop working. Delete the folder?")
        common.confirm("All of its documents move to the trash. Are you sure?")

    async def body(share: ShareClient) -> tuple[Folder, int]:
        folder = await _find(share, id_)
        return folder, await share.delete_folder(id_)

    folder, deleted = session.share(body)
    if session.json:
        emit({"folders": [{"id": folder.id, "name": folder.name}], "deleted": deleted})
    else:
        tell(f"Deleted {printable(folder.name)} and moved {documents_text(deleted)} to the trash.")
        if deleted:
            tell("sentlinks trash restore ID brings a document back; sentlinks trash list shows the IDs.")


async def _find(share: ShareClient, id_: str) -> Folder:
    for folder in await share.folders():
        if folder.id == id_:
            return folder
    raise NotFound("folder.unknown", f"{printable(id_)}: {NO_FOLDER}")


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple({name.upper(): name for name in reversed([*names])}.values())[::-1]


@folders_command.command("members")
@click.argument("id_", type=FOLDER_ID, metavar="ID")
@option("--add", "added", multiple=True, metavar="NAME", help="Add a person.")
@option("--remove", "removed", multiple=True, metavar="NAME", help="Remove a person.")
@common.remote
def members(session: CommandSession, id_: str, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
    """List, add or remove members of a folder.

    Members see everything in the folder; single documents can't be hidden from them.
    """

    added, removed = _each_once(added), _each_once(removed)
    if both := {name.upper() for name in added} & {name.upper() for name in removed}:
        message = f"{printable(sorted(both)[0])} can be added or removed, not both."
        raise InvalidValue("options.contrary", message)
    id_ = whole_folder(session, id_)
    before: list[Member] = []

    async def body(share: ShareClient) -> list[Member]:
        with common.about(id_):
            found = await share.members(id_)
        before.extend(found)
        for name in added:
            found = await share.add_member(id_, name)
        for name in removed:
            found = await share.remove_member(id_, name)
        return found

    found = session.share(body)
    if added:
        session.inform("Members see everything in this folder; single documents can't be hidden from them.")
    if session.json:
        emit({"members": [member.model_dump(mode="json") for member in found]})
    elif not found:
        add = f"sentlinks folders members {id_} --add NAME{server_words()}"
        tell(f"The folder has no members. To add one: {add}")
    else:
        table(
            (TableColumn("NAME", least=24, names=True), TableColumn("ADDED")),
            [(member.name, moment(member.added_at)) for member in found],
        )
    # Who was a member before stays one when this is undone.
    members_before = {member.name.upper() for member in before}
    undone = [f"--remove {quote(name)}" for name in added if name.upper() not in members_before]
    undone += [f"--add {quote(name)}" for name in removed if name.upper() in members_before]
    if undone:
        outcomes.tell_undo(session, "folders members", [f"{id_} {' '.join(undone)}"], "undoes it")
