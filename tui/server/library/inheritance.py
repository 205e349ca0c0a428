"""What inherits its security from which container."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database.tables import containers


def inheriting(number: int) -> Select[Any]:
    """The numbers of a container and of those in it that have its rule because they inherit."""
    tree = select(containers.c.number).where(containers.c.number == number).cte("inheriting", recursive=True)
    inner = (
        select(containers.c.number)
        .join(tree, containers.c.parent == tree.c.number)
        .where(containers.c.default_security == "inherit")
    )
    return select(tree.union(inner).c.number)


async def giver(connection: AsyncConnection, number: int | None) -> str | None:
    """Whose the container is that gives what is in the container ``number`` its security: that one, or the nearest up
    that does not inherit. ``None`` where an earlier version did not keep whose it is."""
    columns = (containers.c.parent, containers.c.default_security, containers.c.owner_id)
    way = select(*columns).where(containers.c.number == number).cte("way", recursive=True)
    above = select(*columns).join(
        way, (containers.c.number == way.c.parent) & (way.c.default_security == "inherit")
    )
    way = way.union_all(above)
    last = (way.c.default_security != "inherit") | way.c.parent.is_(None)
    owner: str | None = (await connection.execute(select(way.c.owner_id).where(last).limit(1))).scalar()
    return owner


def subtree(number: int) -> Select[Any]:
    """The numbers of a container and of all that are in it."""
    tree = select(containers.c.number).where(containers.c.number == number).cte("tree", recursive=True)
    inner = select(containers.c.number).join(tree, containers.c.parent == tree.c.number)
    return select(tree.union(inner).c.number)
