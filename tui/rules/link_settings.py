"""The settings of a link: the values of a request and their checks."""

from __future__ import annotations

from collections.abc import Container
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import Any, Final

from . import options, policy
from .addresses import check_addresses
from .policy import Policy


class LeftOut(Enum):
    """Stands for a value that isn't set: a new send uses the policy's default, a sent document keeps what it has."""

    LEFT_OUT = "left out"


LEFT_OUT: Final = LeftOut.LEFT_OUT


def zone_offset(at: datetime | None = None) -> int:
    """This machine's offset from UTC in minutes, at the time ``at`` (daylight saving may differ) or now."""
    offset = (at or datetime.now(UTC)).astimezone().utcoffset() or timedelta(0)
    return round(offset.total_seconds() / 60)


def _shown(moment: datetime, zone: timezone) -> str:
    """``moment`` in ``zone``, or as it is if that is beyond the calendar there."""
    with suppress(OverflowError):
        moment = moment.astimezone(zone)
    return moment.isoformat(" ", "minutes")


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """The requested settings. ``None`` means *none* and overrides a default of the policy.

    ``expires_at`` is timezone-aware; ``zone_offset`` is the sender's offset from UTC in minutes, if it isn't this
    machine's.
    """

    password: str | LeftOut | None = field(default=LEFT_OUT, repr=False)
    expires_at: datetime | LeftOut | None = LEFT_OUT
    downloads_permitted: int | LeftOut | None = LEFT_OUT
    #: Whether the sender gets an e-mail when a document was delivered.
    notify: bool | LeftOut = LEFT_OUT
    #: Whom the links are for, as the sender's note; the links open for anyone who has them.
    recipients: tuple[str, ...] | LeftOut = LEFT_OUT
    zone_offset: int | None = None

    @property
    def _offset(self) -> int:
        """The offset at the time of expiry: it decides whether that is still within the last permitted day."""
        if self.zone_offset is not None:
            return self.zone_offset
        return zone_offset(self.expires_at if isinstance(self.expires_at, datetime) else None)

    def check_values(self) -> None:
        """Raise :class:`InvalidValue` for the first field that is invalid regardless of the policy and the time."""
        if isinstance(self.password, str):
            options.check_password(self.password)
        if isinstance(self.downloads_permitted, int):
            options.check_downloads(self.downloads_permitted)
        if self.recipients is not LEFT_OUT:
            check_addresses(self.recipients)

    def check(
        self, rules: Policy, now: datetime, common: Container[str], *, has_password: bool = False
    ) -> None:
        """Raise :class:`InvalidValue` or :class:`PolicyBreach` for the first field that a link can't have.

        ``now`` is the server's time, ``common`` the common passwords. ``has_password``: the link has one, which it
        keeps if that is left out. The client checks before it sends anything, the server with each request: the rules
        that are here hold for both.
        """
        self.check_values()
        zone = timezone(timedelta(minutes=self._offset))
        if isinstance(self.expires_at, datetime):
            options.check_expiry(self.expires_at, now, shown=_shown(self.expires_at, zone))
        password = self.password if isinstance(self.password, str) else None
        keeps_password = has_password and self.password is LEFT_OUT
        for breach in (
            None if keeps_password else policy.check_password(rules, password, common),
            policy.check_expiry(rules, self.expiry(rules, now), now, zone),
            policy.check_downloads(rules, self.downloads(rules)),
        ):
            if breach is not None:
                raise breach

    def expiry(self, rules: Policy, now: datetime) -> datetime | None:
        """When the link expires; the policy's default if that is left out."""
        if self.expires_at is not LEFT_OUT:
            return self.expires_at
        return now + options.parse_span(rules.expires_default) if rules.expires_default else None

    def downloads(self, rules: Policy) -> int | None:
        """The download limit; the policy's default if it is left out."""
        return rules.downloads_default if self.downloads_permitted is LEFT_OUT else self.downloads_permitted

    def fields(self) -> dict[str, Any]:
        """The fields of the request, without those that are left out."""
        values = {
            "password": self.password,
            "expires_at": self.expires_at,
            "downloads_permitted": self.downloads_permitted,
            "notify": self.notify,
            "recipients": self.recipients if self.recipients is LEFT_OUT else list(self.recipients),
        }
        fields = {name: value for name, value in values.items() if value is not LEFT_OUT}
        return {**fields, "zone_offset": self._offset}
