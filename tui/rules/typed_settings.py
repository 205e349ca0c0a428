"""The settings of a link as they are typed: parsing them, and texts for values, problems and the policy's rules."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from typing import Any, Final

from . import options, policy
from .display import counted
from .errors import InvalidValue
from .link_settings import LEFT_OUT, LinkSettings

#: The fields whose text is checked as it is typed, in their order. *To* is checked by ``screens/recipients.py``.
NAMES: Final = ("password", "expires", "downloads")
LABELS: Final = {
    "password": "Password",
    "expires": "Expiration date",
    "downloads": "Downloads permitted",
}
#: The field that a problem's field name refers to: the server's names differ from ours.
FIELD_OF: Final = {name: name for name in NAMES} | {
    "expires_at": "expires",
    "downloads_permitted": "downloads",
}
#: The codes of policy breaches by an empty field.
_MISSING = ("policy.password_required", "policy.expires_required", "policy.downloads_required")


def typed_value(name: str, text: str, rules: policy.Policy, now: datetime, common: Container[str]) -> Any:
    """The value of the field ``name`` with ``text`` in it: a password, a time (UTC), a number; ``None`` if it is empty.

    Blanks are valid in a password and ignored in other fields. ``common`` are the common passwords. Raises
    :class:`InvalidValue` if the text is invalid or breaks the policy.
    """
    text = text if name == "password" else text.strip()
    value: Any = None
    if name == "password":
        if text:
            options.check_password(text)
            value = text
        breach = policy.check_password(rules, value, common)
    elif name == "expires":
        value = options.parse_expiry(text, now) if text else None
        breach = policy.check_expiry(rules, value, now)
    else:
        value = options.parse_downloads(text) if text else None
        breach = policy.check_downloads(rules, value)
    if breach:
        raise breach
    return value


def typed_texts(settings: LinkSettings) -> dict[str, str]:
    """What has to be typed for these settings, by the names of the fields: no entry for the password, which has to
    be typed again, nor for a setting that is left out."""
    texts = {}
    if settings.expires_at is not LEFT_OUT:
        expires = settings.expires_at
        texts["expires"] = f"{expires.astimezone():%Y-%m-%d %H:%M}" if expires is not None else ""
    if settings.downloads_permitted is not LEFT_OUT:
        texts["downloads"] = str(settings.downloads_permitted or "")
    return texts


def password_not_stored() -> InvalidValue:
    """What is wrong with a send that is resumed without its password."""
    return InvalidValue("password.missing", "The send's password was not stored. Give it again.", "password")


def is_missing(error: InvalidValue) -> bool:
    """Whether the only problem is that a required field is empty."""
    return error.code in _MISSING


def short_reason(error: InvalidValue, typed: str, rules: policy.Policy) -> str:
    """What is wrong with the typed text in a few words, for when there is no room for the full message."""
    return {
        "policy.password_too_short": f"{len(typed)} of {rules.password_min_length} characters",
        "policy.password_too_plain": f"{policy.kinds(typed)} of {rules.password_classes} kinds",
        "policy.password_refused": "too common",
        "password.missing": "not stored; type it again",
        "policy.expires_too_far": f"{rules.expires_max} at most",
        "policy.downloads_too_many": f"{rules.downloads_max or 0:,} at most",
        "expires.unknown": "not a date; try 7d",
        "expires.past": "in the past",
        "expires.too_far": f"over {options.MAX_YEARS} years away",
        "downloads.unknown": "not a whole number",
        "downloads.out_of_range": "from 1 to 1,000,000",
    }.get(error.code, error.message)


def rule_texts(rules: policy.Policy, name: str) -> tuple[str, ...]:
    """The policy's rule for a field in words, the longest wording first; empty if there is none."""
    if name == "password":
        return policy.password_rules(rules)
    if name == "expires":
        return (f"{rules.expires_max} at most",) if rules.expires_max else ()
    return (f"{rules.downloads_max:,} at most",) if rules.downloads_max else ()


def rule_sentence(rules: policy.Policy, name: str) -> str:
    """All requirements for a field as a sentence; empty if there are none."""
    requirements = ["required"] if getattr(rules, f"{name}_required") else []
    requirements += rule_texts(rules, name)[:1]
    if name == "password":
        # In words that can't be read as being about what was typed.
        requirements = [f"{', '.join(requirements or ['optional'])}; must not be a common one"]
    return f"{LABELS[name]}: {', '.join(requirements)}." if requirements else ""


def empty_texts(rules: policy.Policy, name: str) -> list[str]:
    """The hints next to an empty field of a new send, the longest wording first."""
    need = "required" if getattr(rules, f"{name}_required") else "optional"
    limits = rule_texts(rules, name)
    if limits:
        return [
            f"{need}; policy: {limits[0]}",
            *(f"{need}; {rule}" for rule in limits),
            *limits,
        ]
    if name == "downloads":
        return [f"{need}, 1 to 1,000,000", need]
    return [need]


def kept_texts(rules: policy.Policy, name: str) -> list[str]:
    """The hints next to an empty field when a document is sent again and keeps what it has."""
    return [*(f"kept; {rule}" for rule in rule_texts(rules, name)), "kept"]


def kept_none_texts(rules: policy.Policy, name: str) -> list[str]:
    """The hints next to an empty field when a document is sent again and would keep having none, which the policy no
    longer allows; none if it does."""
    if not getattr(rules, f"{name}_required"):
        return []
    return [*(f"required; {rule}" for rule in rule_texts(rules, name)), "required"]


def understood_texts(name: str, value: Any) -> list[str]:
    """The hints that explain a value of a new send, the longest wording first."""
    if name == "password":
        return ["the recipient is asked for it", "will be asked for"]
    if name == "expires":
        local = value.astimezone()
        return [f"until {local:%a %Y-%m-%d %H:%M %Z}", f"until {local:%Y-%m-%d %H:%M}"]
    return [
        f"{counted(value, 'download')} of each document",
        f"{value:,} of each document",
        f"{value:,} of each",
    ]
