"""Reading and validating the fields of profiles in request bodies."""

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


def text(body: Mapping[str, Any], field: str, max_length: int = MAX_NAME) -> str | None:
    """The field's text without surrounding whitespace; ``None`` if it is missing, null or empty.

    Raises :class:`BadRequest` if it isn't text, is too long or can't be stored.
    """
    value = body.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise invalid_profile(field, f"{field} must be text.")
    value = value.strip()
    if len(value) > max_length:
        raise invalid_profile(field, f"{field} has {len(value):,} characters; the maximum is {max_length:,}.")
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise invalid_profile(field, f"{field} contains an invalid character.")
    return value or None


def name(body: Mapping[str, Any], field: str = "name") -> str:
    """A name. Raises :class:`BadRequest` if there is none."""
    found = text(body, field)
    if found is None:
        raise invalid_profile(field, f"A {field} is required.")
    return found


def flag(body: Mapping[str, Any], field: str) -> bool:
    """A field that says yes or no; anything that isn't ``true`` or ``1`` as text is taken as Python does."""
    value = body.get(field)
    return value.strip().lower() in ("true", "1") if isinstance(value, str) else bool(value)


def date(body: Mapping[str, Any], field: str) -> datetime | None:
    """A timestamp; one that can't be read counts as missing."""
    value = body.get(field)
    return moment(value) if isinstance(value, str) else None


def document_profile(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document's profile in a body: its ``doc_profile``, or else the body itself."""
    nested = body.get("doc_profile")
    return nested if isinstance(nested, Mapping) else body


def security(body: Mapping[str, Any], default: str) -> str:
    """The value of ``default_security``. Raises :class:`BadRequest` for an unknown one."""
    word = (text(body, "default_security") or default).lower()
    word = "inherit" if word == "inherited" else word
    if word not in SECURITIES:
        raise invalid_profile("default_security", f"default_security must be one of {', '.join(SECURITIES)}.")
    return word


async def trustees(connection: AsyncConnection, body: Mapping[str, Any]) -> dict[str, Level]:
    """``user_trustees`` as levels by account id. Raises :class:`BadRequest` for an unknown person or level, and for
    groups, of which this library has none."""
    found: dict[str, Level] = {}
    if body.get("group_trustees"):
        raise invalid_profile("group_trustees", "This library has no groups; name people in user_trustees.")
    entries = body.get("user_trustees")
    if not isinstance(entries, list):
        return found
    if len(entries) > _MAX_TRUSTEES:
        raise invalid_profile("user_trustees", f"At most {_MAX_TRUSTEES:,} trustees are allowed.")
    for entry in entries:
        entry = entry if isinstance(entry, Mapping) else {}
        who = await person_named(connection, text(entry, "id") or "")
        level = (text(entry, "access_level") or text(entry, "access") or "read").upper()
        if who is None or level not in Level.__members__:
            raise invalid_profile("user_trustees", "user_trustees has an unknown person or access level.")
        if Level[level] > Level.NO_ACCESS:
            found[who.id] = Level[level]
    return found


async def trustees_given(connection: AsyncConnection, body: Mapping[str, Any]) -> dict[str, Level] | None:
    """As :func:`trustees`; ``None`` if the body doesn't mention them."""
    found = await trustees(connection, body)
    return found if isinstance(body.get("user_trustees"), list) else None
