"""The settings of a link as they are typed: what is understood, what is wrong, and what the policy asks for."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from typing import Any, Final

from . import options, policy
from .errors import InvalidValue

#: The fields, in their order.
NAMES: Final = ("password", "expires", "downloads")
LABELS: Final = {
    "password": "Password",
    "expires": "Expiration date",
    "downloads": "Downloads permitted",
}
#: Which field is meant where a problem names one: the server has names of its own.
FIELD_OF: Final = {name: name for name in NAMES} | {
    "expires_at": "expires",
    "downloads_permitted": "downloads",
}
#: The breaches of a field in which nothing is typed.
_MISSING = ("policy.password_required", "policy.expires_required", "policy.downloads_required")


def typed_value(name: str, text: str, rules: policy.Policy, now: datetime, common: Container[str]) -> Any:
    """The value of the field ``name`` with ``text`` in it: a password, a moment (UTC), a number; ``None`` where nothing
    is typed. ``common`` holds the common passwords. Raises :class:`InvalidValue` for what is wrong.

    Blanks are a password, and nothing elsewhere.
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


def is_missing(error: InvalidValue) -> bool:
    """Whether nothing is wrong but that nothing is typed."""
    return error.code in _MISSING


def short_reason(error: InvalidValue, typed: str, rules: policy.Policy) -> str:
    """What is wrong with what was typed, in a few words, for where there is no room for the sentence."""
    return {
        "policy.password_too_short": f"{len(typed)} of {rules.password_min_length} characters",
        "policy.password_too_plain": f"{policy.kinds(typed)} of {rules.password_classes} kinds",
        "policy.password_refused": "too common",
        "policy.expires_too_far": f"{rules.expires_max} at most",
        "policy.downloads_too_many": f"{rules.downloads_max or 0:,} at most",
        "expires.unknown": "no date; try 7d",
        "expires.past": "is past",
        "expires.too_far": f"over {options.MAX_YEARS} years away",
        "downloads.unknown": "no whole number",
        "downloads.out_of_range": "from 1 to 1,000,000",
    }.get(error.code, error.message)


def rule_texts(rules: policy.Policy, name: str) -> tuple[str, ...]:
    """What the policy asks of a field, in words: at length first, then shorter; empty where it asks for nothing."""
    if name == "password":
        return policy.password_rules(rules)
    if name == "expires":
        return (f"{rules.expires_max} at most",) if rules.expires_max else ()
    return (f"{rules.downloads_max:,} at most",) if rules.downloads_max else ()


def rule_sentence(rules: policy.Policy, name: str) -> str:
    """What is asked of a field, in full; empty where that is nothing."""
    asked = ["required"] if getattr(rules, f"{name}_required") else []
    asked += rule_texts(rules, name)[:1]
    if name == "password":
        asked.append("no common one")
    return f"{LABELS[name]}: {', '.join(asked)}." if asked else ""


def empty_texts(rules: policy.Policy, name: str) -> list[str]:
    """What is said beside a field of a new send in which nothing is typed: at length first, then shorter."""
    need = "required" if getattr(rules, f"{name}_required") else "optional"
    asked = rule_texts(rules, name)
    if asked:
        return [f"{need}; policy: {asked[0]}", *(f"{need}; {rule}" for rule in asked), *asked]
    if name == "downloads":
        return [f"{need}, 1 to 1,000,000", need]
    return [need]


def kept_texts(rules: policy.Policy, name: str) -> list[str]:
    """The same where the document was sent before, and keeps what it has."""
    asked = rule_texts(rules, name)
    return ["; ".join(["kept", *asked[:1]]), *(f"kept; {rule}" for rule in asked), "kept"]


def understood_texts(name: str, value: Any) -> list[str]:
    """What a value of a new send means: at length first, then shorter."""
    if name == "password":
        return ["the recipient is asked for it", "will be asked for"]
    if name == "expires":
        local = value.astimezone()
        return [f"until {local:%a %Y-%m-%d %H:%M %Z}", f"until {local:%Y-%m-%d %H:%M}"]
    noun = "download" if value == 1 else "downloads"
    return [f"{value:,} {noun} of each document", f"{value:,} of each document", f"{value:,} of each"]
