"""The administrator's policy: reading and changing what is stored of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import policy as rules
from ...rules import presets
from ...rules.authorization import Action
from ...rules.carried_policy import needs_look
from ...rules.errors import InvalidValue, TooLarge
from ...rules.policy import Policy
from ...rules.state import Event
from ...wire.policy import PolicyChange
from .. import audit
from ..database.tables import policy as table
from ..library.routing import LanedRoute
from .answers import PREFIX, SIGNED_IN, problems
from .caller import Caller, CallerDep, require

router = APIRouter(prefix=PREFIX, route_class=LanedRoute, dependencies=SIGNED_IN)

_MAX_REFUSED, _MAX_DOMAINS = 20_000, 5_000


async def load(connection: AsyncConnection) -> Policy:
    """The current policy."""
    values = (await connection.execute(select(table.c["values"]))).scalar()
    return Policy.of(values or {})


def _changed(policy: Policy, values: PolicyChange) -> Policy:
    return rules.changed(policy, {key: rules.typed_text(key, value) for key, value in values.items()})


async def change(by: Caller, connection: AsyncConnection, values: PolicyChange) -> Policy:
    """Set the keys in ``values``, and note each change in the audit. Returns the resulting policy.

    Raises :class:`InvalidValue`, also for a preset that breaks the policy as it will be, and :class:`TooLarge` for too
    many refused passwords or domains.
    """
    context = by.context
    # The row is created before it is read, so that it can be locked and concurrent changes don't overwrite each other.
    await connection.execute(context.database.insert(table).values(id=1, values={}).on_conflict_do_nothing())
    stored_values = (await connection.execute(select(table.c["values"]).with_for_update())).scalar_one()
    old = Policy.of(stored_values)
    new = _changed(old, values)
    if len(new.recipients_domains or ()) > _MAX_DOMAINS:
        raise TooLarge("policy.too_many", f"There can be at most {_MAX_DOMAINS:,} domains of recipients.")
    if len(new.password_refused or ()) > _MAX_REFUSED:
        raise TooLarge("policy.too_many", f"There can be at most {_MAX_REFUSED:,} refused passwords.")
    if "presets" in values:
        presets.check_presets(new, context.clock())
    new_values = {key: value for key, value in asdict(new).items() if value is not None}
    await connection.execute(table.update().values(values=new_values))
    for details in _changes(old, new):
        await audit.append(
            context, connection, audit.INSTALLATION, Event.POLICY_CHANGED, **by.origin, details=details
        )
    return new


async def check_look(new: Policy) -> None:
    """Raise :class:`InvalidValue` for a policy that needs a look into documents which this machine can't take: what a
    client says of them is believed for a warning only, or the next program would pass by the rule."""
    if not needs_look(new):
        return
    # Few installations need it.
    from ...inspection.inspector import Inspector
    from ...inspection.worker import WorkerFailed

    try:
        await Inspector().protection()
    except WorkerFailed:
        message = "This server can't look into documents, so it can't refuse what they carry; it can warn."
        key = "carries_refuse" if new.carries_refuse else "carries_unreadable"
        raise InvalidValue("policy.not_looked_into", message, key) from None


def _changes(old: Policy, new: Policy) -> list[dict[str, Any]]:
    """Each changed key with its values ``from`` and ``to``. Of lists only the count is given."""
    before, after = asdict(old), asdict(new)
    changed = [key for key in before if before[key] != after[key]]
    return [
        {"key": key, "from": _audit_value(key, before[key]), "to": _audit_value(key, after[key])}
        for key in changed
    ]


def _audit_value(key: str, value: Any) -> Any:
    return len(value) if isinstance(value, tuple) and key == "password_refused" else value


# ---------------------------------------------------------------- routes


@router.get("/policy", response_model=Policy, responses=problems(401))
async def show_policy(by: CallerDep) -> Policy:
    """The policy, with `null` for rules that are not set."""
    require(by, Action.READ_POLICY)
    async with by.context.database.read() as connection:
        return await load(connection)


@router.patch("/policy", response_model=Policy, responses=problems(401, 403, 413, 422))
async def change_policy(by: CallerDep, values: PolicyChange) -> Policy:
    """Set some keys of the policy. For administrators."""
    require(by, Action.CHANGE_POLICY)
    async with by.context.database.read() as connection:
        present = await load(connection)
    # Before anything is locked: a worker takes a moment to start.
    await check_look(_changed(present, values))
    async with by.context.database.write() as connection:
        return await change(by, connection, values)
