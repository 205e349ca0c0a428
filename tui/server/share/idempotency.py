"""A request with an ``Idempotency-Key`` is carried out once, however often it is sent.

The first response is kept for seven days and returned again to the same request with the same key; a different
request with that key is refused. The work and the storing of its response are one transaction: of several equal
requests at once, one does the work and the others get its response. Failures are not kept, so the work is tried again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

from fastapi import Header
from pydantic import BaseModel
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import InvalidValue
from ..context import Context
from ..database.tables import idempotency
from .caller import Caller

M = TypeVar("M", bound=BaseModel)

KEPT = timedelta(days=7)
#: Keys removed in one transaction of :func:`forget_old`.
_BATCH = 500

#: The route parameter for the header.
KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$",
        description="Makes the request safe to repeat for seven days: the first response is returned again.",
    ),
]


@dataclass(frozen=True, slots=True)
class Key:
    """An idempotency key with the keyed fingerprint of its request."""

    value: str
    fingerprint: str


def key_of(by: Caller, header: str | None, place: str, body: BaseModel) -> Key | None:
    """The key of a request to ``place`` with ``body``; ``None`` if the request has none."""
    return None if header is None else made_key(by, header, place, body)


def made_key(by: Caller, value: str, place: str, body: BaseModel) -> Key:
    """The key ``value`` with the fingerprint of a request to ``place`` with ``body``."""
    # What a client has found in a document isn't part of it: it may have looked again.
    content = f"{place}\n{body.model_dump_json(exclude_unset=True, exclude={'carries'})}"
    # Keyed, since the body may contain a password, which a plain digest would leave open to guessing.
    return Key(value, by.context.keys.lookup(content).hex())


def _sealed_for(by: Caller, key: Key) -> str:
    return f"idempotency:{by.id}:{key.value}"


def unseal_answer(by: Caller, key: Key, row: Any, model: type[M]) -> M:
    """The response stored in ``row``. Raises :class:`InvalidValue` if the key was used for a different request."""
    if row.fingerprint != key.fingerprint:
        raise InvalidValue(
            "idempotency.reused", "This Idempotency-Key was used for a different request; use a new one."
        )
    return model.model_validate_json(by.context.keys.unseal(row.answer, _sealed_for(by, key)))


_STORED = select(idempotency.c.key, idempotency.c.fingerprint, idempotency.c.answer).where(
    idempotency.c.user_id == bindparam("whose"),
    idempotency.c.key.in_(bindparam("wanted", expanding=True)),
    idempotency.c.created_at > bindparam("oldest"),
)


async def stored_rows(
    by: Caller, connection: AsyncConnection, keys: Sequence[str], now: datetime
) -> dict[str, Any]:
    """The stored rows of those of the caller's ``keys`` that are not past their retention ``now``, by key."""
    values = {"whose": by.id, "wanted": keys, "oldest": now - KEPT}
    stored = await connection.execute(_STORED, values)
    return {row.key: row for row in stored}


async def first_answer(by: Caller, key: Key | None, model: type[M]) -> M | None:
    """The response that was given before, if any, so that costly preparations can be skipped.

    Raises :class:`InvalidValue` if the key was used for a different request.
    """
    if key is None:
        return None
    async with by.context.database.read() as connection:
        row = (await stored_rows(by, connection, [key.value], by.context.clock())).get(key.value)
    return None if row is None else unseal_answer(by, key, row, model)


async def once(
    by: Caller, key: Key | None, model: type[M], work: Callable[[AsyncConnection], Awaitable[M]]
) -> M:
    """Run ``work`` in a transaction, or return the response stored under the same key."""
    async with by.context.database.write() as connection:
        if key is None:
            return await work(connection)
        # One time for both: a key that isn't past its retention when it is claimed has a response until the end.
        now = by.context.clock()
        if not await claim(by, connection, [key], now):
            return unseal_answer(
                by, key, (await stored_rows(by, connection, [key.value], now))[key.value], model
            )
        answer = await work(connection)
        await keep(by, connection, [(key, answer)])
        return answer


async def claim(by: Caller, connection: AsyncConnection, keys: Sequence[Key], now: datetime) -> set[str]:
    """Claim the keys for this transaction, and return those that it got: the others have rows ``now``.

    Waits for another transaction that has claimed one of them and is not finished yet.
    """
    row = by.context.database.insert(idempotency)
    # A key that is past its retention can be claimed again.
    query = row.on_conflict_do_update(
        index_elements=[idempotency.c.user_id, idempotency.c.key],
        set_={
            "fingerprint": row.excluded.fingerprint,
            "created_at": row.excluded.created_at,
            "answer": row.excluded.answer,
        },
        where=idempotency.c.created_at <= now - KEPT,
    ).returning(idempotency.c.key)
    # Sorted, so that two transactions with the same keys can't deadlock.
    values = [
        {
            "user_id": by.id,
            "key": key.value,
            "fingerprint": key.fingerprint,
            "answer": None,
            "created_at": now,
        }
        for key in sorted(keys, key=lambda key: key.value)
    ]
    return set((await connection.execute(query, values)).scalars())


_KEEP = (
    update(idempotency)
    .where(idempotency.c.user_id == bindparam("whose"), idempotency.c.key == bindparam("which"))
    .values(answer=bindparam("sealed"))
)


async def keep(by: Caller, connection: AsyncConnection, answers: Sequence[tuple[Key, BaseModel]]) -> None:
    """Store the responses for keys that this transaction has claimed."""
    values = [
        {
            "whose": by.id,
            "which": key.value,
            "sealed": by.context.keys.seal(answer.model_dump_json(), _sealed_for(by, key)),
        }
        for key, answer in answers
    ]
    await connection.execute(_KEEP, values)


async def release_claim(by: Caller, connection: AsyncConnection, key: Key) -> None:
    """Release a claimed key whose work was not done."""
    await connection.execute(
        delete(idempotency).where(idempotency.c.user_id == by.id, idempotency.c.key == key.value)
    )


async def forget_old(context: Context) -> None:
    """Remove the keys that are past their retention."""
    old = (
        select(idempotency.c.user_id, idempotency.c.key)
        .where(idempotency.c.created_at <= context.clock() - KEPT)
        .limit(_BATCH)
    )
    while True:
        async with context.database.read() as connection:
            rows = (await connection.execute(old)).all()
        if not rows:
            return
        async with context.database.write() as connection:
            for row in rows:
                await connection.execute(
                    delete(idempotency).where(
                        idempotency.c.user_id == row.user_id,
                        idempotency.c.key == row.key,
                        idempotency.c.created_at <= context.clock() - KEPT,
                    )
                )
