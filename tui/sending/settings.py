"""The fields of a send as its sender set them, and their check against the policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import Enum

from ..rules import options, policy
from ..rules.common_passwords import common_passwords
from ..rules.policy import Policy
from ..wire.share import OpenSend, PolicyBody


class Default(Enum):
    """In place of a value: whatever the policy has as its default at the moment the send is opened."""

    POLICY = "the policy's default"


def zone_offset(at: datetime | None = None) -> int:
    """This machine's offset from UTC, in minutes: at the moment ``at``, which may be in summer, or now."""
    offset = (at or datetime.now()).astimezone().utcoffset() or timedelta(0)
    return round(offset.total_seconds() / 60)


@dataclass(frozen=True, slots=True)
class SendSettings:
    """What holds for all documents of a send. ``None`` says *none*, also against a default of the policy.

    ``expires_at`` is aware; ``zone_offset`` is the sender's offset from UTC in minutes, where it is not this machine's.
    """

    password: str | None = field(default=None, repr=False)
    expires_at: datetime | Default | None = Default.POLICY
    downloads_permitted: int | Default | None = Default.POLICY
    zone_offset: int | None = None

    @property
    def _offset(self) -> int:
        """The offset at the moment of expiry: what decides whether that is still the last permitted day."""
        if self.zone_offset is not None:
            return self.zone_offset
        return zone_offset(self.expires_at if isinstance(self.expires_at, datetime) else None)

    def check(self, rules: Policy, now: datetime) -> None:
        """Raises :class:`InvalidValue` or :class:`PolicyBreach` for the first field that is wrong.

        ``now`` is the server's time. The server checks the same again.
        """
        if self.password is not None:
            options.check_password(self.password)
        if isinstance(self.expires_at, datetime):
            options.check_expiry(self.expires_at, now)
        if isinstance(self.downloads_permitted, int):
            options.check_downloads(self.downloads_permitted)
        zone = timezone(timedelta(minutes=self._offset))
        for breach in (
            policy.check_password(rules, self.password, common_passwords() if self.password else ()),
            policy.check_expiry(rules, self._expiry(rules, now), now, zone),
            policy.check_downloads(rules, self._downloads(rules)),
        ):
            if breach is not None:
                raise breach

    def _expiry(self, rules: Policy, now: datetime) -> datetime | None:
        if not isinstance(self.expires_at, Default):
            return self.expires_at
        return now + options.parse_span(rules.expires_default) if rules.expires_default else None

    def _downloads(self, rules: Policy) -> int | None:
        if not isinstance(self.downloads_permitted, Default):
            return self.downloads_permitted
        return rules.downloads_default

    def request(self, folder: str) -> OpenSend:
        """The request that opens the send: a field that takes the policy's default is left out."""
        fields: dict[str, object] = {"folder": folder, "zone_offset": self._offset}
        if self.password is not None:
            fields["password"] = self.password
        if not isinstance(self.expires_at, Default):
            fields["expires_at"] = self.expires_at
        if not isinstance(self.downloads_permitted, Default):
            fields["downloads_permitted"] = self.downloads_permitted
        return OpenSend.model_validate(fields)


def policy_of(body: PolicyBody) -> Policy:
    """The policy as the server tells it, as the rules know it."""
    values = body.model_dump()
    if values["password_refused"] is not None:
        values["password_refused"] = tuple(values["password_refused"])
    return Policy(**values)
