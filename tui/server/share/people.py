"""People, by an administrator, and one's own sign-in and password."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import names, options
from ...rules.errors import Conflict, InvalidValue, NotAllowed, NotFound
from ...rules.state import Act, State
from ...rules.text import printable
from ...wire.share import NewUser, SignedIn, SignIn, User, UserRemoved, Users
from ..context import Context
from ..database.tables import folders, members, sent_documents, sign_in_codes, tokens, users
from ..people import add_person, add_token
from ..signin import kept_name, sign_in
from . import links
from .acts import apply
from .caller import Caller, documents_query, require_admin
from .documents import settle
from .members import note_removed

IDLE = timedelta(days=90)
MAX_USERS = 10_000
#: Documents that are unpublished in one transaction.
_BATCH = 200


async def login(context: Context, body: SignIn, network: str) -> SignedIn:
    """A new access token. Raises :class:`NotSignedIn`, :class:`Throttled`."""
    person = await sign_in(context, body.user, body.password, network)
    async with context.database.write() as connection:
        token = await add_token(context, connection, person.id, "access", idle=IDLE)
    return SignedIn(token=token, user=person.name, server=context.public_url)


async def logout(by: Caller) -> None:
    """Revokes the token that the request carries."""
    async with by.context.database.write() as connection:
        await _revoke(by, connection, tokens.c.id == by.person.token_id)


async def _revoke(by: Caller, connection: AsyncConnection, *where: object) -> None:
    await connection.execute(
        update(tokens)
        .where(tokens.c.revoked_at.is_(None), *where)  # type: ignore[arg-type]
        .values(revoked_at=by.context.clock())
    )


# ---------------------------------------------------------------- users


async def _listed(connection: AsyncConnection, name: str | None = None) -> list[User]:
    published = (
        select(func.count())
        .select_from(sent_documents)
        .where(sent_documents.c.owner_id == users.c.id, sent_documents.c.state == State.PUBLISHED)
        .scalar_subquery()
    )
    query = select(users, published.label("published")).where(users.c.removed_at.is_(None))
    if name is not None:
        query = query.where(users.c.name == name)
    rows = await connection.execute(query.order_by(users.c.name))
    return [
        User(
            id=row.name,
            name=row.name,
            admin=row.admin,
            created_at=row.created_at,
            published=row.published,
        )
        for row in rows
    ]


async def listing(by: Caller) -> Users:
    """Everybody, with how many links of theirs work. Raises :class:`NotAllowed`."""
    require_admin(by)
    await settle(by.context)
    async with by.context.database.read() as connection:
        return Users(users=await _listed(connection))


async def add(by: Caller, body: NewUser) -> User:
    """Adds a person; the name is kept in capitals.

    Raises :class:`NotAllowed`, :class:`InvalidValue` for name or password, :class:`Conflict` where the name is
    taken.
    """
    require_admin(by)
    name = kept_name(body.name)
    names.validate(name)
    if len(name) > 255:
        raise InvalidValue("name.too_long", "The name is too long in capitals; shorten it.", "name")
    options.check_password(body.password)
    password_hash = await by.context.passwords.hash(body.password)
    async with by.context.database.write() as connection:
        taken = Conflict("user.taken", f"{printable(name)} is taken; choose another name.")
        if await _listed(connection, name):
            raise taken
        there = select(func.count()).select_from(users).where(users.c.removed_at.is_(None))
        if (await connection.execute(there)).scalar_one() >= MAX_USERS:
            raise Conflict("user.too_many", f"There are {MAX_USERS:,} people; remove some first.")
        try:
            await add_person(by.context, connection, name, admin=body.admin, password_hash=password_hash)
        except IntegrityError:
            raise taken from None
        return (await _listed(connection, name))[0]


async def _user_id(connection: AsyncConnection, name: str) -> str:
    """The id of the person of that name, held until the transaction ends. Raises :class:`NotFound`."""
    found = None
    if name.isprintable():
        query = select(users.c.id).where(users.c.name == kept_name(name), users.c.removed_at.is_(None))
        found = (await connection.execute(query.with_for_update())).scalar()
    if found is None:
        raise NotFound("user.unknown", f"There is no person called {printable(name)}.")
    return str(found)


async def change_password(by: Caller, name: str, password: str) -> User:
    """Sets a password and revokes that person's other tokens. For administrators, and for oneself.

    Raises :class:`NotAllowed`, :class:`NotFound`, :class:`InvalidValue`.
    """
    own = kept_name(name) == by.person.name
    if not own and not by.person.admin:
        raise NotAllowed("admin.only", "Only an administrator may change somebody else's password.")
    options.check_password(password)
    async with by.context.database.read() as connection:
        if not await _listed(connection, kept_name(name) if name.isprintable() else ""):
            raise NotFound("user.unknown", f"There is no person called {printable(name)}.")
    password_hash = await by.context.passwords.hash(password)
    async with by.context.database.write() as connection:
        user_id = await _user_id(connection, name)
        await connection.execute(
            update(users).where(users.c.id == user_id).values(password_hash=password_hash)
        )
        await _revoke(by, connection, tokens.c.user_id == user_id, tokens.c.id != by.person.token_id)
        # Whoever signed in with the old one gets no token any more for the code that they have.
        await connection.execute(delete(sign_in_codes).where(sign_in_codes.c.user_id == user_id))
        return (await _listed(connection, kept_name(name)))[0]


async def remove(by: Caller, name: str) -> UserRemoved:
    """Removes a person: their links stop, their tokens end, their folders and audit stay.

    Their links are stopped in several transactions where they are many; the person goes with the last of them.
    Raises :class:`NotAllowed`, :class:`NotFound`, :class:`Conflict` for the last administrator.
    """
    require_admin(by)
    unpublished = 0
    while True:
        async with by.context.database.write() as connection:
            user_id = await _user_id(connection, name)
            await _keep_an_admin(connection, user_id)
            own = sent_documents.c.owner_id == user_id
            await links.settle_due(by.context, connection, own)
            query = (
                documents_query()
                .where(own, sent_documents.c.state == State.PUBLISHED)
                .order_by(sent_documents.c.id)
                .limit(_BATCH)
                .with_for_update(of=sent_documents)
            )
            rows = (await connection.execute(query)).all()
            for row in rows:
                await apply(by, connection, row, Act.UNPUBLISH, {"removed": kept_name(name)})
            unpublished += len(rows)
            if len(rows) < _BATCH:
                await _take_off(by, connection, user_id, kept_name(name))
                return UserRemoved(user=kept_name(name), unpublished=unpublished)


async def _keep_an_admin(connection: AsyncConnection, user_id: str) -> None:
    """Raises :class:`Conflict` where nobody but ``user_id`` is an administrator; the others are held."""
    query = select(users.c.id).where(users.c.admin, users.c.removed_at.is_(None)).order_by(users.c.id)
    admins = (await connection.execute(query.with_for_update())).scalars().all()
    if list(admins) == [user_id]:
        raise Conflict(
            "user.last_admin", "This is the last administrator; make another one before removing this one."
        )


async def _take_off(by: Caller, connection: AsyncConnection, user_id: str, name: str) -> None:
    await connection.execute(
        update(users)
        .where(users.c.id == user_id)
        .values(removed_at=by.context.clock(), password_hash=None, admin=False)
    )
    await _revoke(by, connection, tokens.c.user_id == user_id)
    query = (
        select(folders.c.id, folders.c.name)
        .join(members, members.c.folder_id == folders.c.id)
        .where(members.c.user_id == user_id)
    )
    for folder in (await connection.execute(query)).all():
        await note_removed(by, connection, folder.id, folder.name, name)
    await connection.execute(delete(members).where(members.c.user_id == user_id))
