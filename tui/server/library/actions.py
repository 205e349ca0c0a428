"""What can be done in the library: each action with its access checks, its history and the lists it updates.

Every function works within the caller's transaction. Documents' bytes are already in the blob store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, String, and_, delete, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import names
from ...rules.authorization import Action
from ..accounts.users import Person, find_person
from ..context import Context
from ..database.tables import (
    Moment,
    blobs,
    documents,
    emails,
    history,
    recent,
    users,
    versions,
)
from . import index, move_rules, rights
from .batch import Batch
from .model import Actor, Email, NewVersion, TargetContainer
from .problems import checked_out_by
from .rights import Level

#: The check-out columns of a version that isn't checked out.
NOT_CHECKED_OUT: Mapping[str, None] = dict.fromkeys(
    (
        "checked_out_id",
        "checked_out_by",
        "checked_out_at",
        "checked_out_due",
        "checked_out_path",
        "checked_out_comment",
    )
)


@dataclass(frozen=True, slots=True)
class ActingPerson:
    """The person who does something, their transaction, and the address they act from."""

    context: Context
    connection: AsyncConnection
    person: Person
    location: str | None = None

    @property
    def who(self) -> Actor:
        """The person as the history names them."""
        return Actor(self.person.id, self.person.name)

    async def note(
        self,
        number: int,
        version: int,
        activity: str,
        *,
        comments: str | None = None,
        duration: int | None = None,
    ) -> None:
        """Add an entry to a version's history."""
        batch = Batch(self.context, self.connection)
        batch.history(
            number,
            version,
            self.person.name,
            activity,
            comments=comments,
            location=self.location,
            duration=duration,
        )
        await batch.write()

    async def used(self, number: int, version: int) -> None:
        """Put the version at the top of the person's recent documents."""
        row = self.context.database.insert(recent).values(
            user_id=self.person.id, number=number, version=version, at=self.context.clock()
        )
        await self.connection.execute(
            row.on_conflict_do_update(
                index_elements=[recent.c.user_id, recent.c.number],
                set_={"version": row.excluded.version, "at": row.excluded.at},
            )
        )


async def create_workspace(
    act: ActingPerson, name: str, *, description: str | None, security: str, trustees: dict[str, Level]
) -> int:
    """Create a workspace that the person owns, add it to their matters, and return its number."""
    batch = Batch(act.context, act.connection)
    workspace = await batch.workspace(
        act.who, name, description=description, security=security, trustees=trustees
    )
    await batch.favorite(
        act.person.id, name, "workspace_shortcut", root="my_matters", target=workspace.number
    )
    await batch.write()
    return workspace.number


async def create_folder(
    act: ActingPerson,
    parent: int,
    name: str,
    *,
    description: str | None,
    security: str,
    trustees: dict[str, Level],
) -> int:
    """Create a folder and return its number. Raises :class:`NotFound`, :class:`NotAllowed`."""
    container = await _destination(act, parent, Action.CREATE_FOLDER)
    batch = Batch(act.context, act.connection)
    folder = await batch.folder(
        container, act.who, name, description=description, security=security, trustees=trustees
    )
    await batch.write()
    return folder.number


async def create_document(
    act: ActingPerson,
    parent: int,
    version: NewVersion,
    *,
    security: str,
    trustees: dict[str, Level],
    keep_locked: bool = False,
) -> int:
    """Create a document that the person owns, and return its number. Raises :class:`NotFound`,
    :class:`NotAllowed`."""
    container = await _destination(act, parent, Action.CREATE_DOCUMENT)
    batch = Batch(act.context, act.connection)
    number = await batch.document(container, act.who, [version], security=security, trustees=trustees)
    batch.used(act.person.id, number, 1, act.context.clock())
    await batch.write()
    if keep_locked:
        await take(act, number, 1, due=None, path=None, comment=None)
    return number


async def _destination(act: ActingPerson, number: int, action: Action) -> TargetContainer:
    """A container that the person may add something new to. Raises :class:`NotFound`, :class:`NotAllowed`."""
    row = await move_rules.into(act.connection, act.person, number, action)
    return TargetContainer(row.number, row.acl, row.workspace or row.number)


async def add_version(act: ActingPerson, base: Row[Any], version: NewVersion, *, keep_locked: bool) -> int:
    """Add a version to the document of ``base`` (a row of ``rights``), and return its number.

    That is the greatest so far plus one. A check-out of ``base`` by the person ends; with ``keep_locked``, they have
    the new version checked out.
    """
    number = base.number
    latest = (
        await act.connection.execute(
            update(documents)
            .where(documents.c.number == number)
            .values(
                latest=documents.c.last_version + 1,
                last_version=documents.c.last_version + 1,
                name_key=names.key(version.name),
                edited_at=version.edited_at,
                **{"class": version.document_class},
            )
            .returning(documents.c.latest)
        )
    ).scalar_one()
    await act.connection.execute(insert(blobs).values(version.blob_row))
    await act.context.blobs.settle(act.connection, [version.blob_row])
    await act.connection.execute(insert(versions).values(version.row(number, latest)))
    await note_email(act, number, latest, version.email)
    await index.refresh(act.context, act.connection, [number])
    await act.note(number, latest, "NEWDOCVER", comments=version.comment)
    if base.checked_out_by is not None:
        await end_check_out(act, number, base.version)
        await act.note(number, base.version, "CHECKIN")
    if keep_locked:
        await take(act, number, latest, due=None, path=None, comment=None)
    await act.used(number, latest)
    return int(latest)


async def check_out(
    act: ActingPerson,
    row: Row[Any],
    *,
    due: datetime | None,
    path: str | None,
    comment: str | None,
) -> None:
    """Check a version (a row of ``rights``) out for the person. If they have it already, only the details change.

    Raises :class:`Conflict` if someone else has it.
    """
    await take(act, row.number, row.version, due=due, path=path, comment=comment)
    if row.checked_out_by is None:
        await act.note(row.number, row.version, "CHECKOUT", comments=comment)
    await act.used(row.number, row.version)


async def take(
    act: ActingPerson,
    number: int,
    version: int,
    *,
    due: datetime | None,
    path: str | None,
    comment: str | None,
) -> None:
    """Mark the version as checked out by the person. Raises :class:`Conflict` if someone else has it."""
    holder = versions.c.checked_out_id
    result = await act.connection.execute(
        update(versions)
        .where(
            versions.c.number == number,
            versions.c.version == version,
            or_(holder.is_(None), holder == act.person.id),
        )
        .values(
            checked_out_id=act.person.id,
            checked_out_by=act.person.name,
            checked_out_at=act.context.clock(),
            checked_out_due=due,
            checked_out_path=path,
            checked_out_comment=comment,
        )
    )
    if not result.rowcount:
        query = select(versions.c.checked_out_by).where(
            versions.c.number == number, versions.c.version == version
        )
        raise checked_out_by((await act.connection.execute(query)).scalar() or "Someone")


async def release(act: ActingPerson, row: Row[Any]) -> None:
    """End the person's check-out of a version (a row of ``rights``), if there is one.

    Raises :class:`Conflict` if someone else has it.
    """
    if row.checked_out_by is None:
        return
    if rights.checked_out_by_another(row, act.person):
        raise checked_out_by(row.checked_out_by)
    await end_check_out(act, row.number, row.version)
    await act.note(row.number, row.version, "RELEASE")


async def release_all(act: ActingPerson, user_id: str) -> None:
    """End all check-outs of a person who is being removed."""
    check_outs = and_(versions.c.checked_out_by.is_not(None), versions.c.checked_out_id == user_id)
    await note_all(act, check_outs, "RELEASE")
    await act.connection.execute(update(versions).where(check_outs).values(**NOT_CHECKED_OUT))


async def note_all(act: ActingPerson, condition: ColumnElement[bool], activity: str) -> None:
    """Add an entry to the history of every version that meets a condition."""
    line: dict[str, ColumnElement[Any]] = {
        "number": versions.c.number,
        "version": versions.c.version,
        "user": literal(act.person.name),
        "activity": literal(activity),
        "at": literal(act.context.clock(), Moment),
        "application": literal("Work"),
        "location": literal(act.location, String),
    }
    lines = select(*line.values()).where(condition)
    await act.connection.execute(insert(history).from_select(list(line), lines))


async def note_email(act: ActingPerson, number: int, version: int, email: Email | None) -> None:
    """Store the header of a version that is an e-mail, in place of what was stored for it before."""
    this_version = emails.c.number == number, emails.c.version == version
    await act.connection.execute(delete(emails).where(*this_version))
    if email is not None:
        await act.connection.execute(insert(emails).values(number=number, version=version, **asdict(email)))


async def end_check_out(act: ActingPerson, number: int, version: int) -> None:
    """End the check-out of a version, even another user's."""
    await act.connection.execute(
        update(versions)
        .where(versions.c.number == number, versions.c.version == version)
        .values(**NOT_CHECKED_OUT)
    )


async def person_named(connection: AsyncConnection, name: str) -> Actor | None:
    """The person who has this name now."""
    row = await find_person(connection, name)
    return Actor(row.id, row.name) if row else None


async def people(connection: AsyncConnection) -> dict[str, str]:
    """The full names of all people, by name."""
    rows = await connection.execute(select(users.c.name, users.c.full_name))
    return {row.name: row.full_name for row in rows if row.full_name}
