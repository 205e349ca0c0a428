"""What is said next to the field of a setting: what was understood, what is wrong, or what holds if it stays empty."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from ...rules.errors import InvalidValue
from ...rules.given_before import compared
from ...rules.link_settings import LEFT_OUT
from ...rules.typed_settings import (
    TYPED,
    blank_ends,
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
    "Tell it by phone.",
)

#: Texts, each shorter than the one before it, and their tone.
Note = tuple[Sequence[str], str]


def note_of(
    entered: EnteredSettings, name: str, now: datetime, present: Collection[Any], *, is_strong: bool | None
) -> Note:
    """The note of a typed setting. ``present``: what each document has of it that is sent again, ``None`` for none;
    ``is_strong``: whether the password is hard to guess, if that is known."""
    try:
        value = entered.value(name, now)
    except InvalidValue as error:
        if entered.is_missing(name, error):
            return empty_texts(entered.policy, name), "warn"
        texts = [error.message, short_reason(error, name, entered.texts[name], entered.policy)]
        return texts, "warn" if entered.is_empty(name) else "bad"
    if value is LEFT_OUT:
        required = kept_none_texts(entered.policy, name) if None in present else []
        return (required, "warn") if required else (kept_texts(entered.policy, name), "dim")
    if value is None:
        return _note_of_none(entered, name)
    return _note_of_value(entered, name, value, now, present, is_strong)


def _note_of_none(entered: EnteredSettings, name: str) -> Note:
    if entered.again:
        return ["will be removed", "removed"], ""
    if entered.is_empty(name):
        return empty_texts(entered.policy, name), "dim"
    return [TYPED[name].none], ""


def _note_of_value(
    entered: EnteredSettings,
    name: str,
    value: Any,
    now: datetime,
    present: Collection[Any],
    is_strong: bool | None,
) -> Note:
    texts, tone = TYPED[name].understood(value), ""
    comparison = compared(name, value, present)
    if comparison is not None and comparison.is_less:
        return [*(f"{text}; {comparison.texts[0]}" for text in texts[:2]), *comparison.texts], "warn"
    if entered.again:
        than = [f"; {comparison.texts[0]}"] if comparison is not None else []
        texts = texts if name == "expires" else ["changed"]
        texts = [*(texts[0] + text for text in than), *texts]
    if name == "downloads" and (shared := shared_limit(entered, now)):
        # If there are fewer, somebody gets nothing.
        return shared, "warn" if value < entered.recipient_count else ""
    if name == "password":
        if blanks := blank_ends(value):
            return with_strength(blanks, is_strong), "warn"
        return with_strength(texts, is_strong), "" if entered.again else "good"
    return texts, tone


def shared_limit(entered: EnteredSettings, now: datetime) -> list[str]:
    """The hints about a download limit that several recipients share, the longest wording first; none if there is no
    limit, or no more than one recipient."""
    count = entered.recipient_count
    try:
        limit = entered.value("downloads", now)
    except InvalidValue:
        return []
    if count < 2 or not isinstance(limit, int):
        return []
    whose = "both" if count == 2 else f"all {count:,}"
    return [
        f"{limit:,} of each document, shared by {whose} recipients: one of them can use up all.",
        f"{limit:,} of each, shared by {whose} recipients",
        f"{limit:,} of each, shared by {whose}",
        f"{limit:,} shared",
    ]


def changes_in_full(
    entered: EnteredSettings, now: datetime, present: Mapping[str, Collection[Any]]
) -> tuple[str, str]:
    """What was understood of the expiration date, and what of the settings will be less than it is now, with their
    labels; empty if there is nothing to say. Returns the text and its tone."""
    sentences, tone = [], "dim"
    for name, setting in TYPED.items():
        try:
            value = entered.value(name, now)
        except InvalidValue:
            continue
        if value is None or value is LEFT_OUT or setting.is_secret:
            continue
        comparison = compared(name, value, present.get(name, ()))
        is_less = comparison is not None and comparison.is_less
        if is_less:
            tone = "warn"
        if is_less or name == "expires":
            than = f"; {comparison.texts[0]}" if comparison is not None else ""
            text = setting.understood(value)[0] if name == "expires" else setting.kept(value)
            sentences.append(f"{setting.label}: {text}{than}.")
    return " ".join(sentences), tone
