"""A request with an ``Idempotency-Key`` is carried out once, however often it is sent.

The first answer is kept for seven days and given again to the same request under the same key; another request
under that key is refused. Keeping and carrying out are one transaction: of several equal requests at once, one
does the work and the others get its answer. What failed is not kept, and is tried anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, TypeVar

from fastapi import Header
from pydantic import BaseModel
from sqlalchemy import bindparam, delete, select, update
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
    return None if header is None else made_key(by, header, place, body)


def made_key(by: Caller, value: str, place: str, body: BaseModel) -> Key:
    """The key ``value`` of what is asked of ``place`` with ``body``."""
    content = f"{place}\n{body.model_dump_json(exclude_unset=True)}"
    # Keyed, since the body may hold a password that a plain digest would let one guess at.
    return Key(value, by.context.keys.lookup(content).hex())


def _sealed_for(by: Caller, key: Key) -> str:
    return f"idempotency:{by.id}:{key.value}"


def opened(by: Caller, key: Key, row: Any, model: type[M]) -> M:
    """The answer that is kept in ``row``. Raises :class:`InvalidValue` where the key was used for another request."""
    if row.fingerprint != key.fingerprint:
        raise InvalidValue(
            "idempotency.reused", "This Idempotency-Key was used for another request; take a new one."
        )
    return model.model_validate_json(by.context.keys.unseal(row.answer, _sealed_for(by, key)))


async def kept(by: Caller, connection: AsyncConnection, keys: Sequence[str]) -> dict[str, Any]:
    """What is kept of the caller's ``keys``."""
    found = await connection.execute(
        select(idempotency.c.key, idempotency.c.fingerprint, idempotency.c.answer).where(
            idempotency.c.user_id == by.id,
            idempotency.c.key.in_(keys),
            idempotency.c.created_at > by.context.clock() - KEPT,
        )
    )
    return {row.key: row for row in found}


async def first_answer(by: Caller, key: Key | None, model: type[M]) -> M | None:
    """The answer that was given before, so that costly preparations can be left out.

    Raises :class:`InvalidValue` where the key was used for another request.
    """
    if key is None:
        return None
    async with by.context.database.read() as connection:
        row = (await kept(by, connection, [key.value])).get(key.value)
    return None if row is None else opened(by, key, row, model)


async def once(
    by: Caller, key: Key | None, model: type[M], work: Callable[[AsyncConnection], Awaitable[M]]
) -> M:
    """Does ``work`` in a transaction, or gives the answer that it had under the same key."""
    async with by.context.database.write() as connection:
        if key is None:
            return await work(connection)
        if not await claim(by, connection, [key]):
            return opened(by, key, (await kept(by, connection, [key.value])).get(key.value), model)
        answer = await work(connection)
        await keep(by, connection, [(key, answer)])
        return answer


async def claim(by: Caller, connection: AsyncConnection, keys: Sequence[Key]) -> set[str]:
    """Which of the keys are this transaction's; waits for another that has one and is not done yet."""
    now = by.context.clock()
    wanted = [key.value for key in keys]
    await connection.execute(
        delete(idempotency).where(
            idempotency.c.user_id == by.id,
            idempotency.c.key.in_(wanted),
            idempotency.c.created_at <= now - KEPT,
        )
    )
    dialect: Any = sqlite if by.context.database.sqlite else postgresql
    # In one order, so that two transactions with the same keys do not wait for each other.
    values = [
        {"user_id": by.id, "key": key.value, "fingerprint": key.fingerprint, "created_at": now}
        for key in sorted(keys, key=lambda key: key.value)
    ]
    claimed = await connection.execute(
        dialect.insert(idempotency).values(values).on_conflict_do_nothing().returning(idempotency.c.key)
    )
    return set(claimed.scalars())


async def keep(by: Caller, connection: AsyncConnection, answers: Sequence[tuple[Key, BaseModel]]) -> None:
    """Keeps the answers of keys that this transaction has claimed."""
    query = (
        update(idempotency)
        .where(idempotency.c.user_id == bindparam("whose"), idempotency.c.key == bindparam("which"))
        .values(answer=bindparam("sealed"))
    )
    values = [
        {
            "whose": by.id,
            "which": key.value,
            "sealed": by.context.keys.seal(answer.model_dump_json(), _sealed_for(by, key)),
        }
        for key, answer in answers
    ]
    await connection.execute(query, values)


async def give_back(by: Caller, connection: AsyncConnection, key: Key) -> None:
    """Lets a claimed key go: nothing came of it."""
    await connection.execute(
        delete(idempotency).where(idempotency.c.user_id == by.id, idempotency.c.key == key.value)
    )


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
