"""``sentlinks links``, ``unpublish`` and ``delete``."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from ..rules.display import day_and_time
from ..rules.errors import InvalidValue, NotFound, Problem
from ..rules.ids import DIGITS, fewest_digits
from ..rules.sent_filter import LinkState, contrary, parse, quoted
from ..rules.sent_text import downloads_text, external_text, recipients_text, wrong_passwords_text
from ..rules.text import printable
from ..terminal.plain import is_plain_terminal
from .base import common, outcomes
from .base.common import CommandSession
from .base.document_acts import ActedOn, DocumentAct
from .base.next_command import name_next
from .base.nothing_sent import nothing_sent
from .base.options import DOCUMENT_ID, FOLDER_ID, PUBLISHED_ID, SLOWED_ID, Choice, offer_recipients, option
from .base.outcomes import Result
from .base.output import emit, tell
from .base.short_ids import whole_document, whole_documents, whole_folder
from .base.table import TableColumn, room_for_lines, table
from .plain import missing

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..wire.share import Document, Documents, StoppedLink

_LINK = TableColumn("LINK")
_COLUMNS = (
    TableColumn("NAME", least=18, names=True),
    TableColumn("EXTERNAL", least=17),
    TableColumn("DOWNLOADS", 1),
    TableColumn("EXPIRES", 2),
    TableColumn("PASSWORD", 3),
    TableColumn("SENT", 4),
    TableColumn("TO", 5, least=20),
    TableColumn("ID"),
)
#: How many documents are asked for at a time: the most that a server gives.
_AT_ONCE = 500
#: What a terminal needs beside the links to have them on the same lines.
_BESIDE = 48
_ids = click.argument("ids", nargs=-1, type=DOCUMENT_ID, required=True, metavar="ID...")


@click.command("links")
@option(
    "--folder",
    type=FOLDER_ID,
    metavar="ID",
    show_default="the current one",
    help="What one folder holds.",
)
@option("--all", "all_", is_flag=True, help="All your folders.")
@option(
    "--to",
    "to",
    multiple=True,
    metavar="ADDRESS",
    shell_complete=offer_recipients,
    help="Only what was sent to this person: an address, a name or a part of one.",
)
@option(
    "--from",
    "sources",
    show_default="anywhere",
    multiple=True,
    metavar="TEXT",
    help="Only what was sent from here: a part of the name or number of a document, of a file, or of a workspace.",
)
@option(
    "--state",
    "states",
    show_default="any",
    multiple=True,
    type=Choice([str(state) for state in LinkState]),
    metavar="STATE",
    help=f"Only links in this state: {', '.join(LinkState)}. Given again: in both states.",
)
@option(
    "--not-collected",
    is_flag=True,
    help="Only what nobody has downloaded: links that work, or those of --state.",
)
@common.remote
def links_command(
    session: CommandSession,
    folder: str | None,
    all_: bool,
    to: tuple[str, ...],
    sources: tuple[str, ...],
    states: tuple[str, ...],
    not_collected: bool,
) -> int:
    """List what was sent, the latest first.

    Without --folder or --all: the documents of the current Secure Sent Links folder. Of several filters, a document has
    to fit all.
    """
    if folder and all_:
        raise InvalidValue("options.contrary", "Give --folder or --all, not both.")
    wanted = _filter(to, sources, states, not_collected=not_collected)
    if not (folder or all_ or wanted) and missing.is_asked(session):
        folder, all_ = missing.ask_for_links(session)
    if folder:
        folder = whole_folder(session, folder)

    async def read(share: ShareClient) -> list[Document]:
        if all_:
            return await collect(share.all_document_pages(_AT_ONCE, wanted))
        chosen = folder
        if chosen is None:
            current = (await share.current_folder()).folder
            if current is None:
                return []
            chosen = current.id
        with common.about(folder):
            return await collect(share.document_pages(chosen, _AT_ONCE, wanted))

    async def body(share: ShareClient) -> tuple[list[Document], str]:
        found = await read(share)
        if found or session.json:
            return found, ""
        if wanted:
            more = "" if all_ or folder else " here; --all looks in all your folders"
            return found, f"No document fits{more}."
        return found, await nothing_sent(share, "" if all_ else "here; --all looks in all your folders")

    return show(session, *session.share(body))


def _filter(to: Sequence[str], sources: Sequence[str], states: Sequence[str], *, not_collected: bool) -> str:
    """The options as a filter. Raises :class:`InvalidValue`."""
    if not all(each.strip() for each in to):
        raise InvalidValue("to.empty", "The value of --to is empty; give an address or a name.", "to")
    if not all(each.strip() for each in sources):
        raise InvalidValue("from.empty", "The value of --from is empty; give a name or a number.", "from")
    given = [LinkState(state) for state in states]
    if excluded := contrary(given):
        both = " and ".join(excluded)
        raise InvalidValue(
            "options.contrary", f"No link is both {both}; give one of them with --state.", "state"
        )
    if not_collected and (excluded := contrary([LinkState.UNTAKEN, *given])):
        message = f"Give --not-collected or --state {excluded[1]}, not both."
        raise InvalidValue("options.contrary", message, "state")
    wanted = [*(quoted("to", each) for each in to), *(quoted("from", each) for each in sources)]
    if not_collected:
        states = [*(states or [LinkState.ON]), LinkState.UNTAKEN]
    text = " ".join([*wanted, *(f"is:{state}" for state in states)])
    parse(text)
    return text


async def collect(pages: AsyncIterator[Documents]) -> list[Document]:
    """The documents of all pages."""
    return [document async for page in pages for document in page.documents]


def show(session: CommandSession, documents: Sequence[Document], nothing: str) -> int:
    """Print documents as an object or a table, or the message ``nothing`` if there are none."""
    if session.json:
        return outcomes.finish(session, [Result(d.id, d) for d in documents])
    if not documents:
        tell(nothing)
        return 0
    if is_plain_terminal() and sys.stdout.isatty():
        from .plain.sent_questions import read_out

        read_out(documents)
        _tell_locked(session, documents)
        return 0
    room = room_for_lines()
    digits = DIGITS if room is None else fewest_digits([document.id for document in documents])
    rows = [_row(document, digits) for document in documents]
    # First, and whole: it is what one copies from here.
    links = [printable(document.url or "-") for document in documents]
    if room is not None and max(map(len, links)) + _BESIDE > room:
        table(_COLUMNS, rows, above=links)
    else:
        table((_LINK, *_COLUMNS), [(link, *row) for link, row in zip(links, rows, strict=True)])
    _tell_locked(session, documents)
    return 0


def _tell_locked(session: CommandSession, documents: Sequence[Document]) -> None:
    locked = [document.id for document in documents if document.locked]
    outcomes.tell_undo(session, "unlock", locked, "lets its recipients try passwords again")


def _row(document: Document, digits: int) -> tuple[str, ...]:
    return (
        document.name,
        _external(document),
        downloads_text(document.downloads, document.downloads_permitted, anew=document.resent_at is not None),
        moment(document.expires_at),
        _password(document),
        moment(document.sent_at),
        recipients_text(document.recipients) or "-",
        document.id[:digits],
    )


def _external(document: Document) -> str:
    text = external_text(document.published, document.why_off)
    return f"! {text}" if document.locked or document.throttled else text


def _password(document: Document) -> str:
    if document.locked:
        return "yes, locked"
    if document.throttled:
        return f"yes, {wrong_passwords_text(document.wrong_passwords)}"
    return "yes" if document.has_password else "no"


def moment(at: datetime | None) -> str:
    """A time in this machine's time zone, ``-`` for none."""
    return day_and_time(at) or "-"


@click.command("unpublish")
@click.argument("ids", nargs=-1, type=PUBLISHED_ID, required=True, metavar="ID...")
@option("--as-administrator", is_flag=True, help="Also documents of other people, by their whole IDs.")
@common.remote
def unpublish_command(session: CommandSession, ids: tuple[str, ...], as_administrator: bool) -> int:
    """Stop the links of documents at once. The documents stay in their folder."""
    if as_administrator:
        return _stop(session, ids)
    ids = whole_documents(session, ids)
    changed = ActedOn.of(session, ids, _UNPUBLISH)
    status = changed.tell()
    changed.tell_undo(
        "resend", "publishes it again, counting from 0", "publishes them again, counting from 0"
    )
    return status


_UNPUBLISH = DocumentAct(
    lambda share, ident: share.unpublish(ident),
    "its link no longer works",
    lambda document: not document.published,
    "its link was off already",
)


def _stop(session: CommandSession, ids: tuple[str, ...]) -> int:
    """Stop links as an administrator, each once, and return the exit status."""

    async def stop_all(share: ShareClient) -> tuple[list[StoppedLink], list[tuple[str, Problem]]]:
        stopped: list[StoppedLink] = []
        failed: list[tuple[str, Problem]] = []
        for identity in dict.fromkeys(ids):
            try:
                stopped.append(await share.stop(identity))
            except NotFound as problem:
                name_next(problem, identity)
                failed.append((identity, problem))
        return stopped, failed

    stopped, failed = session.share(stop_all)
    for identity, problem in failed:
        tell(f"{printable(identity)}: {problem.message}")
    for link in stopped:
        done = "Stopped the link" if link.published else "The link was off already"
        session.inform(f"{done}: document {link.id} of {printable(link.owner)}.")
    if session.json:
        emit({"documents": [link.model_dump(mode="json") for link in stopped]})
    if not failed:
        return 0
    return 1 if stopped else failed[0][1].exit_status


@click.command("delete")
@_ids
@common.remote
def delete_command(session: CommandSession, ids: tuple[str, ...]) -> int:
    """Move documents to the trash. Their links stop at once."""
    ids = whole_documents(session, ids)
    changed = ActedOn.of(session, ids, _DELETE)
    status = changed.tell()
    changed.tell_undo("trash restore", "brings it back", "brings them back")
    return status


_DELETE = DocumentAct(
    lambda share, ident: share.delete(ident),
    "it is in the trash, and its link no longer works",
    lambda document: document.deleted_at is not None,
    "it was in the trash already",
)


@click.command("unlock")
@click.argument("id_", type=SLOWED_ID, metavar="ID")
@common.remote
def unlock_command(session: CommandSession, id_: str) -> int:
    """Lift the lock and the delays caused by wrong passwords."""
    id_ = whole_document(session, id_)
    return ActedOn.of(session, [id_], _UNLOCK).tell()


_UNLOCK = DocumentAct(
    lambda share, ident: share.unlock(ident),
    "its recipients can try passwords again at once",
    lambda document: not (document.locked or document.throttled),
    "its recipients didn't have to wait",
)
