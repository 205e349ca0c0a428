"""What documents that are sent again have now, beside what they are to get: until when, how often, and what protects
them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .display import joined, moment_text
from .link_settings import FLAGS, LEFT_OUT, LinkSettings
from .text import printable
from .typed_settings import TYPED

#: For the settings that can be less than before: how a new value is less, and what a document without one has.
_LESS = {"expires": ("earlier", "never ends"), "downloads": ("fewer", "no limit")}

#: What a document without one had, in a sentence.
_WITHOUT = {"expires": "it never ended", "downloads": "it had no limit"}


def is_less(new: Any, old: Any) -> bool:
    """Whether a time or a limit ends before another one; ``None`` stands for none, which never ends."""
    return new is not None and (old is None or new < old)


@dataclass(frozen=True)
class Comparison:
    """A new value beside those that the documents have: ``texts`` say what these are, the longest wording first."""

    texts: tuple[str, ...]
    is_less: bool


def compared(name: str, value: Any, present: Collection[Any]) -> Comparison | None:
    """Compare a new value of the setting ``name`` with the ``present`` ones of the documents; ``None`` if it can't be
    less than they are."""
    if name not in _LESS or not present:
        return None
    less, without = _LESS[name]
    values = set(present)
    old = values.pop() if len(values) == 1 else None
    had = "they differ" if values else _value_text(old) or without
    if not any(is_less(value, each) for each in present):
        return Comparison((f"before: {had}",), False)
    whose = "some have" if values else "before"
    than = f"{less} than {whose}"
    texts = (than,) if values else (f"{than} ({had})", than)
    return Comparison((*texts, less), True)


def lessened(document: Any, settings: LinkSettings) -> list[str]:
    """The names of the settings by which links end before they would have, if a document (``wire.share.Document``) is
    sent again with these."""
    news = {name: getattr(settings, TYPED[name].attribute) for name in _LESS}
    return [
        name
        for name, new in news.items()
        if new is not LEFT_OUT and is_less(new, TYPED[name].present(document))
    ]


def lessened_text(name: str, document: Any, before: Any) -> str:
    """What is less than ``before`` for a document that was sent again: a sentence without its end."""
    new, old = (TYPED[name].present(each) for each in (document, before))
    what = "ends earlier" if name == "expires" else "allows fewer downloads"
    had = _value_text(old) or _WITHOUT[name]
    return f"The link of “{printable(document.name)}” {what}: {_value_text(new)}, before {had}"


def _value_text(value: Any) -> str:
    """A time or a limit in words; empty for none."""
    return moment_text(value) if isinstance(value, datetime) else f"{value:,}" if value else ""


def _protections() -> dict[str, str]:
    """What the settings protect links with, by the fields of :class:`LinkSettings`."""
    typed = {setting.attribute: setting.protection for setting in TYPED.values()}
    return typed | {name: flag.protection for name, flag in FLAGS.items() if flag.protection}


def _protected(document: Any) -> list[str]:
    """What a document (``wire.share.Document``) is protected with."""
    present = {setting.attribute: setting.present(document) for setting in TYPED.values()}
    present |= {name: getattr(document, name) or None for name in FLAGS}
    return [word for name, word in _protections().items() if present[name] is not None]


def removed_protection(settings: LinkSettings, documents: Iterable[Any]) -> list[str]:
    """What protects any of the documents (``wire.share.Document``), and doesn't if they are sent again with these
    settings: ``password``."""
    found = {word for document in documents for word in _protected(document)}
    removed = [word for name, word in _protections().items() if getattr(settings, name) in (None, False)]
    return [word for word in removed if word in found]


def lost_protection(before: Iterable[Any], after: Iterable[Any]) -> dict[str, int]:
    """What protected documents (``wire.share.Document``) ``before`` they were sent again, and no longer does, with the
    number of those that have lost it."""
    now = {document.id: _protected(document) for document in after}
    lost = [
        word
        for document in before
        if document.id in now
        for word in _protected(document)
        if word not in now[document.id]
    ]
    return {word: lost.count(word) for word in _protections().values() if word in lost}


def lost_by_each(lost: dict[str, int]) -> str:
    """What :func:`lost_protection` found, as a sentence; empty for nothing."""
    each = [f"{count:,} without {'an' if word[0] in 'aeiou' else 'a'} {word}" for word, count in lost.items()]
    return f"{joined(each)} now." if each else ""


def present_values(documents: Iterable[Any]) -> dict[str, list[Any]]:
    """What each of the documents (``wire.share.Document``) has of the typed settings, by their names."""
    listed = list(documents)
    return {name: [setting.present(each) for each in listed] for name, setting in TYPED.items()}
