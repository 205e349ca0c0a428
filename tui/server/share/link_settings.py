"""The settings of links as requests ask for them, and their checks, which are those that clients make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules import allowed_recipients
from ...rules.common_passwords import common_passwords
from ...rules.errors import InvalidValue
from ...rules.link_settings import FLAGS, LEFT_OUT, LinkSettings
from ...rules.policy import Policy
from ...wire.share import OpenSend, Resend
from .. import notifications
from .caller import Caller

#: For what a flag needs: whether the caller has it, and the check that says what is missing.
_AVAILABLE = {"notifications": notifications.is_available}
_CHECKS = {"notifications": notifications.check_available}


def requested(body: OpenSend | Resend) -> LinkSettings:
    """The settings that a request asks for, but the recipients; what it omits is left out.

    ``null`` for a setting that is on or off means the same. Raises :class:`InvalidValue` for a time that is beyond the
    calendar's years.
    """
    given = body.model_dump(include=body.model_fields_set - {"recipients"})
    given = {name: value for name, value in given.items() if value is not None or name not in FLAGS}
    asked = LinkSettings.of(given, given.get("password", LEFT_OUT))
    if isinstance(asked.expires_at, datetime):
        asked = replace(asked, expires_at=_in_utc(asked.expires_at))
    return replace(asked, zone_offset=clamped_offset(body.zone_offset))


def columns(settings: LinkSettings, rules: Policy, now: datetime) -> dict[str, Any]:
    """The columns of all settings but the password and the recipients.

    An expiry or limit that is left out has the policy's default. A flag that is left out has no column here: a document
    keeps what it has, and :func:`default_flags` gives those of a new send.
    """
    return {
        "expires_at": settings.expiry(rules, now),
        "downloads_permitted": settings.downloads(rules),
        **settings.flags,
    }


async def check_flags(by: Caller, connection: AsyncConnection, settings: LinkSettings) -> None:
    """Raise :class:`InvalidValue` if something is asked for that the caller can't have."""
    for name, on in settings.flags.items():
        if on and FLAGS[name].needs:
            await _CHECKS[FLAGS[name].needs](by.context, connection, by.id, by.person.name)


async def default_flags(by: Caller, connection: AsyncConnection, rules: Policy) -> LinkSettings:
    """What is on or off by the policy, as far as the caller can have it."""
    values = {}
    for name, flag in FLAGS.items():
        on = flag.by_default(rules)
        values[name] = on and (not flag.needs or await _AVAILABLE[flag.needs](by.context, connection, by.id))
    return LinkSettings.of(values)


def check(settings: LinkSettings, rules: Policy, now: datetime, *, has_password: bool = False) -> None:
    """Raise :class:`InvalidValue` or :class:`PolicyBreach` for the first setting that a link can't have.

    ``has_password``: the link has one, which it keeps if none is given. Of that, only its presence can be checked.
    """
    # Not loaded without a password: that takes memory.
    common = common_passwords() if isinstance(settings.password, str) else ()
    settings.check(rules, now, common, has_password=has_password)


def check_recipients(recipients: Iterable[str], rules: Policy) -> None:
    """Raise :class:`PolicyBreach` for those that the policy refuses; ``recipients`` are valid addresses."""
    breach = allowed_recipients.check_recipients(rules, recipients)
    if breach is not None:
        raise breach


def clamped_offset(minutes: int) -> int:
    """``minutes`` from UTC, limited to the offsets in use on Earth."""
    return max(-12 * 60, min(14 * 60, minutes))


def zone_of(minutes: int) -> timezone:
    """The time zone ``minutes`` from UTC, limited in the same way."""
    return timezone(timedelta(minutes=clamped_offset(minutes)))


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise InvalidValue(
            "expires.too_far", "That expiration date is out of range; choose another.", "expires"
        ) from None
