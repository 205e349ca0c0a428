"""Changing documents that are there: their content, their profile, their place; and the library's trash.

As in ``actions.py``, every function works within the caller's transaction. ``row`` is one of ``rights.document``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import names
from ...rules.authorization import Action
from ...rules.errors import Conflict, NotFound
from ..database.tables import blobs, containers, documents, emails, versions
from ..gc import release as release_bytes
from . import index, placing, rights
from .actions import Act, end_check_out, note_email, take
from .counts import add_counts
from .model import Version
from .problems import checked_out_by, no_record


async def hold(connection: AsyncConnection, number: int, *, with_place: bool = False) -> Row[Any]:
    """The document's row, which nobody else changes until the transaction ends; ``with_place``, its container's
    rule stays what it is as well.

    Raises :class:`NotFound`, and :class:`Conflict` where it is moved at the same time.
    """
    here = documents.c.number == number
    parent = None
    if with_place:
        # Containers are held before documents, as by whoever changes what all documents of one have.
        parent = (await connection.execute(select(documents.c.parent).where(here))).scalar()
        place = select(containers.c.number).where(containers.c.number == parent)
        await connection.execute(place.with_for_update(read=True))
    row = (await connection.execute(select(documents).where(here).with_for_update())).first()
    if row is None:
        raise no_record()
    if parent not in (None, row.parent):
        raise Conflict("NRC_CHANGED", "It is being moved by somebody else; try again.")
    return row


async def changeable(
    act: Act, number: int, version: int | None, action: Action, *, with_place: bool = False
) -> Row[Any]:
    """A version that the person may do ``action`` to, held until the transaction ends, and ``with_place`` its
    container too.

    Raises :class:`NotFound`, :class:`NotAllowed`, and :class:`Conflict` where somebody else has it checked out.
    """
    await hold(act.connection, number, with_place=with_place)
    row = await rights.document(act.connection, act.person, number, version, action)
    if rights.checked_out_by_another(row, act.person):
        raise checked_out_by(row.checked_out_by)
    return row


async def replace_content(act: Act, row: Row[Any], made: Version, *, keep_locked: bool) -> None:
    """Puts other content into a version (``made`` says what it is now); a check-out of the person's ends unless
    ``keep_locked``."""
    now, number = act.context.clock(), row.number
    await act.connection.execute(insert(blobs).values(made.blob_row))
    kept = made.row(number, row.version)
    values = {key: kept[key] for key in _CONTENT} | {"edited_at": now, "last_user": act.person.name}
    await act.connection.execute(update(versions).where(*_is(row)).values(**values))
    await release_bytes(act.connection, row.blob, now)
    await note_email(act, number, row.version, made.email)
    if row.version == row.latest:
        values = {"edited_at": now, "name_key": names.key(made.name), "class": made.document_class}
        await act.connection.execute(update(documents).where(documents.c.number == number).values(**values))
    await act.note(number, row.version, "MODIFY", comments=made.comment)
    if row.checked_out_by is not None and not keep_locked:
        await end_check_out(act, number, row.version)
        await act.note(number, row.version, "CHECKIN")
    elif keep_locked and row.checked_out_by is None:
        await take(act, number, row.version, due=None, path=None, comment=None)
    await act.used(number, row.version)
    await index.refresh(act.context, act.connection, [number])


_CONTENT = (
    "name", "extension", "type", "class", "author", "comment", "size", "sha256", "blob", "file_created_at",
    "file_edited_at",
)  # fmt: skip


async def change_profile(act: Act, row: Row[Any], changed: Mapping[str, Any]) -> None:
    """Changes columns of a version; what is not in ``changed`` stays what it is."""
    different = {key: value for key, value in changed.items() if row._mapping[key] != value}
    if not different:
        return
    values = {**different, "last_user": act.person.name}
    await act.connection.execute(update(versions).where(*_is(row)).values(**values))
    listed = {"class": different["class"]} if "class" in different else {}
    if "name" in different:
        listed["name_key"] = names.key(different["name"])
    if listed and row.version == row.latest:
        await act.connection.execute(
            update(documents).where(documents.c.number == row.number).values(**listed)
        )
    await act.note(row.number, row.version, "PROFILEEDIT")
    await index.refresh(act.context, act.connection, [row.number])


async def move_document(act: Act, row: Row[Any], place: Row[Any], comments: str | None = None) -> None:
    """Moves a document with all its versions into ``place``; where its rule is its container's, it changes.

    Raises :class:`NotFound`, :class:`NotAllowed` where it cannot be taken out of where it is, or be put there.
    """
    if place.number == row.parent:
        return
    await placing.out_of(act.connection, act.person, row.parent, Action.MOVE_DOCUMENT)
    await placing.demand(act.connection, act.person, Action.MOVE_DOCUMENT, row, place)
    acl = place.acl if row.default_security == "inherit" else row.acl
    values = {"parent": place.number, "acl": acl}
    await act.connection.execute(update(documents).where(documents.c.number == row.number).values(**values))
    await add_counts(act.context, act.connection, row.parent, row.acl, 0, -1)
    await add_counts(act.context, act.connection, place.number, acl, 0, 1)
    await act.note(row.number, row.version, "MODIFY", comments=comments or "Moved to another folder")
    await index.refresh(act.context, act.connection, [row.number])


def _is(row: Row[Any]) -> tuple[Any, Any]:
    return versions.c.number == row.number, versions.c.version == row.version


# ---------------------------------------------------------------- the trash


async def delete_version(act: Act, row: Row[Any]) -> None:
    """Moves a version to the trash; a document whose last one goes is gone with it."""
    now = act.context.clock()
    await end_check_out(act, row.number, row.version)
    values = {"deleted_at": now, "deleted_by": act.person.name}
    await act.connection.execute(update(versions).where(*_is(row)).values(**values))
    await act.note(row.number, row.version, "DELETE")
    if not await _settle_latest(act, row.number):
        where = documents.c.number == row.number
        await act.connection.execute(update(documents).where(where).values(deleted_at=now))
        await add_counts(act.context, act.connection, row.parent, row.acl, 0, -1)
    await index.refresh(act.context, act.connection, [row.number])


async def _settle_latest(act: Act, number: int) -> bool:
    """Makes the greatest version that is there the latest; ``False`` where there is none."""
    query = (
        select(versions)
        .where(versions.c.number == number, versions.c.deleted_at.is_(None))
        .order_by(versions.c.version.desc())
        .limit(1)
    )
    last = (await act.connection.execute(query)).first()
    if last is None:
        return False
    values = {
        "latest": last.version,
        "name_key": names.key(last.name),
        "class": last._mapping["class"],
        "edited_at": last.edited_at,
    }
    await act.connection.execute(update(documents).where(documents.c.number == number).values(**values))
    return True


async def in_trash(act: Act, number: int, version: int | None, action: Action) -> Row[Any]:
    """A version in the trash that the person may do ``action`` to (``None``: the greatest), held as :func:`hold` does.

    Raises :class:`NotFound`, :class:`NotAllowed`.
    """
    await hold(act.connection, number, with_place=True)
    query = rights.documents_query(act.person, latest=False, trash=True).where(versions.c.number == number)
    if version is not None:
        query = query.where(versions.c.version == version)
    row = (await act.connection.execute(query.order_by(versions.c.version.desc()))).first()
    if row is None:
        raise no_record()
    found: Row[Any] = row
    rights.demand(found, act.person, action)
    return found


async def restore(act: Act, row: Row[Any], place: Row[Any] | None, comments: str | None) -> None:
    """Brings a version back from the trash; a document that was gone comes back to its folder, or into ``place``.

    Raises :class:`NotAllowed` where it may not be put there, :class:`Conflict` where its folder is gone and no other
    is named.
    """
    values = {"deleted_at": None, "deleted_by": None}
    await act.connection.execute(update(versions).where(*_is(row)).values(**values))
    gone = (await hold(act.connection, row.number)).deleted_at is not None
    if gone:
        place = place if place is not None else await _where_it_was(act, row.parent)
        await placing.demand(act.connection, act.person, Action.RESTORE_VERSION, row, place)
        acl = place.acl if row.default_security == "inherit" else row.acl
        values_ = {"deleted_at": None, "parent": place.number, "acl": acl}
        where = documents.c.number == row.number
        await act.connection.execute(update(documents).where(where).values(**values_))
        await add_counts(act.context, act.connection, place.number, acl, 0, 1)
    await _settle_latest(act, row.number)
    await act.note(row.number, row.version, "RESTORE", comments=comments)
    await index.refresh(act.context, act.connection, [row.number])


async def _where_it_was(act: Act, number: int) -> Row[Any]:
    try:
        return await placing.into(act.connection, act.person, number, Action.RESTORE_VERSION)
    except NotFound:
        raise Conflict(
            "NRC_FOLDER_GONE", "The folder that it was in is gone; name another in folder_ids."
        ) from None


async def purge(act: Act, row: Row[Any]) -> None:
    """Removes a version from the trash for good, with its bytes where nothing else has them."""
    for table in (emails, versions):
        where = table.c.number == row.number, table.c.version == row.version
        await act.connection.execute(delete(table).where(*where))
    await release_bytes(act.connection, row.blob, act.context.clock())
    await act.note(row.number, row.version, "PURGE")
