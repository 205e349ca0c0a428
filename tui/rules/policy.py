"""The administrator's policy: its rules, the values that they can have, and how a link's settings break them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

from . import dates, names, typed_values
from .errors import InvalidValue
from .folder import DEFAULT_BASE_NAME
from .preset_lines import read_lines, written_line
from .similar import did_you_mean, with_question
from .text import printable

#: The longest duration: ten years including any leap days, so that a default is never refused as too far.
LONGEST = timedelta(days=3651)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the administrator requires. ``None`` means no requirement. Durations are as typed (``7d``)."""

    password_required: bool | None = None
    password_min_length: int | None = None
    #: How many of the four kinds of characters (lower, upper, digit, other) a password needs.
    password_classes: int | None = None
    expires_required: bool | None = None
    expires_default: str | None = None
    expires_max: str | None = None
    downloads_required: bool | None = None
    downloads_default: int | None = None
    downloads_max: int | None = None
    #: Whether senders are notified of deliveries if they don't say.
    notify_default: bool | None = None
    folder_name: str | None = None
    grant_seconds: int | None = None
    #: Passwords refused in addition to the shipped list.
    password_refused: tuple[str, ...] | None = None
    #: The domains that recipients may be at, in ASCII, with all below them.
    recipients_domains: tuple[str, ...] | None = None
    #: What becomes of other recipients: ``warn`` or, also if that isn't set, ``refuse``.
    recipients_others: str | None = None
    #: The kinds of what a document can carry (``carried.py``) that are asked about; ``()``: none.
    carries_warn: tuple[str, ...] | None = None
    #: The kinds with which a document isn't published.
    carries_refuse: tuple[str, ...] | None = None
    #: What becomes of documents that can't be looked into: ``off``, ``warn`` or ``refuse``.
    carries_unreadable: str | None = None
    #: Settings of links under a name, a line each: ``client: expires=7d downloads=5``.
    presets: tuple[str, ...] | None = None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Policy:
        """Create a policy from JSON values, with lists for what has several. Unknown keys are ignored."""
        known = {key: value for key, value in values.items() if key in KEYS}
        known |= {key: tuple(known[key]) for key in BETWEEN if known.get(key) is not None}
        return cls(**known)

    @property
    def base_folder_name(self) -> str:
        """What follows the user in the name of their Secure Sent Links folder."""
        return self.folder_name or DEFAULT_BASE_NAME

    @property
    def grant_lifetime(self) -> timedelta:
        """How long a counted download may be fetched: an hour if nothing is set."""
        return timedelta(seconds=self.grant_seconds or 3600)


KEYS = tuple(f.name for f in fields(Policy))
#: The keys whose values are lists of lines.
LISTS = ("password_refused", "presets")

#: Reads the value of a rule, which is given by its name, from a text that isn't empty.
_Reader = Callable[[str, str], object]


def _yes_or_no(key: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise InvalidValue("policy.value", f"{key} must be true or false, not {printable(text)}.", key)
    return text.lower() == "true"


def _number(least: int, most: int) -> _Reader:
    def read(key: str, text: str) -> int:
        number = typed_values.parse_whole_number(text)
        if number is None or not least <= number <= most:
            raise InvalidValue(
                "policy.value", f"{key} must be a whole number from {least:,} to {most:,}.", key
            )
        return number

    return read


def _span(key: str, text: str) -> str:
    try:
        span = dates.parse_span(text)
    except InvalidValue as error:
        raise InvalidValue("policy.value", f"{key}: {error.message}", key) from None
    if not timedelta(0) < span <= LONGEST:
        raise InvalidValue(
            "policy.value",
            f"{key} must be more than zero and at most ten years ({LONGEST.days:,} days).",
            key,
        )
    return dates.short_span(text)


def _name(key: str, text: str) -> str:
    names.validate(text, kind="a folder name")
    return text


def _passwords(key: str, text: str) -> tuple[str, ...] | None:
    lines = text.replace("\r\n", "\n").split("\n")
    return tuple(dict.fromkeys(line for line in lines if line)) or None


def _one_of(*words: str) -> _Reader:
    def read(key: str, text: str) -> str:
        if text.lower() not in words:
            choice = f"{', '.join(words[:-1])} or {words[-1]}"
            raise InvalidValue("policy.value", f"{key} must be {choice}, not {printable(text)}.", key)
        return text.lower()

    return read


def _words(text: str) -> list[str]:
    return text.replace(",", " ").replace(";", " ").split()


def _domains(key: str, text: str) -> tuple[str, ...] | None:
    # Only needed for a change.
    from .mail_domains import canonical

    found = []
    for word in _words(text):
        try:
            if typed_values.says_none(word):
                # A domain of that name would leave no recipient.
                raise InvalidValue("policy.value", "", key)
            found.append(canonical(word.removeprefix("@").removeprefix("*.")))
        except InvalidValue:
            message = f"{key} takes domains like halyard.example, not {printable(word)}."
            raise InvalidValue("policy.value", message, key) from None
    return tuple(dict.fromkeys(found)) or None


def _carried(key: str, text: str) -> tuple[str, ...] | None:
    from .carried import KINDS

    words = [word.lower().replace("-", "_") for word in _words(text)]
    if words == [NONE]:
        return ()
    for word in words:
        if word not in KINDS:
            message = f"{key} has no kind {printable(word)}; the guide carries lists them."
            raise InvalidValue("policy.value", with_question(message, word, KINDS), key)
    return tuple(dict.fromkeys(words)) or None


def _presets(key: str, text: str) -> tuple[str, ...] | None:
    return tuple(written_line(name, values) for name, values in read_lines(text).items()) or None


#: Stands for an empty list, which is something else than no rule.
NONE = "none"
#: Which values each rule can have.
READERS: Mapping[str, _Reader] = {
    "password_required": _yes_or_no,
    "password_min_length": _number(1, 256),
    "password_classes": _number(1, 4),
    "expires_required": _yes_or_no,
    "expires_default": _span,
    "expires_max": _span,
    "downloads_required": _yes_or_no,
    "downloads_default": _number(1, typed_values.MAX_DOWNLOADS),
    "downloads_max": _number(1, typed_values.MAX_DOWNLOADS),
    "notify_default": _yes_or_no,
    "folder_name": _name,
    "grant_seconds": _number(60, 7 * 86400),
    "password_refused": _passwords,
    "recipients_domains": _domains,
    "recipients_others": _one_of("warn", "refuse"),
    "carries_warn": _carried,
    "carries_refuse": _carried,
    "carries_unreadable": _one_of("off", "warn", "refuse"),
    "presets": _presets,
}
_NO_RULE = "For no rule, leave the value empty."
#: What to write instead of a word like *unlimited*.
_INSTEAD = {
    **dict.fromkeys(("password_min_length", "password_classes", "expires_default", "expires_max"), _NO_RULE),
    **dict.fromkeys(("downloads_default", "downloads_max", "recipients_domains", "presets"), _NO_RULE),
    **dict.fromkeys(("carries_warn", "carries_refuse"), f"For no kind, write {NONE}."),
}
#: The rules that are either on or off.
YES_OR_NO = frozenset(key for key, read in READERS.items() if read is _yes_or_no)
#: The rules that are lists, with what stands between two values where they are typed.
BETWEEN: Mapping[str, str] = {
    "password_refused": "\n",
    "recipients_domains": ", ",
    "carries_warn": ", ",
    "carries_refuse": ", ",
    "presets": "\n",
}


def typed_text(key: str, value: Any) -> str:
    """The value of a rule as it is typed; empty if it isn't set."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        if key not in BETWEEN:
            raise InvalidValue("policy.value", f"{key} must be a single value, not a list.", key)
        return BETWEEN[key].join(value) or (NONE if READERS[key] is _carried else "")
    return str(value)


def _value(key: str, text: str) -> object:
    # Blanks belong to a password.
    text = text if key == "password_refused" else text.strip()
    with typed_values.telling_none(text, _INSTEAD.get(key, "")):
        return READERS[key](key, text) if text else None


def unknown_key(key: str) -> InvalidValue:
    """The problem that the policy has no such key."""
    meant = did_you_mean(key, KEYS)
    more = f". {meant}" if meant else f"; its keys are {', '.join(KEYS)}."
    return InvalidValue("policy.unknown_key", f"The policy has no key {printable(key)}{more}", key)


def left_open(policy: Policy, changed: Collection[str]) -> list[str]:
    """Sentences about what the policy limits, and doesn't require: what is left out altogether isn't over a limit.
    Only about what ``changed``, by the keys that were set."""
    return [
        f"Links without {what} are still allowed; {name}_required=true forbids them."
        for name, what in (("expires", "an expiration date"), ("downloads", "a limit of downloads"))
        if {f"{name}_max", f"{name}_required"} & set(changed)
        and getattr(policy, f"{name}_max")
        and not getattr(policy, f"{name}_required")
    ]


def changed(policy: Policy, values: Mapping[str, str]) -> Policy:
    """``policy`` with the keys of ``values`` set; an empty value unsets a key. Raises :class:`InvalidValue`.

    ``password_refused`` takes one password per line, ``presets`` one preset.
    """
    for key in values:
        if key not in KEYS:
            raise unknown_key(key)
    new = replace(policy, **{key: _value(key, text) for key, text in values.items()})  # type: ignore[arg-type]
    if (
        new.expires_default
        and new.expires_max
        and dates.parse_span(new.expires_default) > dates.parse_span(new.expires_max)
    ):
        raise InvalidValue("policy.value", "expires_default is longer than expires_max.", "expires_default")
    if new.downloads_default and new.downloads_max and new.downloads_default > new.downloads_max:
        raise InvalidValue(
            "policy.value", "downloads_default is more than downloads_max.", "downloads_default"
        )
    return new
