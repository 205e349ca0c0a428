"""Documents that were sent: lists, unpublishing, sending again, deleting, fetching, unlocking."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, false, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import names
from ...rules.authorization import Action
from ...rules.errors import NotFound
from ...rules.policy import Policy
from ...rules.state import Act, Event, Reason, State, check_undo
from ...wire.share import Document, Documents, Resend, UndoUnpublish
from ..context import Context
from ..database.tables import sent_documents
from . import links, policy, present
from .acts import apply, end_grants
from .caller import Caller, document_of, folder_of, still_here, well_formed
from .paging import Sort, page

_IN_FOLDERS = sent_documents.c.state.in_((State.PUBLISHED, State.UNPUBLISHED))


async def settle(context: Context, *where: ColumnElement[bool]) -> None:
    """Writes what expired meanwhile among the documents that ``where`` chooses, before they are read."""
    due = (sent_documents.c.state == State.PUBLISHED, sent_documents.c.expires_at <= context.clock())
    async with context.database.read() as connection:
        found = await connection.execute(select(sent_documents.c.id).where(*due, *where).limit(1))
        if found.first() is None:
            return
    async with context.database.write() as connection:
        await links.settle_due(context, connection, *where)


async def settle_one(context: Context, ident: str) -> None:
    """:func:`settle` for one document, where ``ident`` can be an id at all."""
    if well_formed(ident):
        await settle(context, sent_documents.c.id == ident)


# ---------------------------------------------------------------- looking


async def in_folder(
    by: Caller, folder_id: str, sort: Sort, cursor: str | None, limit: int, name: str | None = None
) -> Documents:
    """A page of a folder, or of what has ``name`` in its name there, for its owner and members.

    Raises :class:`NotFound`.
    """
    here = sent_documents.c.folder_id == folder_id
    wanted = [_named(name)] if name else []
    async with by.context.database.read() as connection:
        folder = await folder_of(by, connection, folder_id, Action.READ_FOLDER)
    await settle(by.context, here)
    async with by.context.database.read() as connection:
        return await page(
            by,
            connection,
            here,
            _IN_FOLDERS,
            *wanted,
            sort=sort,
            cursor=cursor,
            limit=limit,
            owner=folder.owner_id == by.id,
        )


def _named(text: str) -> ColumnElement[bool]:
    # What cannot be in a name does not reach the database, which may not take it.
    return (
        sent_documents.c.name_key.contains(names.key(text), autoescape=True)
        if text.isprintable()
        else false()
    )


async def of_caller(by: Caller, sort: Sort, cursor: str | None, limit: int) -> Documents:
    """A page of all that the caller sent, without the trash."""
    own = sent_documents.c.owner_id == by.id
    await settle(by.context, own)
    async with by.context.database.read() as connection:
        return await page(by, connection, own, _IN_FOLDERS, sort=sort, cursor=cursor, limit=limit, owner=True)


async def show(by: Caller, ident: str) -> Document:
    """One document, for its owner (in the trash too) and the folder's members. Raises :class:`NotFound`."""
    await settle_one(by.context, ident)
    async with by.context.database.read() as connection:
        row = await document_of(by, connection, ident, Action.READ_SENT)
        return present.document(by.context, row, owner=row.owner_id == by.id)


# ---------------------------------------------------------------- changing


async def _to_change(by: Caller, connection: AsyncConnection, ident: str, action: Action) -> Row[Any]:
    """The document as it is now, held; an expiry that has come is written first."""
    await document_of(by, connection, ident, action)
    await links.settle_due(by.context, connection, sent_documents.c.id == ident)
    return await document_of(by, connection, ident, action)


async def _shown(by: Caller, connection: AsyncConnection, ident: str) -> Document:
    row = await document_of(by, connection, ident, Action.READ_SENT)
    return present.document(by.context, row, owner=True)


async def unpublish(by: Caller, ident: str) -> Document:
    """Stops a link; one that is stopped already stays so. Raises :class:`NotFound`, :class:`NotAllowed`."""
    async with by.context.database.write() as connection:
        row = await _to_change(by, connection, ident, Action.UNPUBLISH)
        if not await apply(by, connection, row, Act.UNPUBLISH) and row.reason == Reason.LIMIT:
            # Downloads that were given out may still be under way.
            await end_grants(by, connection, row)
        return await _shown(by, connection, ident)


async def undo_unpublish(by: Caller, ident: str, body: UndoUnpublish) -> Document:
    """Publishes a document again as it was before it was unpublished; what is undone already stays so.

    Counter, settings and the grants given under them are those of before. Raises :class:`Conflict` where it is too
    late or something else has happened to the document, :class:`NotFound`, :class:`NotAllowed`.
    """
    async with by.context.database.write() as connection:
        await still_here(by, connection)
        row = await _to_change(by, connection, ident, Action.UNDO_UNPUBLISH)
        undone = row.state == State.PUBLISHED and row.unpublished_at == body.unpublished_at
        if not undone:
            by_hand = row.state == State.UNPUBLISHED and row.reason == Reason.BY_HAND
            unpublished_at = row.unpublished_at if by_hand else None
            check_undo(unpublished_at, body.unpublished_at, row.expires_at, by.context.clock())
            await apply(by, connection, row, Act.UNDO, {"undone": str(Event.UNPUBLISHED)})
        return await _shown(by, connection, ident)


async def delete(by: Caller, ident: str) -> Document:
    """Moves a document to the trash; one that is there already stays there."""
    async with by.context.database.write() as connection:
        row = await _to_change(by, connection, ident, Action.DELETE_SENT)
        await apply(by, connection, row, Act.DELETE)
        return await _shown(by, connection, ident)


async def unlock(by: Caller, ident: str) -> Document:
    """Lifts the lock and the waits that wrong passwords have set; where there are none, nothing happens."""
    async with by.context.database.write() as connection:
        row = await _to_change(by, connection, ident, Action.UNLOCK)
        await links.unlock(by.context, connection, row, by.person.name)
        return await _shown(by, connection, ident)


def _resendable(row: Row[Any]) -> None:
    if row.state not in (State.PUBLISHED, State.UNPUBLISHED):
        raise NotFound("document.in_trash", "The document is in the trash; restore it first.")


def _new_settings(row: Row[Any], body: Resend, rules: Policy, now: datetime) -> dict[str, Any]:
    """Expiry and limit that ``body`` leads to: what it leaves out is kept, and all is held against the policy.

    A kept password counts only for being there. Raises :class:`InvalidValue`.
    """
    given = body.model_fields_set
    if "password" in given:
        policy.check_password(rules, body.password)
    else:
        policy.check_kept_password(rules, row.password_hash is not None)
    expires_at = row.expires_at
    if "expires_at" in given:
        expires_at = policy.moment_of(body.expires_at) if body.expires_at else None
    permitted = body.downloads_permitted if "downloads_permitted" in given else row.downloads_permitted
    policy.check_expiry(rules, expires_at, now, policy.zone_of(body.zone_offset))
    policy.check_downloads(rules, permitted)
    return {"expires_at": expires_at, "downloads_permitted": permitted}


async def resend(by: Caller, ident: str, body: Resend) -> Document:
    """Publishes a document anew with other settings; the counter starts at zero, earlier grants end.

    Raises :class:`InvalidValue` and :class:`PolicyBreach` as opening a send does, :class:`NotFound`,
    :class:`NotAllowed`.
    """
    context = by.context
    async with context.database.read() as connection:
        row = await document_of(by, connection, ident, Action.RESEND)
        _resendable(row)
        _new_settings(row, body, await policy.load(connection), context.clock())
    new_hash = await context.passwords.hash(body.password, by.id) if body.password else None
    async with context.database.write() as connection:
        await still_here(by, connection)
        row = await _to_change(by, connection, ident, Action.RESEND)
        _resendable(row)
        values = _new_settings(row, body, await policy.load(connection), context.clock())
        details = {
            "password": _fate("password" in body.model_fields_set, row.password_hash, new_hash),
            "expires_at": values["expires_at"] and values["expires_at"].isoformat(),
            "downloads_permitted": values["downloads_permitted"],
            "new_address": body.new_address,
        }
        if "password" in body.model_fields_set:
            values["password_hash"] = new_hash
        if body.new_address:
            _, values["address_hash"], values["address_sealed"] = links.mint(context, row.id)
        await apply(by, connection, row, Act.RESEND, details, values)
        return await _shown(by, connection, ident)


def _fate(given: bool, old: str | None, new: str | None) -> Literal["none", "kept", "removed", "set"]:
    """What becomes of the password, as the audit says it."""
    if not given:
        return "kept" if old else "none"
    if new:
        return "set"
    return "removed" if old else "none"
