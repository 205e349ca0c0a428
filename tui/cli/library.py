"""Work's library: ``import``, ``checkout``, ``checkin``, ``release``, ``find``."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..files.user_files import with_home
from ..rules import names
from ..rules.display import day_and_time
from ..rules.errors import InvalidValue, Problem
from ..rules.ids import canonical
from ..rules.missing import NO_DOCUMENT
from ..rules.search import checked
from ..rules.text import printable
from .base import common, outcomes
from .base.common import CommandSession
from .base.options import Choice, GivenPath, WholeNumber, option, output_option
from .base.output import emit, say, tell
from .base.progress import bar, progress
from .base.table import TableColumn, table

if TYPE_CHECKING:
    from ..clients.library import Json, LibraryClient
    from ..clients.tree import Tree
    from ..sending.importing import ImportOutcome

T = TypeVar("T")

_DEFAULT_LIMIT = 200
_COLUMNS = (
    TableColumn("ID"),
    TableColumn("NAME", least=24, names=True),
    TableColumn("AUTHOR", 2),
    TableColumn("EDITED", 1),
    TableColumn("CHECKED OUT BY", 3),
    TableColumn("WORKSPACE", 4, least=16),
)
# Up to this many failures are listed one by one.
_MAX_LISTED = 20


def _nonempty(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not value.strip():
        raise InvalidValue("id.empty", "The ID is empty; name a document like ACTIVE:453.", "id")
    return canonical(value)


_id = click.argument("id_", metavar="ID", callback=_nonempty)


def _library(session: CommandSession, body: Callable[[LibraryClient], Awaitable[T]]) -> T:
    return session.library(body)


# ---------------------------------------------------------------- import


@click.command("import")
@click.argument("dir_", metavar="DIR", type=GivenPath())
@option("--workspace", required=True, metavar="NAME", help="The workspace to import into.")
@option(
    "--security",
    type=Choice(("public", "view", "private")),
    show_default="public",
    help="Who can see a new workspace: everyone, everyone read-only, or only you.",
)
@common.remote
def import_command(session: CommandSession, dir_: Path, workspace: str, security: str | None) -> int:
    """Load a folder tree into the library.

    When run again, a changed file becomes a new version. Symbolic links out of the folder are not followed.
    """
    from ..clients.tree import Tree

    with Tree(dir_) as tree:
        outcome = session.library(lambda work: _import(work, tree, workspace, security))
    return _tell_import(session, outcome)


async def _import(work: LibraryClient, tree: Tree, workspace: str, security: str | None) -> ImportOutcome:
    import asyncio

    from ..sending.importing import Import

    with progress() as paint:
        total = await asyncio.to_thread(tree.count) if os.isatty(2) else 0
        run = Import(
            work,
            tree,
            workspace,
            security,
            lambda outcome: paint(lambda: _import_line(outcome, total)),
        )
        return await run.run()


def _import_line(outcome: ImportOutcome, total: int) -> str:
    return f"{bar(min(outcome.done, total), total)}  {_done_text(outcome)}"


def _done_text(outcome: ImportOutcome) -> str:
    """``3 added, 1 new version, 2 unchanged``, without what there is none of."""
    counts = (
        (outcome.added, "added"),
        (outcome.versions, "new version" if outcome.versions == 1 else "new versions"),
        (outcome.unchanged, "unchanged"),
        (len(outcome.failed), "failed"),
    )
    return ", ".join(f"{count:,} {what}" for count, what in counts if count) or "nothing yet"


def _tell_import(session: CommandSession, outcome: ImportOutcome) -> int:
    space = outcome.workspace
    assert space is not None
    for failure in outcome.failed[:_MAX_LISTED]:
        tell(f"{printable(failure.path)}: {failure.message}")
    if len(outcome.failed) > _MAX_LISTED:
        tell(f"And {len(outcome.failed) - _MAX_LISTED:,} more; --json lists them all.")
    if outcome.stopped is not None:
        tell("The import stopped there; run it again to import the rest.")
    if session.json:
        emit(
            {
                "workspace": {"id": space.id, "name": space.name},
                "added": outcome.added,
                "versions": outcome.versions,
                "unchanged": outcome.unchanged,
                "failed": [
                    {"path": failure.path, "code": failure.code, "message": failure.message}
                    for failure in outcome.failed
                ],
            }
        )
    else:
        say(f"{space.name} ({space.id}): {_done_text(outcome)}")
    return 1 if outcome.failed else 0


# ---------------------------------------------------------------- check-out


@click.command("checkout")
@_id
@output_option
@common.remote
def checkout_command(session: CommandSession, id_: str, output: Path | None) -> None:
    """Check out a document to a file.

    Others see that you have it. ID is a version like ACTIVE:453.1; ACTIVE:453 or 453 is the latest. An existing file
    is never overwritten.
    """
    place = output if output is not None else Path()
    with common.about(id_, NO_DOCUMENT), common.writing():
        profile, path = _library(session, lambda work: _check_out(work, id_, place))
    back = " ".join(quote(printable(word)) for word in (profile["id"], str(path)))
    session.inform(f"Saved as {printable(str(path))}. To check it in: sentlinks checkin {back}")
    _print(session, [{**profile, "path": str(path)}])


def _target(place: Path, name: str) -> Path:
    """The path to write to: the file's own name in a folder, or ``place`` itself."""
    return place / name if place.is_dir() else place


async def _check_out(work: LibraryClient, ident: str, place: Path) -> tuple[Json, Path]:
    from ..clients.fetch import check_free, save
    from ..wire import work_reading as wire

    profile = await work.profile(ident)
    document = work.session.found(wire.document(profile))
    path = _target(place, names.local_name(document.file_name, document.extension))
    check_free(path)
    if not os.access(path.parent, os.F_OK):
        raise InvalidValue("output.missing", f"There is no folder {printable(str(path.parent))}.", "output")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise InvalidValue(
            "output.unwritable", f"You can't write to {printable(str(path.parent))}.", "output"
        )
    if document.is_latest is False:
        tell(f"{printable(document.id)} is not the latest version; version {document.latest_version} is.")
    holder = document.checked_out_by
    await work.lock(document.id, str(path.absolute()))
    try:
        pieces = work.download(document.id, size=document.size, sha256=document.sha256)
        await save(pieces, path, document.file_name, document.sha256)
    except BaseException:
        # If the file can't be saved, undo a check-out that this command made.
        if holder is None:
            await _give_back(work, document.id)
        raise
    return await work.profile(document.id), path


async def _give_back(work: LibraryClient, ident: str) -> None:
    try:
        await work.unlock(ident)
    except Problem as problem:
        tell(f"{printable(ident)} stays checked out: {problem.message}")


@click.command("checkin")
@_id
@click.argument("file", metavar="FILE", type=click.Path())
@common.remote
def checkin_command(session: CommandSession, id_: str, file: str) -> None:
    """Check in FILE as a new version of a document.

    You must have checked out the document.
    """
    from ..clients.files import LocalFile

    found = LocalFile.open(with_home(file))
    extension = names.extension(found.name).lower()

    async def body(work: LibraryClient) -> tuple[Json, str]:
        from ..clients.library import FileContent

        mine = await work.version_out(id_)
        before = str((await work.profile(mine)).get("extension") or "").lower()
        type_field = {"extension": extension} if extension else {}
        profile = {"doc_profile": {**type_field, "size": found.size}, "keep_locked": False}
        return await work.new_version(mine, profile, FileContent(found.size, found.read)), before

    with common.about(id_, NO_DOCUMENT):
        profile, before = _library(session, body)
    session.inform(f"Saved as version {profile.get('version')}.")
    if extension and before != extension:
        was = f"before, it was .{printable(before)}" if before else "before, it had no ending"
        tell(f"The document is .{printable(extension)} from this version on; {was}.")
    _print(session, [profile])


@click.command("release")
@_id
@common.remote
def release_command(session: CommandSession, id_: str) -> None:
    """Release a check-out without making a new version."""

    async def body(work: LibraryClient) -> Json:
        ident = await work.version_held(id_)
        await work.unlock(ident)
        return await work.profile(ident)

    with common.about(id_, NO_DOCUMENT):
        released = _library(session, body)
    _print(session, [released])
    outcomes.tell_undo(session, "checkout", [quote(str(released["id"]))], "checks it out again")


# ---------------------------------------------------------------- find


@click.command("find")
@click.argument("text", metavar="TEXT")
@option(
    "--limit",
    type=WholeNumber(1, 100_000),
    default=_DEFAULT_LIMIT,
    show_default=True,
    metavar="N",
    help="Show at most this many.",
)
@option("--sent", is_flag=True, help="Find the copies in Secure Sent Links, too.")
@common.remote
def find_command(session: CommandSession, text: str, limit: int, sent: bool) -> None:
    """Find documents by name, number, author or class.

    TEXT is a document's ID, or one or more words or beginnings of words, which must all match. The document edited last
    comes first. The copies that were sent are left out, unless TEXT is the ID of one.
    """
    text = checked(text)

    async def body(work: LibraryClient) -> tuple[list[Json], bool]:
        found: list[Json] = []
        cursor = None
        while True:
            most = min(limit - len(found) + 1, _DEFAULT_LIMIT + 1)
            page = await work.find_profiles(text, cursor, most, copies=sent)
            found += page.items
            cursor = page.cursor
            if cursor is None or len(found) > limit:
                return found[:limit], len(found) > limit

    found, more = _library(session, body)
    if more:
        tell(f"More than {limit:,} found; raise --limit, or add words.")
    elif not found:
        session.inform(
            f"Nothing found.{'' if sent else ' With --sent, copies that were sent are found, too.'}"
        )
    _print(session, found)


# ---------------------------------------------------------------- output


def _print(session: CommandSession, profiles: list[Any]) -> None:
    if session.json:
        emit({"documents": profiles})
    elif profiles:
        table(_COLUMNS, map(_row, profiles))


def _row(profile: Json) -> tuple[str, ...]:
    from ..wire import work_reading as wire

    document = wire.document(profile)
    if document is None:
        return str(profile.get("id")), "", "", "", "", ""
    edited = day_and_time(document.edit_date)
    holder = document.checked_out_by
    return (
        document.id,
        document.file_name,
        document.author or "",
        edited,
        (document.in_use_by_description or holder or "someone") if holder is not None else "",
        "a sent copy" if document.is_sent_copy else document.workspace_name or "",
    )
