"""Sent documents: listing, unpublishing, sending again, deleting, unlocking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.addresses import check_addresses
from ...rules.authorization import Action
from ...rules.errors import Conflict, NotFound
from ...rules.link_settings import LinkSettings
from ...rules.missing import IN_TRASH
from ...rules.policy import Policy
from ...rules.sent_filter import SentFilter
from ...rules.state import Act, Event, Reason, State, check_undo, has_expired
from ...wire.share import Document, Documents, Resend, StoppedLink, UndoDelete, UndoUnpublish
from .. import audit
from ..context import Context
from ..database.tables import sent_documents, users
from . import expiry, link_settings, links, policy, sent_filters, serializers
from .caller import Caller, any_document, document_of, ensure_active, folder_of, require, well_formed
from .folders import lock_folder
from .paging import Sort, page
from .transitions import apply, was_published

_IN_FOLDERS = sent_documents.c.state.in_((State.PUBLISHED, State.UNPUBLISHED))


async def settle(context: Context, *where: ColumnElement[bool]) -> None:
    """Write the expiry of documents selected by ``where`` that have expired, before they are read."""
    overdue = (sent_documents.c.state == State.PUBLISHED, sent_documents.c.expires_at <= context.clock())
    async with context.database.read() as connection:
        first_overdue = await connection.execute(select(sent_documents.c.id).where(*overdue, *where).limit(1))
        if first_overdue.first() is None:
            return
    while True:
        async with context.database.write() as connection:
            if await expiry.settle_due(context, connection, *where, limit=expiry.BATCH) < expiry.BATCH:
                return


async def settle_one(context: Context, ident: str) -> None:
    """:func:`settle` for one document, if ``ident`` has the form of an id."""
    if well_formed(ident):
        await settle(context, sent_documents.c.id == ident)


# ---------------------------------------------------------------- reading


async def in_folder(
    by: Caller, folder_id: str, sort: Sort, cursor: str | None, limit: int, wanted: SentFilter
) -> Documents:
    """A page of what fits ``wanted`` in a folder, for its owner and members. Raises :class:`NotFound`."""
    in_this_folder = sent_documents.c.folder_id == folder_id
    async with by.context.database.read() as connection:
        folder = await folder_of(by, connection, folder_id, Action.READ_FOLDER)
    await settle(by.context, in_this_folder)
    owner = folder.owner_id == by.id
    conditions = sent_filters.conditions(wanted, by.context.clock(), owner=owner)
    async with by.context.database.read() as connection:
        return await page(
            by,
            connection,
            in_this_folder,
            _IN_FOLDERS,
            sort=sort,
            cursor=cursor,
            limit=limit,
            owner=owner,
            wanted=conditions,
        )


async def of_caller(by: Caller, sort: Sort, cursor: str | None, limit: int, wanted: SentFilter) -> Documents:
    """A page of everything the caller sent that fits ``wanted``, without the trash."""
    own = sent_documents.c.owner_id == by.id
    await settle(by.context, own)
    conditions = sent_filters.conditions(wanted, by.context.clock(), owner=True)
    async with by.context.database.read() as connection:
        return await page(
            by,
            connection,
            own,
            _IN_FOLDERS,
            sort=sort,
            cursor=cursor,
            limit=limit,
            owner=True,
            wanted=conditions,
        )


async def show(by: Caller, ident: str) -> Document:
    """One document, for its owner (also from the trash) and the folder's members. Raises :class:`NotFound`."""
    await settle_one(by.context, ident)
    async with by.context.database.read() as connection:
        row = await document_of(by, connection, ident, Action.READ_SENT)
        return serializers.document(by.context, row, owner=row.owner_id == by.id)


# ---------------------------------------------------------------- changing


async def _lock_current(by: Caller, connection: AsyncConnection, ident: str, action: Action) -> Any:
    """The document's current row, locked; if it has expired, that is written first."""
    await document_of(by, connection, ident, action)
    await expiry.settle_due(by.context, connection, sent_documents.c.id == ident)
    return await document_of(by, connection, ident, action)


async def _as_owner(by: Caller, connection: AsyncConnection, ident: str) -> Document:
    row = await document_of(by, connection, ident, Action.READ_SENT)
    return serializers.document(by.context, row, owner=True)


async def unpublish(by: Caller, ident: str) -> Document:
    """Unpublish a document; no effect if it already is, except that downloads still under way after its limit was
    reached are cut off. Raises :class:`NotFound`, :class:`NotAllowed`.
    """
    async with by.context.database.write() as connection:
        row = await _lock_current(by, connection, ident, Action.UNPUBLISH)
        if not await apply(by, connection, row, Act.UNPUBLISH):
            await _cut_off(by, connection, row)
        return await _as_owner(by, connection, ident)


async def _cut_off(
    by: Caller, connection: AsyncConnection, row: Row[Any], details: Mapping[str, Any] | None = None
) -> bool:
    """End the downloads of a document that has reached its limit; ``False`` if it isn't off by that."""
    at_limit = row.state == State.UNPUBLISHED and row.reason == Reason.LIMIT
    return at_limit and await apply(by, connection, row, Act.CUT_OFF, details)


async def stop(by: Caller, ident: str) -> StoppedLink:
    """Unpublish a document, whoever's it is; no effect if it already is. The sender can't undo that, but can send it
    again.

    Raises :class:`NotAllowed` unless the caller is an administrator, :class:`NotFound`.
    """
    require(by, Action.STOP_LINK)
    async with by.context.database.write() as connection:
        row = await any_document(by, connection, ident)
        details = {"why": "stopped by an administrator"}
        was_published = await apply(by, connection, row, Act.UNPUBLISH, details)
        if was_published or await _cut_off(by, connection, row, details):
            these = sent_documents.c.id == row.id
            await connection.execute(update(sent_documents).where(these).values(unpublished_at=None))
        owner = (
            await connection.execute(select(users.c.name).where(users.c.id == row.owner_id))
        ).scalar_one()
        if was_published:
            about = {"document": row.id, "person": owner}
            await audit.append(
                by.context, connection, audit.INSTALLATION, Event.LINK_STOPPED, **by.origin, details=about
            )
        return StoppedLink(id=row.id, owner=owner, published=was_published)


async def undo_unpublish(by: Caller, ident: str, body: UndoUnpublish) -> Document:
    """Make a document as it was before it was unpublished; no effect if that was already undone.

    The counter, the settings and the grants given under them are restored: it is published again, or off by its limit
    if it was. Raises :class:`Conflict` if it is too late or the document has been changed since, :class:`NotFound`,
    :class:`NotAllowed`.
    """
    async with by.context.database.write() as connection:
        await ensure_active(by, connection)
        row = await _lock_current(by, connection, ident, Action.UNDO_UNPUBLISH)
        by_hand = row.state == State.UNPUBLISHED and row.reason == Reason.BY_HAND
        at_limit = row.state == State.UNPUBLISHED and row.reason == Reason.LIMIT
        was_undone = row.state == State.PUBLISHED or at_limit
        if not (was_undone and row.unpublished_at == body.unpublished_at):
            unpublished_at = row.unpublished_at if by_hand else None
            check_undo(unpublished_at, body.unpublished_at, row.expires_at, by.context.clock())
            used_up = row.downloads_permitted is not None and row.downloads >= row.downloads_permitted
            act = Act.LET_GO_ON if used_up else Act.UNDO
            await apply(by, connection, row, act, {"undone": str(Event.UNPUBLISHED)})
        return await _as_owner(by, connection, ident)


async def delete(by: Caller, ident: str) -> Document:
    """Move a document to the trash; no effect if it is there already."""
    async with by.context.database.write() as connection:
        row = await _lock_current(by, connection, ident, Action.DELETE_SENT)
        await apply(by, connection, row, Act.DELETE)
        return await _as_owner(by, connection, ident)


async def undo_delete(by: Caller, ident: str, body: UndoDelete) -> Document:
    """Bring a document back from the trash as it was before it was deleted; no effect if that was already undone.

    If it was published until then, it is again: with the counter, the settings and the grants given under them; if its
    link has expired meanwhile, it comes back as expired. Raises :class:`Conflict` if it is too late, the document has
    been changed since, or its folder is deleted; :class:`NotFound`, :class:`NotAllowed`.
    """
    async with by.context.database.write() as connection:
        await ensure_active(by, connection)
        row = await _lock_current(by, connection, ident, Action.UNDO_DELETE)
        in_trash = row.state == State.TRASHED
        if in_trash or row.deleted_at != body.deleted_at:
            now = by.context.clock()
            check_undo(row.deleted_at if in_trash else None, body.deleted_at, None, now, Act.DELETE)
            await _lock_folder_of(connection, row)
            published = was_published(row)
            expired = published and has_expired(row.expires_at, now)
            act = Act.UNDELETE if published and not expired else Act.PUT_BACK
            values = {"reason": Reason.EXPIRED} if expired else None
            await apply(by, connection, row, act, {"undone": str(Event.DELETED)}, values)
        return await _as_owner(by, connection, ident)


async def _lock_folder_of(connection: AsyncConnection, row: Row[Any]) -> None:
    """Lock the folder that a document is brought back to, so that it isn't deleted meanwhile."""
    try:
        await lock_folder(connection, row.folder_id)
    except NotFound:
        raise Conflict(
            "undo.folder_gone", "Its folder has been deleted since. Restore the document from the trash."
        ) from None


async def unlock(by: Caller, ident: str) -> Document:
    """Lift the lock and the waiting times caused by wrong passwords, if there are any."""
    async with by.context.database.write() as connection:
        row = await _lock_current(by, connection, ident, Action.UNLOCK)
        await links.unlock(by.context, connection, row, by.person.name)
        return await _as_owner(by, connection, ident)


def _check_resendable(row: Row[Any]) -> None:
    if row.state not in (State.PUBLISHED, State.UNPUBLISHED):
        raise NotFound("document.in_trash", IN_TRASH)


def _new_settings(row: Row[Any], body: Resend, rules: Policy, now: datetime) -> dict[str, Any]:
    """The columns of the settings that result from ``body``, which are checked against the policy.

    What it omits is kept, and checked too; of a kept password, only its presence. Raises :class:`InvalidValue`.
    """
    kept = LinkSettings.of({name: getattr(row, name) for name in ("expires_at", "downloads_permitted")})
    settings = link_settings.requested(body).over(kept)
    link_settings.check(settings, rules, now, has_password=row.password_hash is not None)
    # Whoever had the link that ends isn't given the new one.
    given = "recipients" in body.model_fields_set or body.new_address
    recipients = check_addresses((body.recipients if given else serializers.recipients(row.recipients)) or ())
    link_settings.check_recipients(recipients, rules)
    stored = serializers.recipients_columns(serializers.stored_recipients(recipients)) if given else {}
    return {**link_settings.columns(settings, rules, now), **stored}


async def resend(by: Caller, ident: str, body: Resend) -> Document:
    """Publish a document again with other settings; the counter restarts at zero, and earlier grants end.

    Raises :class:`InvalidValue` and :class:`PolicyBreach` as opening a send does, :class:`NotFound`,
    :class:`NotAllowed`.
    """
    context = by.context
    async with context.database.read() as connection:
        row = await document_of(by, connection, ident, Action.RESEND)
        _check_resendable(row)
        _new_settings(row, body, await policy.load(connection), context.clock())
        await link_settings.check_flags(by, connection, link_settings.requested(body))
    new_hash = await context.passwords.hash(body.password, by.id) if body.password else None
    async with context.database.write() as connection:
        await ensure_active(by, connection)
        row = await _lock_current(by, connection, ident, Action.RESEND)
        _check_resendable(row)
        values = _new_settings(row, body, await policy.load(connection), context.clock())
        details = {
            "password": _password_change("password" in body.model_fields_set, row.password_hash, new_hash),
            "expires_at": values["expires_at"] and values["expires_at"].isoformat(),
            "downloads_permitted": values["downloads_permitted"],
            "new_address": body.new_address,
        }
        if "recipients" in values and values["recipients"] != row.recipients:
            details["recipients"] = serializers.recipients(values["recipients"])
        if "password" in body.model_fields_set:
            values["password_hash"] = new_hash
        if body.new_address:
            _, values["address_hash"], values["address_sealed"] = links.mint(context, row.id)
            # Whoever reads it takes it for one of the new link's.
            values["last_download_at"] = None
        await apply(by, connection, row, Act.RESEND, details, values)
        return await _as_owner(by, connection, ident)


def _password_change(
    given: bool, old: str | None, new: str | None
) -> Literal["none", "kept", "removed", "set"]:
    """What happens to the password, in the audit's words."""
    if not given:
        return "kept" if old else "none"
    if new:
        return "set"
    return "removed" if old else "none"
