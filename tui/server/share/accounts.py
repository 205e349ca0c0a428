"""Administration of people, and a person's own sign-in and password."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import accounts
from ...rules.authorization import Action, Right
from ...rules.common_passwords import common_passwords
from ...rules.errors import Conflict, InvalidValue, NotAllowed, NotFound, NotSignedIn
from ...rules.state import Act, Event, State
from ...rules.text import printable
from ...wire.people import (
    Exchange,
    NewPassword,
    NewUser,
    SignedIn,
    SignIn,
    User,
    UserChange,
    UserRemoved,
    Users,
)
from .. import audit
from ..accounts.signin import hold_sign_in, sign_in
from ..accounts.users import (
    SignInInfo,
    add_person,
    add_token,
    end_sign_ins,
    end_tokens,
    find_person,
    note_person,
    refused,
)
from ..context import Context
from ..database.tables import folders, members, sent_documents, sign_in_codes, tokens, users
from ..http.visitor import Visitor
from ..library.actions import ActingPerson as WorkAct
from ..library.actions import release_all
from ..library.index import refresh_author
from . import damaged_rows, expiry
from .caller import Caller, documents_query, require
from .documents import settle
from .members import note_removed
from .transitions import apply_some

IDLE = timedelta(days=90)
MAX_USERS = 10_000
#: Documents unpublished in one transaction: others who write wait for its end.
_BATCH = 25


async def login(context: Context, body: SignIn, visitor: Visitor) -> SignedIn:
    """A new access token. Raises :class:`NotSignedIn`, :class:`Throttled`."""
    person = await sign_in(context, body.user, body.password, visitor, "access token")
    begun = SignInInfo(body.program, visitor.address)
    async with context.database.write() as connection:
        await hold_sign_in(connection, person)
        token = await add_token(context, connection, person.id, "access", idle=IDLE, begun=begun)
    return SignedIn(token=token, user=person.name, server=context.public_url)


async def exchange(by: Caller, body: Exchange, *, local: bool) -> SignedIn:
    """A new access token in exchange for the data folder's token.

    Over the network, that token can be exchanged once and is not accepted there afterwards. ``local``: the request
    came over the socket, where the token stays valid.

    Raises :class:`NotSignedIn`, and :class:`NotAllowed` for any other token.
    """
    context, now = by.context, by.context.clock()
    first_token = (tokens.c.id == by.person.token_id, tokens.c.kind == "first")
    async with context.database.write() as connection:
        if (await connection.execute(select(tokens.c.id).where(*first_token))).first() is None:
            raise NotAllowed(
                "token.not_first",
                "Only the data folder's token can be exchanged. Sign in with a name and a password.",
            )
        still_valid = tokens.c.revoked_at.is_(None) if local else tokens.c.expires_at > now
        # Not the current time: another process may have read the clock just before, and get here just after.
        expired = {"expires_at": tokens.c.created_at}
        exchanged = (
            update(tokens).where(*first_token, tokens.c.revoked_at.is_(None), still_valid).values(expired)
        )
        if (await connection.execute(exchanged.returning(tokens.c.id))).first() is None:
            raise refused()
        begun = SignInInfo(body.program, by.address)
        token = await add_token(context, connection, by.id, "access", idle=IDLE, begun=begun)
        subject = audit.subject("person", by.id)
        details = {"kind": "data folder"}
        await audit.append(context, connection, subject, Event.SIGNED_IN, **by.origin, details=details)
    return SignedIn(token=token, user=by.person.name, server=context.public_url)


async def logout(by: Caller) -> None:
    """Revoke the token that the request carries, and all others from the same sign-in."""
    async with by.context.database.write() as connection:
        await end_sign_ins(by.context, connection, tokens.c.id == by.person.token_id)


# ---------------------------------------------------------------- users


async def full_name_of(connection: AsyncConnection, user_id: str) -> str | None:
    """The name that recipients see; ``None`` if there is no such user."""
    return (await connection.execute(select(users.c.full_name).where(users.c.id == user_id))).scalar()


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
            full_name=row.full_name,
            email=row.email,
            admin=row.admin,
            created_at=row.created_at,
            published=row.published,
        )
        for row in rows
    ]


async def listing(by: Caller) -> Users:
    """All people, with the number of their published links. Raises :class:`NotAllowed`."""
    require(by, Action.LIST_PEOPLE)
    await settle(by.context)
    async with by.context.database.read() as connection:
        return Users(users=await _listed(connection))


async def add(by: Caller, body: NewUser) -> User:
    """Add a person; the name is stored in capitals.

    Raises :class:`NotAllowed`, :class:`InvalidValue` for name or password, :class:`Conflict` if the name is taken.
    """
    require(by, Action.ADD_PERSON)
    name = accounts.kept_name(body.name)
    full_name, email = accounts.full_name(body.full_name or ""), accounts.email(body.email or "")
    await _check_password(body.password, name, full_name, email)
    async with by.context.database.read() as connection:
        present = select(users.c.name).where(users.c.removed_at.is_(None))
        others = (await connection.execute(present)).scalars().all()
    await asyncio.to_thread(accounts.check_new_name, name, others)
    password_hash = await by.context.passwords.hash(body.password, by.id)
    async with by.context.database.write() as connection:
        name_taken = Conflict("user.taken", f"{printable(name)} is taken; choose another name.")
        if await _listed(connection, name):
            raise name_taken
        people_count = select(func.count()).select_from(users).where(users.c.removed_at.is_(None))
        if (await connection.execute(people_count)).scalar_one() >= MAX_USERS:
            raise Conflict(
                "user.too_many", f"There are {MAX_USERS:,} people, the maximum. Remove some first."
            )
        try:
            await add_person(
                by.context,
                connection,
                name,
                admin=body.admin,
                password_hash=password_hash,
                full_name=full_name,
                email=email,
                by=by.origin,
            )
        except IntegrityError:
            raise name_taken from None
        return (await _listed(connection, name))[0]


async def _check_password(password: str, *known: str | None) -> None:
    """Raise :class:`InvalidValue` if it can't be a sign-in password of a person of whom this is ``known``."""
    words = [text for text in known if text]
    await asyncio.to_thread(lambda: accounts.check_password(password, common_passwords(), words))


async def _person(connection: AsyncConnection, name: str, *, hold: bool = False) -> Row[Any]:
    """The person of that name, with ``hold`` locked until the transaction ends. Raises :class:`NotFound`."""
    row = await find_person(connection, name, hold=hold, unseen=True)
    if row is None:
        raise NotFound("user.unknown", f"There is no person called {printable(accounts.escaped(name))}.")
    return row


async def change(by: Caller, name: str, body: UserChange) -> User:
    """Change a person's full name, which recipients see, or e-mail address.

    Their documents can be found by the new name shortly afterwards: the index is updated by a few hundred documents
    per transaction. Raises :class:`NotAllowed`, :class:`NotFound`, :class:`InvalidValue`.
    """
    require(by, Action.NAME_PERSON)
    values: dict[str, str | None] = {}
    if body.full_name is not None:
        values["full_name"] = accounts.full_name(body.full_name)
    if body.email is not None:
        values["email"] = accounts.email(body.email)
    async with by.context.database.write() as connection:
        person = await _person(connection, name, hold=True)
        changed = {key: value for key, value in values.items() if value != getattr(person, key)}
        if changed:
            await connection.execute(update(users).where(users.c.id == person.id).values(**changed))
            details = {"person": person.name, **changed}
            await note_person(by.context, connection, person.id, Event.PERSON_NAMED, by.origin, details)
    await refresh_author(by.context, person.name)
    async with by.context.database.read() as connection:
        return (await _listed(connection, person.name))[0]


async def change_password(by: Caller, name: str, body: NewPassword) -> User:
    """Set a person's password and revoke their other tokens.

    For administrators, and for the caller's own account with its current password, if it has one.

    Raises :class:`NotAllowed`, :class:`NotFound`, :class:`InvalidValue`, :class:`Throttled`.
    """
    async with by.context.database.read() as connection:
        found = await find_person(connection, name, unseen=True)
    is_self, password = found is not None and found.id == by.id, body.password
    require(by, Action.SET_PASSWORD, Right.SECURE if is_self else Right.NONE)
    await _check_password(password, name, *((found.full_name, found.email) if found is not None else ()))
    if is_self:
        await _check_current_password(by, body.present)
    async with by.context.database.read() as connection:
        await _person(connection, name)
    password_hash = await by.context.passwords.hash(password, by.id)
    async with by.context.database.write() as connection:
        person = await _person(connection, name, hold=True)
        await connection.execute(
            update(users).where(users.c.id == person.id).values(password_hash=password_hash)
        )
        others = tokens.c.id != by.person.token_id
        await end_tokens(by.context, connection, tokens.c.user_id == person.id, others)
        # A program sign-in that was begun with the old password can no longer exchange its code for a token.
        await connection.execute(delete(sign_in_codes).where(sign_in_codes.c.user_id == person.id))
        if is_self:
            subject = audit.subject("person", person.id)
            await audit.append(by.context, connection, subject, Event.PASSWORD_SET, **by.origin)
        else:
            details = {"person": person.name}
            await note_person(by.context, connection, person.id, Event.PASSWORD_SET, by.origin, details)
        return (await _listed(connection, person.name))[0]


async def _check_current_password(by: Caller, password: str | None) -> None:
    """Raise :class:`NotAllowed` if ``password`` isn't the caller's password; that counts as a failed sign-in."""
    query = select(users.c.password_hash).where(users.c.id == by.id)
    async with by.context.database.read() as connection:
        if not (await connection.execute(query)).scalar():
            return
    if not password:
        raise InvalidValue(
            "password.present_missing",
            "Your current password is missing: give it on the line before the new one.",
            "present",
        )
    try:
        await sign_in(by.context, by.person.name, password, by.visitor, None)
    except NotSignedIn:
        raise NotAllowed("password.present_wrong", "That is not your current password.") from None


async def remove(by: Caller, name: str) -> UserRemoved:
    """Remove a person: their links stop working, their tokens are revoked, their folders and audit stay.

    Many links take several transactions; the person is removed with the last of them.
    Raises :class:`NotAllowed`, :class:`NotFound`, :class:`Conflict` for the last administrator.
    """
    require(by, Action.REMOVE_PERSON)
    unpublished = 0
    while True:
        async with by.context.database.write() as connection:
            person = await _person(connection, name, hold=True)
            await _keep_an_admin(connection, person.id)
            owned_documents = sent_documents.c.owner_id == person.id
            await expiry.settle_due(by.context, connection, owned_documents)
            query = (
                documents_query()
                .where(owned_documents, sent_documents.c.state == State.PUBLISHED)
                .order_by(sent_documents.c.id)
                .limit(_BATCH)
                .with_for_update(of=sent_documents)
            )
            rows = await damaged_rows.fetch(by.context, connection, query)
            done = await apply_some(by, connection, rows, Act.UNPUBLISH, {"removed": person.name})
            unpublished += done
            if done == len(rows) < _BATCH:
                await _mark_removed(by, connection, person.id, person.name, unpublished)
                return UserRemoved(user=person.name, unpublished=unpublished)


async def _keep_an_admin(connection: AsyncConnection, user_id: str) -> None:
    """Raise :class:`Conflict` if ``user_id`` is the only administrator who can sign in. Locks all administrators."""
    query = select(users.c.id, users.c.name).where(users.c.admin, users.c.removed_at.is_(None))
    admins = (await connection.execute(query.order_by(users.c.id).with_for_update(key_share=True))).all()
    others = any(row.id != user_id and accounts.visible(row.name) for row in admins)
    if not others and user_id in {row.id for row in admins}:
        raise Conflict(
            "user.last_admin", "This is the last administrator. Add another one before removing this one."
        )


async def _mark_removed(
    by: Caller, connection: AsyncConnection, user_id: str, name: str, unpublished: int
) -> None:
    await connection.execute(
        update(users)
        .where(users.c.id == user_id)
        .values(removed_at=by.context.clock(), password_hash=None, admin=False)
    )
    await end_tokens(by.context, connection, tokens.c.user_id == user_id)
    query = (
        select(folders.c.id, folders.c.name)
        .join(members, members.c.folder_id == folders.c.id)
        .where(members.c.user_id == user_id)
    )
    for folder in (await connection.execute(query)).all():
        await note_removed(by, connection, folder.id, folder.name, name)
    await connection.execute(delete(members).where(members.c.user_id == user_id))
    await release_all(WorkAct(by.context, connection, by.person, by.address), user_id)
    details = {"person": name, "unpublished": unpublished}
    await note_person(by.context, connection, user_id, Event.PERSON_REMOVED, by.origin, details)
