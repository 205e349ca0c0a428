"""What a person may see of the whole library, for searches: rules, and folders of Share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ..accounts.users import Person
from ..database.tables import documents, folders
from . import rights

# How many of the newest documents are sampled, and which part of them counts as often.
_SAMPLE, _OFTEN = 300, 0.05


@cache
def _visible_rows(few: int, most: int) -> CompoundSelect[Any]:
    """Rows of a kind and a number: containers of Share; how many of the newest documents are ``seen``, if there are
    more than ``few`` rules; and the rules, unless enough documents are seen for them not to be needed."""
    # Limits are literals, so that PostgreSQL keeps its plan.
    limit: ColumnElement[int] = literal_column(str(most + 1))
    rules = union_all(rights.own_rules(rights.ANYONE), rights.open_rules()).limit(limit).cte("rules")
    newest = (
        select(documents.c.acl)
        .where(documents.c.deleted_at.is_(None))
        .order_by(documents.c.edited_at.desc(), documents.c.number.desc())
        .limit(literal_column(str(_SAMPLE)))
        .subquery()
    )
    visible = (
        select(func.count())
        .select_from(newest)
        .where(rights.readable(newest.c.acl, rights.ANYONE))
        .scalar_subquery()
    )
    rule_count = select(func.count()).select_from(rules).scalar_subquery()
    seen = select(case((rule_count.between(few, most - 1), visible), else_=0).label("number")).cte("seen")
    return union_all(
        rights.shared_with(rights.ANYONE).with_only_columns(literal("share"), folders.c.container),
        select(literal("seen"), seen.c.number),
        select(literal("rule"), rules.c[0]).where(
            select(seen.c.number).scalar_subquery() <= _OFTEN * _SAMPLE
        ),
    )


async def visible_to(
    connection: AsyncConnection, person: Person, few: int, most: int
) -> tuple[list[int] | None, list[int]]:
    """All rules that let the person read, and the containers of the Share folders that they may see.

    The rules are ``None`` if there are more than ``most``, or if there are more than ``few`` and the person sees the
    newest documents often enough that going through them in order is better.
    """
    found: dict[str, list[int]] = {"rule": [rights.PUBLIC], "share": [], "seen": []}
    for kind, number in await connection.execute(_visible_rows(few, most), {"person": person.id}):
        found[kind].append(number)
    looked_through = found["seen"][0] > _OFTEN * _SAMPLE
    return (None if looked_through or len(found["rule"]) > most else found["rule"]), found["share"]


def under(rules: Sequence[int], shares: Sequence[int]) -> ColumnElement[bool]:
    """A condition on ``documents``: those under one of the rules, or in one of the folders of Share."""
    return or_(documents.c.acl.in_(rules), in_shares(shares))


def in_shares(shares: Sequence[int]) -> ColumnElement[bool]:
    """A condition on ``documents``: those in one of the folders of Share."""
    return and_(documents.c.acl.is_(None), documents.c.parent.in_(shares))
