"""``sentlinks favorites``: the shortcuts in My Favorites."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..rules.errors import NotFound
from ..rules.ids import canonical, is_short, whole
from ..rules.missing import NO_FOLDER, NO_SHORTCUT
from ..rules.text import printable
from .base import common, outcomes
from .base.common import CommandSession
from .base.options import FOLDER_ID, Id
from .base.output import emit, tell
from .base.short_ids import whole_folder
from .base.table import TableColumn, table

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..clients.work import WorkClient
    from ..wire.work import Shortcut

T = TypeVar("T")


@click.group("favorites")
def favorites_command() -> None:
    """Shortcuts in My Favorites."""


@favorites_command.command("list")
@common.remote
def list_favorites(session: CommandSession) -> None:
    """List the shortcuts."""
    found = _work(session, lambda work: work.favorites())
    if session.json:
        emit({"favorites": [_fields(favorite) for favorite in found]})
    elif not found:
        tell("My Favorites is empty. To add a folder: sentlinks favorites add FOLDER_ID")
    else:
        rows = [(f.name, f.target.id if f.target else "-", f.id) for f in found]
        table((TableColumn("NAME", least=24, names=True), TableColumn("TARGET", 1), TableColumn("ID")), rows)


@favorites_command.command("add")
@click.argument("folder", type=FOLDER_ID, metavar="FOLDER_ID")
@common.remote
def add(session: CommandSession, folder: str) -> None:
    """Add a shortcut to a folder.

    FOLDER_ID is a folder of Share, or one of Work like ACTIVE:773.
    """

    folder = canonical(folder)
    if is_short(folder):
        folder = whole_folder(session, folder)

    #: The shortcuts there were: nothing undoes what was so before.
    before: set[str] = set()

    async def body(share: ShareClient, work: WorkClient) -> Shortcut:
        target, name = folder, ""
        with common.about(folder, NO_FOLDER):
            if "!" in folder:
                name = (await work.container(folder)).name
            else:
                for known in await share.folders():
                    if known.id == folder:
                        target, name = known.work_id, known.name
            if not name:
                raise NotFound("folder.not_found", NO_FOLDER)
        before.update(each.id for each in await work.favorites())
        return await work.add_favorite(target, name)

    added = session.both(body)
    if added.id in before:
        _print(session, added, "{} was in My Favorites already.")
        return
    _print(session, added, "Added {} to My Favorites.")
    outcomes.tell_undo(session, "favorites remove", [added.id], "removes it")


@favorites_command.command("rename")
@click.argument("id_", type=Id("sentlinks favorites list"), metavar="ID")
@click.argument("name", metavar="NAME")
@common.remote
def rename(session: CommandSession, id_: str, name: str) -> None:
    """Rename a shortcut."""

    async def body(work: WorkClient) -> Shortcut:
        return await work.rename_favorite(await _whole(work, id_), name)

    with common.about(id_, NO_SHORTCUT):
        renamed = _work(session, body)
    _print(session, renamed, "Renamed it to {}.")


@favorites_command.command("remove")
@click.argument("id_", type=Id("sentlinks favorites list"), metavar="ID")
@common.remote
def remove(session: CommandSession, id_: str) -> None:
    """Remove a shortcut; its target stays."""

    async def body(work: WorkClient) -> Shortcut:
        ident = await _whole(work, id_)
        for favorite in await work.favorites():
            if favorite.id == ident:
                await work.remove_favorite(ident)
                return favorite
        raise NotFound("favorite.not_found", f"{printable(id_)}: {NO_SHORTCUT}")

    removed = _work(session, body)
    _print(session, removed, "Removed {} from My Favorites.")
    if removed.target is not None:
        outcomes.tell_undo(session, "favorites add", [removed.target.id], "adds it again")


async def _whole(work: WorkClient, ident: str) -> str:
    """The whole id of a shortcut that may be given as its first digits."""
    if not is_short(ident):
        return ident
    return whole(ident, [(each.id, each.name) for each in await work.favorites()])


def _work(session: CommandSession, body: Callable[[WorkClient], Awaitable[T]]) -> T:
    return session.both(lambda share, work: body(work))


def _print(session: CommandSession, favorite: Shortcut, sentence: str) -> None:
    if session.json:
        emit({"favorites": [_fields(favorite)]})
    else:
        tell(sentence.format(printable(favorite.name)))


def _fields(favorite: Shortcut) -> dict[str, Any]:
    target = favorite.target
    return {
        "id": favorite.id,
        "name": favorite.name,
        "kind": favorite.wstype,
        "target": {"id": target.id, "name": target.name, "kind": target.wstype} if target else None,
    }
