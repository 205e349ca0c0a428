"""Which containers inherit their security, and from where."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database.tables import containers


def inheriting(number: int) -> Select[Any]:
    """The numbers of a container and of those in it that inherit its rule, at any depth."""
    tree = select(containers.c.number).where(containers.c.number == number).cte("inheriting", recursive=True)
    inner = (
        select(containers.c.number)
        .join(tree, containers.c.parent == tree.c.number)
        .where(containers.c.default_security == "inherit")
    )
    return select(tree.union(inner).c.number)


async def security_owner(connection: AsyncConnection, number: int | None) -> str | None:
    """The owner of the container that determines the security inherited in the container ``number``: that container, or
    its nearest ancestor that doesn't inherit. ``None`` if an earlier release didn't store the owner."""
    columns = (containers.c.parent, containers.c.default_security, containers.c.owner_id)
    path = select(*columns).where(containers.c.number == number).cte("way", recursive=True)
    above = select(*columns).join(
        path, (containers.c.number == path.c.parent) & (path.c.default_security == "inherit")
    )
    path = path.union_all(above)
    last = (path.c.default_security != "inherit") | path.c.parent.is_(None)
    owner: str | None = (await connection.execute(select(path.c.owner_id).where(last).limit(1))).scalar()
    return owner


def subtree(number: int) -> Select[Any]:
    """The numbers of a container and of all containers in it, at any depth."""
    tree = select(containers.c.number).where(containers.c.number == number).cte("tree", recursive=True)
    inner = select(containers.c.number).join(tree, containers.c.parent == tree.c.number)
    return select(tree.union(inner).c.number)
