"""Changing existing documents: their content, profile and folder; and the library's trash.

As in ``actions.py``, every function works within the caller's transaction. ``row`` is a row of ``rights.document``.
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
from . import index, move_rules, rights
from .actions import ActingPerson, end_check_out, note_email, take
from .counts import add_counts
from .gc import release as release_bytes
from .model import NewVersion
from .problems import checked_out_by, no_record


async def hold(connection: AsyncConnection, number: int, *, with_place: bool = False) -> Row[Any]:
    """Lock a document until the transaction ends, and return its row. With ``with_place``, its container's rule stays
    unchanged as well.

    Raises :class:`NotFound`, and :class:`Conflict` if it is being moved at the same time.
    """
    this_document = documents.c.number == number
    parent = None
    if with_place:
        # Containers are locked before documents, as by changes to all documents of a container.
        parent = (await connection.execute(select(documents.c.parent).where(this_document))).scalar()
        container = select(containers.c.number).where(containers.c.number == parent)
        await connection.execute(container.with_for_update(read=True))
    row = (await connection.execute(select(documents).where(this_document).with_for_update())).first()
    if row is None:
        raise no_record()
    if parent not in (None, row.parent):
        raise Conflict("NRC_CHANGED", "Someone else is moving it. Try again.")
    return row


async def changeable(
    act: ActingPerson, number: int, version: int | None, action: Action, *, with_place: bool = False
) -> Row[Any]:
    """A version that the person may perform ``action`` on, locked until the transaction ends, as is its container if
    ``with_place``.

    Raises :class:`NotFound`, :class:`NotAllowed`, and :class:`Conflict` if someone else has it checked out.
    """
    await hold(act.connection, number, with_place=with_place)
    row = await rights.document(act.connection, act.person, number, version, action)
    if rights.checked_out_by_another(row, act.person):
        raise checked_out_by(row.checked_out_by)
    return row


async def replace_content(act: ActingPerson, row: Row[Any], new: NewVersion, *, keep_locked: bool) -> None:
    """Replace a version's content with that of ``new``. With ``keep_locked``, the person has the version checked out
    afterwards; otherwise a check-out of theirs ends."""
    now, number = act.context.clock(), row.number
    await act.connection.execute(insert(blobs).values(new.blob_row))
    await act.context.blobs.settle(act.connection, [new.blob_row])
    new_row = new.row(number, row.version)
    values = {key: new_row[key] for key in _CONTENT} | {"edited_at": now, "last_user": act.person.name}
    await act.connection.execute(update(versions).where(*_this_version(row)).values(**values))
    await release_bytes(act.connection, row.blob, now)
    await note_email(act, number, row.version, new.email)
    if row.version == row.latest:
        values = {"edited_at": now, "name_key": names.key(new.name), "class": new.document_class}
        await act.connection.execute(update(documents).where(documents.c.number == number).values(**values))
    await act.note(number, row.version, "MODIFY", comments=new.comment)
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


async def change_profile(act: ActingPerson, row: Row[Any], changed: Mapping[str, Any]) -> None:
    """Change columns of a version; those not in ``changed`` stay as they are."""
    different = {key: value for key, value in changed.items() if row._mapping[key] != value}
    if not different:
        return
    values = {**different, "last_user": act.person.name}
    await act.connection.execute(update(versions).where(*_this_version(row)).values(**values))
    listed = {"class": different["class"]} if "class" in different else {}
    if "name" in different:
        listed["name_key"] = names.key(different["name"])
    if listed and row.version == row.latest:
        await act.connection.execute(
            update(documents).where(documents.c.number == row.number).values(**listed)
        )
    await act.note(row.number, row.version, "PROFILEEDIT")
    await index.refresh(act.context, act.connection, [row.number])


async def move_document(
    act: ActingPerson, row: Row[Any], destination: Row[Any], comments: str | None = None
) -> None:
    """Move a document with all its versions into ``destination``; if it inherits its rule, that changes.

    Raises :class:`NotFound`, and :class:`NotAllowed` if it can't be taken out of its container or be put there.
    """
    if destination.number == row.parent:
        return
    await move_rules.out_of(act.connection, act.person, row.parent, Action.MOVE_DOCUMENT)
    await move_rules.demand(act.connection, act.person, Action.MOVE_DOCUMENT, row, destination)
    acl = destination.acl if row.default_security == "inherit" else row.acl
    values = {"parent": destination.number, "acl": acl}
    await act.connection.execute(update(documents).where(documents.c.number == row.number).values(**values))
    await add_counts(act.context, act.connection, row.parent, row.acl, 0, -1)
    await add_counts(act.context, act.connection, destination.number, acl, 0, 1)
    await act.note(row.number, row.version, "MODIFY", comments=comments or "Moved to another folder")
    await index.refresh(act.context, act.connection, [row.number])


def _this_version(row: Row[Any]) -> tuple[Any, Any]:
    return versions.c.number == row.number, versions.c.version == row.version


# ---------------------------------------------------------------- the trash


async def delete_version(act: ActingPerson, row: Row[Any]) -> None:
    """Move a version to the trash; a document is deleted with its last version."""
    now = act.context.clock()
    await end_check_out(act, row.number, row.version)
    values = {"deleted_at": now, "deleted_by": act.person.name}
    await act.connection.execute(update(versions).where(*_this_version(row)).values(**values))
    await act.note(row.number, row.version, "DELETE")
    if not await _settle_latest(act, row.number):
        where = documents.c.number == row.number
        await act.connection.execute(update(documents).where(where).values(deleted_at=now))
        await add_counts(act.context, act.connection, row.parent, row.acl, 0, -1)
    await index.refresh(act.context, act.connection, [row.number])


async def _settle_latest(act: ActingPerson, number: int) -> bool:
    """Make the greatest remaining version the latest; return ``False`` if there is none."""
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


async def in_trash(act: ActingPerson, number: int, version: int | None, action: Action) -> Row[Any]:
    """A version in the trash that the person may perform ``action`` on (``None``: the greatest), locked as by
    :func:`hold`.

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


async def restore(
    act: ActingPerson, row: Row[Any], destination: Row[Any] | None, comments: str | None
) -> None:
    """Restore a version from the trash; a deleted document returns to its folder, or into ``destination``.

    Raises :class:`NotAllowed` if it may not be put there, :class:`Conflict` if its folder no longer exists and no other
    is given.
    """
    values = {"deleted_at": None, "deleted_by": None}
    await act.connection.execute(update(versions).where(*_this_version(row)).values(**values))
    was_deleted = (await hold(act.connection, row.number)).deleted_at is not None
    if was_deleted:
        destination = destination if destination is not None else await _original_folder(act, row.parent)
        await move_rules.demand(act.connection, act.person, Action.RESTORE_VERSION, row, destination)
        acl = destination.acl if row.default_security == "inherit" else row.acl
        values_ = {"deleted_at": None, "parent": destination.number, "acl": acl}
        where = documents.c.number == row.number
        await act.connection.execute(update(documents).where(where).values(**values_))
        await add_counts(act.context, act.connection, destination.number, acl, 0, 1)
    await _settle_latest(act, row.number)
    await act.note(row.number, row.version, "RESTORE", comments=comments)
    await index.refresh(act.context, act.connection, [row.number])


async def _original_folder(act: ActingPerson, number: int) -> Row[Any]:
    try:
        return await move_rules.into(act.connection, act.person, number, Action.RESTORE_VERSION)
    except NotFound:
        raise Conflict(
            "NRC_FOLDER_GONE", "Its folder no longer exists. Name another in folder_ids."
        ) from None


async def purge(act: ActingPerson, row: Row[Any]) -> None:
    """Permanently remove a version from the trash, with its bytes if nothing else uses them."""
    for table in (emails, versions):
        where = table.c.number == row.number, table.c.version == row.version
        await act.connection.execute(delete(table).where(*where))
    await release_bytes(act.connection, row.blob, act.context.clock())
    await act.note(row.number, row.version, "PURGE")
