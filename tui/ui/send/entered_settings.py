"""What the fields for a link's settings hold at one moment: which settings that means, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...rules.addresses import check_finished, parse_addresses
from ...rules.allowed_recipients import check_recipients
from ...rules.common_passwords import common_passwords, known_by_now
from ...rules.errors import InvalidValue
from ...rules.link_settings import LEFT_OUT, LinkSettings
from ...rules.policy import Policy
from ...rules.typed_settings import TYPED, is_missing, password_not_stored, typed_value
from .preset_history import Held


@dataclass(frozen=True, slots=True)
class EnteredSettings:
    """``texts`` are what is typed, by the names of the typed settings; ``removed`` names those that are to be removed.
    ``flags`` are the settings that are on or off, ``recipients`` the text of that field.

    ``again``: they are for documents that were sent before, and an empty field keeps what these have.
    ``had_password``: an empty password isn't none, because that of a resumed send has to be typed again.
    """

    policy: Policy
    texts: Mapping[str, str]
    removed: frozenset[str]
    flags: Mapping[str, bool]
    recipients: str
    again: bool
    had_password: bool

    def is_empty(self, name: str) -> bool:
        """Whether nothing is typed for that setting."""
        return TYPED[name].is_empty(self.texts[name])

    def value(self, name: str, now: datetime) -> Any:
        """The value of a typed setting: ``None`` for none, ``LEFT_OUT`` for the current one. Raises
        :class:`InvalidValue`."""
        if name in self.removed:
            return None
        if self.again and self.is_empty(name):
            return LEFT_OUT
        if name == "password" and self.had_password and self.is_empty(name):
            raise password_not_stored()
        return typed_value(name, self.texts[name], self.policy, now, known_by_now())

    @property
    def recipient_count(self) -> int:
        """How many recipients are named; 0 as long as what is typed isn't a list of addresses."""
        try:
            return len(parse_addresses(self.recipients))
        except InvalidValue:
            return 0

    def is_missing(self, name: str, error: InvalidValue) -> bool:
        """Whether nothing is wrong but that nothing is typed."""
        return self.is_empty(name) and is_missing(error)

    def settings(self, now: datetime, unchanged: Mapping[str, bool]) -> LinkSettings:
        """All settings; those that are on or off as in ``unchanged`` are left to the server.

        Raises :class:`InvalidValue` (its ``field`` is the first one that is wrong).
        """
        if not self.is_empty("password"):
            # The password is checked against them, even if they haven't been loaded yet.
            common_passwords()
        typed = {setting.attribute: self.value(name, now) for name, setting in TYPED.items()}
        flags = dict(self.flags.items() - unchanged.items())
        recipients = parse_addresses(self.recipients)
        breach = check_recipients(self.policy, recipients)
        if breach is not None:
            raise breach
        return LinkSettings.of({**typed, **flags, "recipients": recipients}, typed["password"])

    def error(self, now: datetime, focused: str) -> str | None:
        """What is wrong with what is typed: first in the field with the focus. What is only missing is said next to its
        field, and while the last address is typed, it is none yet."""
        for name in sorted(TYPED, key=lambda name: name != focused):
            try:
                self.value(name, now)
            except InvalidValue as error:
                if not self.is_missing(name, error):
                    return error.message
        try:
            if focused == "to":
                check_finished(self.recipients)
            else:
                parse_addresses(self.recipients)
        except InvalidValue as error:
            return error.message
        return None

    def differs_from(self, texts: Mapping[str, str], flags: Mapping[str, bool]) -> bool:
        """Whether something is set otherwise than in ``texts`` (the recipients' has the name ``to``) and ``flags``."""
        typed = {**self.texts, "to": self.recipients.strip()}
        return bool(self.removed) or self.flags != flags or any(typed[key] != texts[key] for key in typed)

    def held(self) -> dict[str, Held]:
        """What each setting holds, by the names that presets have for them."""
        return {
            **{name: (self.texts[name], name in self.removed) for name in TYPED},
            **{name: ("", checked) for name, checked in self.flags.items()},
            **({} if self.again else {"to": (self.recipients, False)}),
        }

    def check_typed(self, now: datetime) -> None:
        """Raise :class:`InvalidValue` for the first of the typed settings that is wrong."""
        for name in TYPED:
            self.value(name, now)

    def for_preset(self) -> dict[str, str]:
        """What is set, as a preset has it, without the recipients; of a password, only that there is one."""
        from ...rules.presets import MAKE, NONE, OFF, ON

        found = {name: ON if checked else OFF for name, checked in self.flags.items()}
        for name, setting in TYPED.items():
            is_none = self.is_empty(name) or setting.is_none(self.texts[name])
            found[name] = NONE if is_none else MAKE if setting.is_secret else self.texts[name].strip()
        return found
