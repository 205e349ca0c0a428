"""A request with an ``Idempotency-Key`` is carried out once, however often it is sent.

The first answer is kept for seven days and given again to the same request under the same key; another request
under that key is refused. Keeping and carrying out are one transaction: of several equal requests at once, one
does the work and the others get its answer. What failed is not kept, and is tried anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, TypeVar

from fastapi import Header
from pydantic import BaseModel
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import InvalidValue
from ..context import Context
from ..database.tables import idempotency
from .caller import Caller

M = TypeVar("M", bound=BaseModel)

KEPT = timedelta(days=7)
#: Keys that are forgotten in one transaction of :func:`forget_old`.
_BATCH = 500

#: The header's parameter of a route.
KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$",
        description="Makes the request safe to repeat for seven days: the first answer is given again.",
    ),
]


@dataclass(frozen=True, slots=True)
class Key:
    """A key with the keyed fingerprint of the request that it stands for."""

    value: str
    fingerprint: str


def key_of(by: Caller, header: str | None, place: str, body: BaseModel) -> Key | None:
    """The key of a request to ``place`` with ``body``; ``None`` where it carries none."""
    if header is None:
        return None
    content = f"{place}\n{body.model_dump_json(exclude_unset=True)}"
    # Keyed, since the body may hold a password that a plain digest would let one guess at.
    return Key(header, by.context.keys.lookup(content).hex())


def _sealed_for(by: Caller, key: Key) -> str:
    return f"idempotency:{by.id}:{key.value}"


def _opened(by: Caller, key: Key, row: Any, model: type[M]) -> M:
    if row.fingerprint != key.fingerprint:
        raise InvalidValue(
            "idempotency.reused", "This Idempotency-Key was used for another request; take a new one."
        )
    return model.model_validate_json(by.context.keys.unseal(row.answer, _sealed_for(by, key)))


async def _kept(by: Caller, connection: AsyncConnection, key: Key) -> Any:
    return (
        await connection.execute(
            select(idempotency.c.fingerprint, idempotency.c.answer).where(
                idempotency.c.user_id == by.id,
                idempotency.c.key == key.value,
                idempotency.c.created_at > by.context.clock() - KEPT,
            )
        )
    ).first()


async def first_answer(by: Caller, key: Key | None, model: type[M]) -> M | None:
    """The answer that was given before, so that costly preparations can be left out.

    Raises :class:`InvalidValue` where the key was used for another request.
    """
    if key is None:
        return None
    async with by.context.database.read() as connection:
        row = await _kept(by, connection, key)
    return None if row is None else _opened(by, key, row, model)


async def once(
    by: Caller, key: Key | None, model: type[M], work: Callable[[AsyncConnection], Awaitable[M]]
) -> M:
    """Does ``work`` in a transaction, or gives the answer that it had under the same key."""
    async with by.context.database.write() as connection:
        if key is None:
            return await work(connection)
        if not await _claim(by, connection, key):
            return _opened(by, key, await _kept(by, connection, key), model)
        answer = await work(connection)
        sealed = by.context.keys.seal(answer.model_dump_json(), _sealed_for(by, key))
        await connection.execute(
            update(idempotency)
            .where(idempotency.c.user_id == by.id, idempotency.c.key == key.value)
            .values(answer=sealed)
        )
        return answer


async def _claim(by: Caller, connection: AsyncConnection, key: Key) -> bool:
    """Whether the key is this transaction's; waits for another that has it and is not done yet."""
    now = by.context.clock()
    await connection.execute(
        delete(idempotency).where(
            idempotency.c.user_id == by.id,
            idempotency.c.key == key.value,
            idempotency.c.created_at <= now - KEPT,
        )
    )
    dialect: Any = sqlite if by.context.database.sqlite else postgresql
    values = {"user_id": by.id, "key": key.value, "fingerprint": key.fingerprint, "created_at": now}
    claimed = await connection.execute(
        dialect.insert(idempotency).values(**values).on_conflict_do_nothing().returning(idempotency.c.key)
    )
    return claimed.first() is not None


async def forget_old(context: Context) -> None:
    """Removes the keys that are too old to be given again."""
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
