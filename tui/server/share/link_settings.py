"""The settings of links as requests ask for them, and their checks, which are those that clients make."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from ...rules.common_passwords import common_passwords
from ...rules.errors import InvalidValue
from ...rules.link_settings import LinkSettings
from ...rules.policy import Policy
from ...wire.share import OpenSend, Resend

_NAMES = ("password", "expires_at", "downloads_permitted")


def requested(body: OpenSend | Resend, kept: LinkSettings | None = None) -> LinkSettings:
    """The settings that a request asks for; what it omits is as in ``kept``, or else left out.

    Raises :class:`InvalidValue` for a time that is beyond the calendar's years.
    """
    given = {name: getattr(body, name) for name in _NAMES if name in body.model_fields_set}
    if given.get("expires_at") is not None:
        given["expires_at"] = _in_utc(given["expires_at"])
    return replace(kept or LinkSettings(), **given, zone_offset=clamped_offset(body.zone_offset))


def check(settings: LinkSettings, rules: Policy, now: datetime, *, has_password: bool = False) -> None:
    """Raise :class:`InvalidValue` or :class:`PolicyBreach` for the first setting that a link can't have.

    ``has_password``: the link has one, which it keeps if none is given. Of that, only its presence can be checked.
    """
    # Not loaded without a password: that takes memory.
    common = common_passwords() if isinstance(settings.password, str) else ()
    settings.check(rules, now, common, has_password=has_password)


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
