"""The settings of a link: the values of a request and their checks.

A setting is declared once, as a field of :class:`LinkSettings`. What is typed for a text, and the texts about it, are
in ``typed_settings.py``; a setting that is on or off is a :class:`Flag`, and has its texts in its declaration. Dialogs,
commands, requests, journal and database go through these; the messages have their fields in ``wire/link_fields.py``.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import Any, Final

from . import dates, policy_breaches, typed_values
from .addresses import check_addresses
from .allowed_recipients import check_recipients
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
    try:
        return dates.clear_moment(moment, zone)
    except OverflowError:
        return moment.isoformat(" ", "minutes")


@dataclass(frozen=True, slots=True)
class Flag:
    """What there is to know about a setting that is on or off, besides its name."""

    #: In dialogs and details.
    label: str
    #: The text of its checkbox, and what stands next to it, the longest wording first.
    choice: str
    notes: tuple[str, ...]
    #: In a document's details, where it is on.
    shown: str
    #: The help of its option.
    help: str
    #: What protects links for which it is on, in a sentence; empty if it protects none.
    protection: str
    #: The rule of the policy that has its default; empty: it is off.
    default: str = ""
    #: The field of ``wire.share.Me`` that says whether the user can have it; empty if everyone can.
    needs: str = ""

    def by_default(self, rules: Policy) -> bool:
        """Whether it is on if that is left out."""
        return bool(self.default and getattr(rules, self.default))


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """The requested settings. ``None`` means *none* and overrides a default of the policy.

    ``expires_at`` is timezone-aware; ``zone_offset`` is the sender's offset from UTC in minutes, if it isn't this
    machine's.
    """

    password: str | LeftOut | None = field(default=LEFT_OUT, repr=False)
    expires_at: datetime | LeftOut | None = LEFT_OUT
    downloads_permitted: int | LeftOut | None = LEFT_OUT
    notify: bool | LeftOut = field(
        default=LEFT_OUT,
        metadata={
            "flag": Flag(
                label="Notify me",
                choice="by e-mail",
                notes=("when a document was delivered", "on delivery"),
                shown="yes, by e-mail",
                help="E-mail me when a recipient has received a document.",
                protection="",
                default="notify_default",
                needs="notifications",
            )
        },
    )
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
            typed_values.check_password(self.password)
        if isinstance(self.downloads_permitted, int):
            typed_values.check_downloads(self.downloads_permitted)
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
            dates.check_expiry(self.expires_at, now, typed=_shown(self.expires_at, zone))
        password = self.password if isinstance(self.password, str) else None
        keeps_password = has_password and self.password is LEFT_OUT
        for breach in (
            None if keeps_password else policy_breaches.check_password(rules, password, common),
            policy_breaches.check_expiry(rules, self.expiry(rules, now), now, zone),
            policy_breaches.check_downloads(rules, self.downloads(rules)),
            None if self.recipients is LEFT_OUT else check_recipients(rules, self.recipients),
        ):
            if breach is not None:
                raise breach

    def expiry(self, rules: Policy, now: datetime) -> datetime | None:
        """When the link expires; the policy's default if that is left out."""
        if self.expires_at is not LEFT_OUT:
            return self.expires_at
        return now + dates.parse_span(rules.expires_default) if rules.expires_default else None

    def downloads(self, rules: Policy) -> int | None:
        """The download limit; the policy's default if it is left out."""
        return rules.downloads_default if self.downloads_permitted is LEFT_OUT else self.downloads_permitted

    @classmethod
    def of(cls, values: Mapping[str, Any], password: str | LeftOut | None = LEFT_OUT) -> LinkSettings:
        """The opposite of :meth:`fields`, from the fields of a request or an opened send, which never has the password.

        Fields that ``values`` doesn't have are left out, and so are recipients if there are none.
        """
        known = {name: values[name] for name in _SENT if name in values}
        if "recipients" in known:
            known["recipients"] = tuple(known["recipients"]) or LEFT_OUT
        return cls(password=password, **known)

    def fields(self) -> dict[str, Any]:
        """The fields of the request, without those that are left out."""
        values = {name: getattr(self, name) for name in ("password", *_SENT)}
        requested = {name: value for name, value in values.items() if value is not LEFT_OUT}
        if "recipients" in requested:
            requested["recipients"] = list(requested["recipients"])
        return {**requested, "zone_offset": self._offset}

    def over(self, kept: LinkSettings) -> LinkSettings:
        """These settings, with those of ``kept`` for what is left out."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        return replace(kept, **{name: value for name, value in own.items() if value is not LEFT_OUT})

    @property
    def flags(self) -> dict[str, bool]:
        """The settings that are on or off, without those that are left out."""
        values = {name: getattr(self, name) for name in FLAGS}
        return {name: value for name, value in values.items() if value is not LEFT_OUT}


#: The settings that are on or off, by their names: those of fields, columns and (with hyphens) options.
FLAGS: Final[Mapping[str, Flag]] = {
    each.name: each.metadata["flag"] for each in fields(LinkSettings) if "flag" in each.metadata
}
#: The fields of a request besides the password.
_SENT: Final = tuple(each.name for each in fields(LinkSettings) if each.name != "password")
