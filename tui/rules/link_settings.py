"""The settings of a link, from the fields that they are typed into to the request that sets them."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import Any, Final

from . import options, policy
from .policy import Policy


class LeftOut(Enum):
    """In place of a value: nothing is asked for. A new send takes the policy's default, what was sent before keeps what
    it has."""

    LEFT_OUT = "left out"


LEFT_OUT: Final = LeftOut.LEFT_OUT


def zone_offset(at: datetime | None = None) -> int:
    """This machine's offset from UTC, in minutes: at the moment ``at``, which may be in summer, or now."""
    offset = (at or datetime.now(UTC)).astimezone().utcoffset() or timedelta(0)
    return round(offset.total_seconds() / 60)


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """What is asked for. ``None`` says *none*, also against a default of the policy.

    ``expires_at`` is aware; ``zone_offset`` is the sender's offset from UTC in minutes, where it is not this machine's.
    """

    password: str | LeftOut | None = field(default=LEFT_OUT, repr=False)
    expires_at: datetime | LeftOut | None = LEFT_OUT
    downloads_permitted: int | LeftOut | None = LEFT_OUT
    zone_offset: int | None = None

    @property
    def _offset(self) -> int:
        """The offset at the moment of expiry: what decides whether that is still the last permitted day."""
        if self.zone_offset is not None:
            return self.zone_offset
        return zone_offset(self.expires_at if isinstance(self.expires_at, datetime) else None)

    def check_values(self) -> None:
        """Raises :class:`InvalidValue` for the first field that is wrong whatever the policy and the time."""
        if isinstance(self.password, str):
            options.check_password(self.password)
        if isinstance(self.downloads_permitted, int):
            options.check_downloads(self.downloads_permitted)

    def check_send(self, rules: Policy, now: datetime, common: Container[str]) -> None:
        """Raises :class:`InvalidValue` or :class:`PolicyBreach` for the first field that a new send cannot have.

        ``now`` is the server's time, ``common`` the common passwords. The server checks the same again.
        """
        self.check_values()
        if isinstance(self.expires_at, datetime):
            options.check_expiry(self.expires_at, now)
        zone = timezone(timedelta(minutes=self._offset))
        password = self.password if isinstance(self.password, str) else None
        for breach in (
            policy.check_password(rules, password, common),
            policy.check_expiry(rules, self._expiry(rules, now), now, zone),
            policy.check_downloads(rules, self._downloads(rules)),
        ):
            if breach is not None:
                raise breach

    def _expiry(self, rules: Policy, now: datetime) -> datetime | None:
        if self.expires_at is not LEFT_OUT:
            return self.expires_at
        return now + options.parse_span(rules.expires_default) if rules.expires_default else None

    def _downloads(self, rules: Policy) -> int | None:
        return rules.downloads_default if self.downloads_permitted is LEFT_OUT else self.downloads_permitted

    def fields(self) -> dict[str, Any]:
        """The fields of the request: what is left out is not among them."""
        values = {
            "password": self.password,
            "expires_at": self.expires_at,
            "downloads_permitted": self.downloads_permitted,
        }
        asked = {name: value for name, value in values.items() if value is not LEFT_OUT}
        return {**asked, "zone_offset": self._offset}
