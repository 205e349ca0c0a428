"""What can be done in the library: each act with its rules, its history, and the lists that it fills.

Every function works within the caller's transaction. Documents' bytes are in the blobs already.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import names
from ..context import Context
from ..database.tables import blobs, documents, emails, recent, users, versions
from ..people import Person
from . import index, rights
from .batch import Batch, note_classes
from .errors import checked_out_by, no_access
from .model import Email, Placed, Version, Who
from .rights import Level


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, in which transaction, and from where."""

    context: Context
    connection: AsyncConnection
    person: Person
    location: str | None = None

    @property
    def who(self) -> Who:
        return Who(self.person.id, self.person.name)

    async def note(
        self,
        number: int,
        version: int,
        activity: str,
        *,
        comments: str | None = None,
        duration: int | None = None,
    ) -> None:
        """Adds to a version's history."""
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
        """Puts the version at the head of the person's recent documents."""
        dialect: Any = sqlite if self.context.database.sqlite else postgresql
        row = dialect.insert(recent).values(
            user_id=self.person.id, number=number, version=version, at=self.context.clock()
        )
        await self.connection.execute(
            row.on_conflict_do_update(
                index_elements=[recent.c.user_id, recent.c.number],
                set_={"version": row.excluded.version, "at": row.excluded.at},
            )
        )


async def create_workspace(
    act: Act, name: str, *, description: str | None, security: str, trustees: dict[str, Level]
) -> int:
    """Answers the new workspace's number; it is the person's own, and one of their matters."""
    batch = Batch(act.context, act.connection)
    made = await batch.workspace(act.who, name, description=description, security=security, trustees=trustees)
    await batch.favorite(act.person.id, name, "workspace_shortcut", root="my_matters", target=made.number)
    await batch.write()
    return made.number


async def create_folder(
    act: Act,
    parent: int,
    name: str,
    *,
    description: str | None,
    security: str,
    trustees: dict[str, Level],
) -> int:
    """Answers the new folder's number. Raises :class:`NotFound`, :class:`NotAllowed`."""
    place = await writable(act, parent)
    batch = Batch(act.context, act.connection)
    made = await batch.folder(
        place, act.who, name, description=description, security=security, trustees=trustees
    )
    await batch.write()
    return made.number


async def create_document(
    act: Act,
    parent: int,
    version: Version,
    *,
    security: str,
    trustees: dict[str, Level],
    keep_locked: bool = False,
) -> int:
    """Answers the new document's number. Raises :class:`NotFound`, :class:`NotAllowed`."""
    place = await writable(act, parent)
    batch = Batch(act.context, act.connection)
    owner = act.who
    if version.author != owner.name:
        owner = await person_named(act.connection, version.author) or owner
    if owner.id != act.person.id:
        # Whoever puts a document in for somebody else keeps it in sight.
        trustees = {act.person.id: Level.FULL_ACCESS, **trustees}
    number = await batch.document(place, [version], security=security, owner=owner, trustees=trustees)
    batch.used(act.person.id, number, 1, act.context.clock())
    await batch.write()
    if keep_locked:
        await take(act, number, 1, due=None, path=None, comment=None)
    return number


async def writable(act: Act, number: int) -> Placed:
    """A container that the person may put something into. Raises :class:`NotFound`, :class:`NotAllowed`."""
    row = await rights.container(act.connection, act.person, number, Level.READ_WRITE, hold=True)
    return Placed(row.number, row.acl, row.workspace or row.number)


async def add_version(act: Act, base: Row[Any], version: Version, *, keep_locked: bool) -> int:
    """Adds a version to the document of ``base`` (a row of ``rights``), and answers its number.

    It is the greatest so far and one; a check-out of ``base`` by the person ends, or with ``keep_locked`` goes on
    with the new version. Raises :class:`NotAllowed`, and :class:`Conflict` where somebody else has ``base``
    checked out.
    """
    if rights.level_of(base) < Level.READ_WRITE:
        raise no_access()
    if base.checked_out_by not in (None, act.person.name):
        raise checked_out_by(base.checked_out_by)
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
            )
            .returning(documents.c.latest)
        )
    ).scalar_one()
    await act.connection.execute(insert(blobs).values(version.blob_row))
    await act.connection.execute(insert(versions).values(version.row(number, latest)))
    await note_email(act, number, latest, version.email)
    await note_classes(act.context, act.connection, {version.document_class})
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
    act: Act,
    row: Row[Any],
    *,
    due: datetime | None,
    path: str | None,
    comment: str | None,
) -> None:
    """Checks a version (a row of ``rights``) out for the person; again only changes what is said of it.

    Raises :class:`NotAllowed`, and :class:`Conflict` where somebody else has it.
    """
    if rights.level_of(row) < Level.READ_WRITE:
        raise no_access()
    await take(act, row.number, row.version, due=due, path=path, comment=comment)
    if row.checked_out_by is None:
        await act.note(row.number, row.version, "CHECKOUT", comments=comment)
    await act.used(row.number, row.version)


async def take(
    act: Act, number: int, version: int, *, due: datetime | None, path: str | None, comment: str | None
) -> None:
    """The person has the version checked out now. Raises :class:`Conflict` where somebody else has it."""
    holder = versions.c.checked_out_by
    taken = await act.connection.execute(
        update(versions)
        .where(
            versions.c.number == number,
            versions.c.version == version,
            or_(holder.is_(None), holder == act.person.name),
        )
        .values(
            checked_out_by=act.person.name,
            checked_out_at=act.context.clock(),
            checked_out_due=due,
            checked_out_path=path,
            checked_out_comment=comment,
        )
    )
    if not taken.rowcount:
        query = select(holder).where(versions.c.number == number, versions.c.version == version)
        raise checked_out_by((await act.connection.execute(query)).scalar() or "Somebody")


async def release(act: Act, row: Row[Any]) -> None:
    """Ends the person's check-out of a version (a row of ``rights``); where there is none, nothing happens.

    Raises :class:`NotAllowed`, and :class:`Conflict` where somebody else has it.
    """
    if rights.level_of(row) < Level.READ_WRITE:
        raise no_access()
    if row.checked_out_by is None:
        return
    if row.checked_out_by != act.person.name:
        raise checked_out_by(row.checked_out_by)
    await end_check_out(act, row.number, row.version)
    await act.note(row.number, row.version, "RELEASE")


async def note_email(act: Act, number: int, version: int, email: Email | None) -> None:
    """Keeps what the header of a version says that is an e-mail, in place of what was kept of it."""
    here = emails.c.number == number, emails.c.version == version
    await act.connection.execute(delete(emails).where(*here))
    if email is not None:
        await act.connection.execute(insert(emails).values(number=number, version=version, **asdict(email)))


async def end_check_out(act: Act, number: int, version: int) -> None:
    """Whoever has the version checked out no longer has."""
    await act.connection.execute(
        update(versions)
        .where(versions.c.number == number, versions.c.version == version)
        .values(
            checked_out_by=None,
            checked_out_at=None,
            checked_out_due=None,
            checked_out_path=None,
            checked_out_comment=None,
        )
    )


async def person_named(connection: AsyncConnection, name: str) -> Who | None:
    """The person who has this name now."""
    query = select(users.c.id, users.c.name).where(users.c.name == name.upper(), users.c.removed_at.is_(None))
    row = (await connection.execute(query)).first()
    return Who(row.id, row.name) if row else None


async def people(connection: AsyncConnection) -> dict[str, str]:
    """The full names of all people, by name."""
    rows = await connection.execute(select(users.c.name, users.c.full_name))
    return {row.name: row.full_name for row in rows if row.full_name}
