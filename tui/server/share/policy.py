"""The administrator's policy: keeping it, and holding a send's settings against it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import options
from ...rules import policy as rules
from ...rules.authorization import Action
from ...rules.common_passwords import common_passwords
from ...rules.errors import InvalidValue, TooLarge
from ...rules.policy import Policy
from ...rules.state import Event
from ...wire.share import PolicyBody, PolicyChange
from .. import audit
from ..database.tables import policy as table
from .answers import SIGNED_IN, BoundedRoute, problems
from .caller import By, Caller, require

router = APIRouter(route_class=BoundedRoute, dependencies=SIGNED_IN)

_MAX_REFUSED = 20_000


async def load(connection: AsyncConnection) -> Policy:
    """The policy in force."""
    values = (await connection.execute(select(table.c["values"]))).scalar()
    return Policy.of(values or {})


def _body(policy: Policy) -> PolicyBody:
    return PolicyBody.model_validate(
        {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(policy).items()}
    )


def _as_typed(key: str, value: str | bool | int | list[str] | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        if key != "password_refused":
            raise InvalidValue("policy.value", f"{key} is one value, not a list.", key)
        return "\n".join(value)
    return str(value)


async def change(by: Caller, connection: AsyncConnection, values: PolicyChange) -> Policy:
    """Sets the keys of ``values`` and answers the policy that results; the audit says what became of what.

    Raises :class:`InvalidValue`.
    """
    context = by.context
    dialect: Any = sqlite if context.database.sqlite else postgresql
    # The row is there before it is read, so that it can be held: two changes at once both last.
    await connection.execute(dialect.insert(table).values(id=1, values={}).on_conflict_do_nothing())
    kept = (await connection.execute(select(table.c["values"]).with_for_update())).scalar_one()
    old = Policy.of(kept)
    new = rules.changed(old, {key: _as_typed(key, value) for key, value in values.items()})
    if len(new.password_refused or ()) > _MAX_REFUSED:
        raise TooLarge("policy.too_many", f"At most {_MAX_REFUSED:,} refused passwords can be kept.")
    stored = {key: value for key, value in asdict(new).items() if value is not None}
    await connection.execute(table.update().values(values=stored))
    for details in _changes(old, new):
        await audit.append(
            context, connection, audit.INSTALLATION, Event.POLICY_CHANGED, **by.origin, details=details
        )
    return new


def _changes(old: Policy, new: Policy) -> list[dict[str, Any]]:
    """Each key that changed, ``from`` what ``to`` what. Refused passwords are told by their number."""
    before, after = asdict(old), asdict(new)
    changed = [key for key in before if before[key] != after[key]]
    return [{"key": key, "from": _told(before[key]), "to": _told(after[key])} for key in changed]


def _told(value: Any) -> Any:
    return len(value) if isinstance(value, tuple) else value


# ---------------------------------------------------------------- what a send's settings are held against


def zone_of(minutes: int) -> timezone:
    """The zone that is ``minutes`` from UTC, within the offsets that are in use on Earth."""
    return timezone(timedelta(minutes=max(-12 * 60, min(14 * 60, minutes))))


def moment_of(moment: datetime) -> datetime:
    """``moment`` in UTC. Raises :class:`InvalidValue` where that is no year of the calendar."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise InvalidValue(
            "expires.too_far", "That expiration date is no moment that can be kept; give another.", "expires"
        ) from None


def check_password(policy: Policy, password: str | None) -> None:
    """Raises :class:`InvalidValue` for a password (``None``: none) that cannot be one, or breaks the policy."""
    if password is not None:
        options.check_password(password)
    _raise(rules.check_password(policy, password, common_passwords()))


def check_kept_password(policy: Policy, present: bool) -> None:
    """Raises :class:`InvalidValue` where a password is asked for and none was kept."""
    if not present:
        _raise(rules.check_password(policy, None))


def check_expiry(policy: Policy, moment: datetime | None, now: datetime, zone: timezone) -> None:
    """Raises :class:`InvalidValue` for an expiration that is past, too far, or breaks the policy."""
    if moment is not None:
        options.check_expiry(moment, now, shown=moment.astimezone(zone).isoformat(" ", "minutes"))
    _raise(rules.check_expiry(policy, moment, now, zone))


def check_downloads(policy: Policy, permitted: int | None) -> None:
    """Raises :class:`InvalidValue` for a limit that is out of range, or breaks the policy."""
    if permitted is not None:
        options.check_downloads(permitted)
    _raise(rules.check_downloads(policy, permitted))


def _raise(breach: InvalidValue | None) -> None:
    if breach is not None:
        raise breach


# ---------------------------------------------------------------- addresses


@router.get("/policy", response_model=PolicyBody, responses=problems(401))
async def show_policy(by: By) -> PolicyBody:
    """The policy, with `null` for what is not asked for."""
    require(by, Action.READ_POLICY)
    async with by.context.database.read() as connection:
        return _body(await load(connection))


@router.patch("/policy", response_model=PolicyBody, responses=problems(401, 403, 413, 422))
async def change_policy(by: By, values: PolicyChange) -> PolicyBody:
    """Sets some keys of the policy. For administrators."""
    require(by, Action.CHANGE_POLICY)
    async with by.context.database.write() as connection:
        return _body(await change(by, connection, values))
