"""Fields of profiles in the bodies of requests, checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ..library.actions import person_named
from ..library.problems import invalid_profile
from ..library.rights import SECURITIES, Level
from .parameters import moment

MAX_NAME = 1024
MAX_COMMENT = 32_000
_MAX_TRUSTEES = 1000


def text(body: Mapping[str, Any], field: str, most: int = MAX_NAME) -> str | None:
    """The field's text without blanks around it; ``None`` where it is missing, null or empty.

    Raises :class:`BadRequest` where it is no text, too long, or cannot be kept.
    """
    value = body.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise invalid_profile(field, f"{field} is no text.")
    value = value.strip()
    if len(value) > most:
        raise invalid_profile(field, f"{field} has {len(value):,} characters; {most:,} are the most.")
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise invalid_profile(field, f"{field} holds a character that no text has.")
    return value or None


def name(body: Mapping[str, Any], field: str = "name") -> str:
    """A name. Raises :class:`BadRequest` where there is none."""
    found = text(body, field)
    if found is None:
        raise invalid_profile(field, f"A {field} is required.")
    return found


def flag(body: Mapping[str, Any], field: str) -> bool:
    value = body.get(field)
    return value.strip().lower() in ("true", "1") if isinstance(value, str) else bool(value)


def date(body: Mapping[str, Any], field: str) -> datetime | None:
    """A moment; what cannot be read counts as missing."""
    value = body.get(field)
    return moment(value) if isinstance(value, str) else None


def said(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a body says of a document: in ``doc_profile``, or itself."""
    inner = body.get("doc_profile")
    return inner if isinstance(inner, Mapping) else body


def security(body: Mapping[str, Any], default: str) -> str:
    """``default_security``. Raises :class:`BadRequest` for a word that is none."""
    word = (text(body, "default_security") or default).lower()
    word = "inherit" if word == "inherited" else word
    if word not in SECURITIES:
        raise invalid_profile("default_security", f"default_security is one of {', '.join(SECURITIES)}.")
    return word


async def trustees(connection: AsyncConnection, body: Mapping[str, Any]) -> dict[str, Level]:
    """``user_trustees`` as levels by account id. Raises :class:`BadRequest` for somebody who is not there, and for
    groups, of which this library has none."""
    found: dict[str, Level] = {}
    if body.get("group_trustees"):
        raise invalid_profile("group_trustees", "This library has no groups; name people in user_trustees.")
    given = body.get("user_trustees")
    if not isinstance(given, list):
        return found
    if len(given) > _MAX_TRUSTEES:
        raise invalid_profile("user_trustees", f"{_MAX_TRUSTEES:,} trustees are the most.")
    for entry in given:
        entry = entry if isinstance(entry, Mapping) else {}
        who = await person_named(connection, text(entry, "id") or "")
        level = (text(entry, "access_level") or text(entry, "access") or "read").upper()
        if who is None or level not in Level.__members__:
            raise invalid_profile("user_trustees", "user_trustees names nobody, or no level of access.")
        if Level[level] > Level.NO_ACCESS:
            found[who.id] = Level[level]
    return found


async def trustees_given(connection: AsyncConnection, body: Mapping[str, Any]) -> dict[str, Level] | None:
    """As :func:`trustees`; ``None`` where the body does not speak of them."""
    found = await trustees(connection, body)
    return found if isinstance(body.get("user_trustees"), list) else None
