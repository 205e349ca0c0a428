"""The settings of a link that are typed: parsing them, and texts for values, problems and the policy's rules.

Each is declared once, as a :class:`TypedSetting`. *To* isn't among them: its field offers addresses, and has checks of
its own (``ui/send/recipients.py``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container, Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from . import dates, policy, policy_breaches, typed_dates, typed_values
from .display import counted, day_words
from .errors import InvalidValue, PolicyBreach
from .link_settings import LEFT_OUT, LinkSettings


class TypedSetting(ABC):
    """A setting that is typed: what is needed to read it, to check it, and to talk about it."""

    #: The id of its field, the name of its option, and the beginning of its policy's rules.
    name: str
    #: The field of :class:`LinkSettings` and of requests.
    attribute: str
    label: str
    #: What protects links that have it, in a sentence; links that are sent again without it have lost that.
    protection: str
    #: In its field while that is empty.
    hint: str
    #: Whether nobody else may know it: a preset says only whether one is made.
    is_secret: bool = False
    #: What may be typed, in messages.
    example: str = ""
    #: What its field offers without a policy, if there is more to say than *required* or *optional*.
    range: str = ""
    #: What is said of a new send without it, where ``none`` can be typed for that; empty if it can't.
    none: str = ""
    #: Words that say the same as ``none``.
    also_none: tuple[str, ...] = ()
    #: What to write instead of another word that people type for it, when there is no room for the full message.
    instead: str = ""
    #: Problems in a few words, by their codes, for when there is no room for the full message.
    short: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def parse(self, text: str, now: datetime) -> Any:
        """The value of a text that isn't empty. Raises :class:`InvalidValue`."""

    @abstractmethod
    def breach(
        self, rules: policy.Policy, value: Any, now: datetime, common: Container[str]
    ) -> PolicyBreach | None:
        """How the value, ``None`` for none, breaks the policy."""

    @abstractmethod
    def limits(self, rules: policy.Policy) -> tuple[str, ...]:
        """The policy's rule for it in words, the longest wording first; empty if there is none."""

    @abstractmethod
    def understood(self, value: Any) -> list[str]:
        """The hints that explain a value of a new send, the longest wording first."""

    @abstractmethod
    def text(self, value: Any) -> str | None:
        """What has to be typed for a value; ``None`` if it has to be typed again."""

    def present(self, document: Any) -> Any:
        """What a sent document (``wire.share.Document``) has of it, ``None`` for none; of a secret, whether there is
        one."""
        return getattr(document, self.attribute)

    def kept(self, value: Any) -> str:
        """What :meth:`present` returned, in words; ``none``."""
        return (self.text(value) if value is not None else "") or "none"

    def kept_shorter(self, value: Any, now: datetime) -> tuple[str, ...]:
        """The same, the longest wording first."""
        return (self.kept(value),)

    def is_empty(self, text: str) -> bool:
        """Whether nothing is typed."""
        return not text.strip()

    def is_none(self, text: str) -> bool:
        """Whether it says that there shall be none."""
        return bool(self.none) and text.strip().lower() in ("none", *self.also_none)

    def short_breach(self, error: InvalidValue, typed: str, rules: policy.Policy) -> str | None:
        """How ``typed`` breaks the policy, in a few words, if that depends on either."""
        return None

    def is_required(self, rules: policy.Policy) -> bool:
        """Whether the policy asks for a value."""
        return bool(getattr(rules, f"{self.name}_required"))

    def sentence(self, rules: policy.Policy) -> str:
        """All requirements as a sentence; empty if there are none."""
        requirements = ["required"] if self.is_required(rules) else []
        requirements += self.limits(rules)[:1]
        return f"{self.label}: {', '.join(requirements)}." if requirements else ""


class _Password(TypedSetting):
    name = attribute = "password"
    label = "Password"
    protection = "password"
    is_secret = True
    hint = ""
    short: ClassVar = {
        "policy.password_refused": "too common",
        "password.missing": "not stored; type it again",
    }

    def parse(self, text: str, now: datetime) -> str:
        typed_values.check_password(text)
        return text

    def is_empty(self, text: str) -> bool:
        # Blanks are valid in a password.
        return not text

    def breach(
        self, rules: policy.Policy, value: Any, now: datetime, common: Container[str]
    ) -> PolicyBreach | None:
        return policy_breaches.check_password(rules, value, common)

    def limits(self, rules: policy.Policy) -> tuple[str, ...]:
        return policy_breaches.password_rules(rules)

    def understood(self, value: Any) -> list[str]:
        return ["recipients must enter it", "must be entered"]

    def text(self, value: Any) -> str | None:
        return None

    def present(self, document: Any) -> Any:
        return document.has_password or None

    def kept(self, value: Any) -> str:
        return "set" if value else "none"

    def short_breach(self, error: InvalidValue, typed: str, rules: policy.Policy) -> str | None:
        return {
            "policy.password_too_short": f"{len(typed)} of {rules.password_min_length} characters",
            "policy.password_too_plain": f"{policy_breaches.kinds(typed)} of {rules.password_classes} kinds",
        }.get(error.code)

    def sentence(self, rules: policy.Policy) -> str:
        requirements = ["required"] if self.is_required(rules) else []
        requirements += self.limits(rules)[:1]
        # In words that can't be read as being about what was typed.
        return f"{self.label}: {', '.join(requirements or ['optional'])}; must not be a common one."


def blank_ends(password: str) -> list[str]:
    """The hints about blanks that a valid password begins or ends with: they are easily typed or pasted unseen, and
    recipients leave them out. None if there are none."""
    return [] if password == password.strip() else ["blanks at its ends count, too", "blanks at its ends"]


def with_strength(texts: list[str], is_strong: bool | None) -> list[str]:
    """The hints about a valid password, with its strength if it is known."""
    if is_strong is None:
        return texts
    word = "strong" if is_strong else "weak"
    return [*(f"{text} · {word}" for text in texts), word]


class _Expires(TypedSetting):
    name = "expires"
    attribute = "expires_at"
    label = "Expiration date"
    protection = "expiration date"
    hint = "7d or 31 Dec"
    example = "7d"
    none = "links don't expire"
    also_none = ("never",)
    instead = "write never"
    short: ClassVar = {
        "expires.unknown": "not a readable date",
        "expires.no_such_date": "no such date",
        "expires.no_such_time": "no such time",
        "expires.short_year": "year of four digits",
        "expires.ambiguous": "has two readings",
        "expires.unclear": "minutes or months?",
        "expires.weekday": "on another weekday",
        "expires.past": "in the past",
        "expires.too_far": f"over {dates.MAX_YEARS} years away",
    }

    def parse(self, text: str, now: datetime) -> datetime:
        return typed_dates.parse_expiry(text.strip(), now)

    def breach(
        self, rules: policy.Policy, value: Any, now: datetime, common: Container[str]
    ) -> PolicyBreach | None:
        return policy_breaches.check_expiry(rules, value, now)

    def limits(self, rules: policy.Policy) -> tuple[str, ...]:
        return (f"{dates.span_text(rules.expires_max)} at most",) if rules.expires_max else ()

    def understood(self, value: Any) -> list[str]:
        return dates.expiry_texts(value)

    def text(self, value: Any) -> str | None:
        return dates.typed_text(value) if value else ""

    def kept_shorter(self, value: Any, now: datetime) -> tuple[str, ...]:
        texts = [self.kept(value)]
        if value is not None:
            local = value.astimezone()
            year = f" {local.year}"
            texts.append(day_words(value))
            if local.year == now.astimezone().year:
                texts = [*texts[:1], *(text.replace(year, "") for text in texts)]
        return tuple(dict.fromkeys(texts))

    def short_breach(self, error: InvalidValue, typed: str, rules: policy.Policy) -> str | None:
        return self.limits(rules)[0] if error.code == "policy.expires_too_far" and rules.expires_max else None


class _Downloads(TypedSetting):
    name = "downloads"
    attribute = "downloads_permitted"
    label = "Downloads permitted"
    protection = "download limit"
    hint = none = "no limit"
    also_none = ("no limit", "unlimited")
    instead = "write unlimited"
    example = "5"
    range = "1 to 1,000,000"
    short: ClassVar = {
        "downloads.unknown": "not a whole number",
        "downloads.out_of_range": "1 to 1,000,000",
    }

    def parse(self, text: str, now: datetime) -> int:
        return typed_values.parse_downloads(text.strip())

    def breach(
        self, rules: policy.Policy, value: Any, now: datetime, common: Container[str]
    ) -> PolicyBreach | None:
        return policy_breaches.check_downloads(rules, value)

    def limits(self, rules: policy.Policy) -> tuple[str, ...]:
        return (f"{rules.downloads_max:,} at most",) if rules.downloads_max else ()

    def understood(self, value: Any) -> list[str]:
        return [
            f"{counted(value, 'download')} of each document",
            f"{value:,} of each document",
            f"{value:,} of each",
        ]

    def text(self, value: Any) -> str | None:
        return str(value or "")

    def kept(self, value: Any) -> str:
        return f"{value:,}" if value else "none"

    def short_breach(self, error: InvalidValue, typed: str, rules: policy.Policy) -> str | None:
        return f"{rules.downloads_max or 0:,} at most" if error.code == "policy.downloads_too_many" else None


#: The settings whose text is checked as it is typed, in their order.
TYPED: Final[Mapping[str, TypedSetting]] = {
    setting.name: setting for setting in (_Password(), _Expires(), _Downloads())
}
#: The setting that a problem's field name refers to: the server's names differ from ours.
FIELD_OF: Final = {name: name for name in TYPED} | {s.attribute: s.name for s in TYPED.values()}


def typed_value(name: str, text: str, rules: policy.Policy, now: datetime, common: Container[str]) -> Any:
    """The value of the setting ``name`` with ``text`` in its field; ``None`` if it is empty or says none.

    ``common`` are the common passwords. Raises :class:`InvalidValue` if the text is invalid or breaks the policy.
    """
    setting = TYPED[name]
    value = None if setting.is_empty(text) or setting.is_none(text) else setting.parse(text, now)
    breach = setting.breach(rules, value, now, common)
    if breach:
        raise breach
    return value


def typed_texts(settings: LinkSettings) -> dict[str, str]:
    """What has to be typed for these settings, by the names of the fields: no entry for the password, which has to
    be typed again, nor for a setting that is left out."""
    texts = {}
    for name, setting in TYPED.items():
        value = getattr(settings, setting.attribute)
        text = None if value is LEFT_OUT else setting.text(value)
        if text is not None:
            texts[name] = text
    return texts


def password_not_stored() -> InvalidValue:
    """What is wrong with a send that is resumed without its password."""
    return InvalidValue("password.missing", "The send's password was not stored. Give it again.", "password")


def is_missing(error: InvalidValue) -> bool:
    """Whether the only problem is that a required field is empty."""
    return error.code in [f"policy.{name}_required" for name in TYPED]


def short_reason(error: InvalidValue, name: str, typed: str, rules: policy.Policy) -> str:
    """What is wrong with the text in the field ``name`` in a few words, if there is no room for the full message."""
    setting = TYPED[name]
    if error.code == f"policy.{name}_required" and typed:
        return "required"
    if setting.instead and error.code == f"{name}.unknown" and typed_values.says_none(typed):
        return setting.instead
    return setting.short_breach(error, typed, rules) or setting.short.get(error.code, error.message)


def empty_texts(rules: policy.Policy, name: str) -> list[str]:
    """The hints next to an empty field of a new send, the longest wording first."""
    setting = TYPED[name]
    need = "required" if setting.is_required(rules) else "optional"
    limits = setting.limits(rules)
    if limits:
        return [*(f"{need}: {rule}" for rule in limits), *limits]
    return [f"{need}, {setting.range}", need] if setting.range else [need]


def kept_texts(rules: policy.Policy, name: str) -> list[str]:
    """The hints next to an empty field when a document is sent again and keeps what it has."""
    return [*TYPED[name].limits(rules), "–"]


def kept_none_texts(rules: policy.Policy, name: str) -> list[str]:
    """The hints next to an empty field when a document is sent again and would keep having none, which the policy no
    longer allows; none if it does."""
    if not TYPED[name].is_required(rules):
        return []
    return [*(f"required: {rule}" for rule in TYPED[name].limits(rules)), "required"]
