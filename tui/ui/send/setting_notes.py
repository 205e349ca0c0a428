"""What is said next to the field of a setting: what was understood, what is wrong, or what holds if it stays empty."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from ...rules.errors import InvalidValue
from ...rules.link_settings import LEFT_OUT
from ...rules.typed_settings import (
    TYPED,
    empty_texts,
    kept_none_texts,
    kept_texts,
    short_reason,
    with_strength,
)
from .entered_settings import EnteredSettings

PASSWORD_NOTES = (
    "Tell the password by phone or text: it isn't in the e-mail and can't be recovered.",
    "Tell the password by phone or text: it isn't in the e-mail.",
    "Tell the password by phone.",
)

#: Texts, each shorter than the one before it, and their tone.
Note = tuple[Sequence[str], str]


def note_of(
    entered: EnteredSettings, name: str, now: datetime, keeps_none: Collection[str], *, is_strong: bool | None
) -> Note:
    """The note of a typed setting. Of those in ``keeps_none``, some document has none while the field is empty;
    ``is_strong``: whether the password is hard to guess, if that is known."""
    try:
        value = entered.value(name, now)
    except InvalidValue as error:
        if entered.is_missing(name, error):
            return empty_texts(entered.policy, name), "warn"
        texts = [error.message, short_reason(error, name, entered.texts[name], entered.policy)]
        return texts, "warn" if entered.is_empty(name) else "bad"
    if value is LEFT_OUT:
        required = kept_none_texts(entered.policy, name) if name in keeps_none else []
        return (required, "warn") if required else (kept_texts(entered.policy, name), "dim")
    if value is None:
        return _note_of_none(entered, name)
    return _note_of_value(entered, name, value, is_strong)


def _note_of_none(entered: EnteredSettings, name: str) -> Note:
    if entered.again:
        return ["will be removed", "removed"], ""
    if entered.is_empty(name):
        return empty_texts(entered.policy, name), "dim"
    return [TYPED[name].none], ""


def _note_of_value(entered: EnteredSettings, name: str, value: Any, is_strong: bool | None) -> Note:
    texts, tone = TYPED[name].understood(value), ""
    if entered.again:
        texts = texts if name == "expires" else ["changed"]
    if name == "password":
        return with_strength(texts, is_strong), "" if entered.again else "good"
    return texts, tone
