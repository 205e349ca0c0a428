"""Changing who may see a document, or a container with everything that inherits from it.

A change that affects many documents takes a few statements over all of them, however many there are.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from ...rules.authorization import Action
from ..database.tables import acl_users, acls, containers, documents
from . import index, move_rules, rights
from .actions import ActingPerson
from .batch import Batch
from .counts import add_counts, recount
from .inheritance import inheriting
from .rights import PUBLIC, Level

#: Securities that have their own rule.
_WITH_OWN_RULE = ("private", "view")


async def secure_document(
    act: ActingPerson, row: Row[Any], security: str | None, trustees: dict[str, Level] | None
) -> None:
    """Change who may see a document (a row of ``rights.document``). ``None`` leaves that unchanged, and so does the
    effective security of a document that inherits.

    Raises :class:`NotAllowed`.
    """
    if trustees is None and security == rights.inherited(row._mapping):
        security = None
    changed = await _new_security(act, row, Action.SECURE_DOCUMENT, security, trustees)
    if changed is None:
        return
    security, acl = changed
    values = {"acl": acl, "default_security": security}
    await act.connection.execute(update(documents).where(documents.c.number == row.number).values(**values))
    await add_counts(act.context, act.connection, row.parent, row.acl, 0, -1)
    await add_counts(act.context, act.connection, row.parent, acl, 0, 1)
    await _drop_old(act, row, acl)
    await act.note(row.number, row.version, "SECURITYCHANGE")
    await index.refresh(act.context, act.connection, [row.number])


async def secure_container(
    act: ActingPerson, row: Row[Any], security: str | None, trustees: dict[str, Level] | None
) -> None:
    """Change who may see a container (a row of ``rights.container``), and everything in it that inherits from it.

    Raises :class:`NotAllowed`.
    """
    if row.kind == "workspace" and security == "inherit":
        security = "public"
    changed = await _new_security(act, row, Action.SECURE_CONTAINER, security, trustees)
    if changed is None:
        return
    await move_rules.demand_contents(act.connection, act.person, row)
    security, acl = changed
    this_container = containers.c.number == row.number
    await act.connection.execute(update(containers).where(this_container).values(default_security=security))
    await follow(act, row, acl)
    await _drop_old(act, row, acl)


async def follow(act: ActingPerson, row: Row[Any], acl: int) -> None:
    """Give a container, and everything in it that inherits, the rule ``acl``."""
    if acl == row.acl:
        return
    tree = inheriting(row.number)
    lock = select(containers.c.number).where(containers.c.number.in_(tree)).with_for_update()
    await act.connection.execute(lock)
    await act.connection.execute(update(containers).where(containers.c.number.in_(tree)).values(acl=acl))
    documents_inside = (documents.c.parent.in_(tree), documents.c.default_security == "inherit")
    await act.connection.execute(update(documents).where(*documents_inside).values(acl=acl))
    parent = row.parent or 0
    await add_counts(act.context, act.connection, parent, row.acl, -1, 0)
    await add_counts(act.context, act.connection, parent, acl, 1, 0)
    await recount(act.connection, tree)
    await index.update_places(
        act.context, act.connection, select(documents.c.number).where(*documents_inside)
    )


# ---------------------------------------------------------------- rules


async def _inherited(act: ActingPerson, row: Row[Any]) -> int:
    """The rule of the container that ``row`` is in."""
    if row.parent is None:
        return PUBLIC
    query = select(containers.c.acl).where(containers.c.number == row.parent)
    return int((await act.connection.execute(query)).scalar_one())


async def _new_security(
    act: ActingPerson,
    row: Row[Any],
    action: Action,
    security: str | None,
    trustees: dict[str, Level] | None,
) -> tuple[str, int] | None:
    """The new security and rule of ``row``; ``None`` if it keeps its rule, which may itself have been changed."""
    # Programs send back the whole profile that they read, with most of it unchanged.
    if trustees is None and security in (None, row.default_security):
        return None
    rights.demand(row, act.person, action)
    security = security or row.default_security
    # The owner of an object from an earlier release may be unknown.
    owner = row.owner_id or act.person.id
    if security in _WITH_OWN_RULE and row.default_security in _WITH_OWN_RULE:
        await _change_rule(act, row.acl, security, owner, trustees)
        await _set_security(act, row, security)
        return None
    if security == row.default_security:
        return None
    batch = Batch(act.context, act.connection)
    acl = await batch.rule(security, owner, trustees or {}, await _inherited(act, row))
    await batch.write()
    return security, acl


async def _change_rule(
    act: ActingPerson, acl: int, security: str, owner: str, trustees: dict[str, Level] | None
) -> None:
    everyone = Level.READ.word if security == "view" else None
    await act.connection.execute(update(acls).where(acls.c.id == acl).values(everyone=everyone))
    if trustees is not None:
        await act.connection.execute(delete(acl_users).where(acl_users.c.acl == acl))
        levels = {**trustees, owner: Level.FULL_ACCESS}
        rows = [{"user_id": user, "acl": acl, "level": level.word} for user, level in levels.items()]
        await act.connection.execute(insert(acl_users), rows)


async def _set_security(act: ActingPerson, row: Row[Any], security: str) -> None:
    table = documents if "version" in row._fields else containers
    where = table.c.number == row.number
    await act.connection.execute(update(table).where(where).values(default_security=security))
    if table is documents:
        await act.note(row.number, row.version, "SECURITYCHANGE")


async def _drop_old(act: ActingPerson, row: Row[Any], acl: int) -> None:
    """Remove the rule that only ``row`` had, and that nothing uses any more."""
    if row.default_security in _WITH_OWN_RULE and acl != row.acl:
        await act.connection.execute(delete(acl_users).where(acl_users.c.acl == row.acl))
        await act.connection.execute(delete(acls).where(acls.c.id == row.acl))
