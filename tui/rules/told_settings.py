"""What may be told of a link's settings where its events are."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

#: What can have become of the password; never which it is.
_PASSWORD = ("set", "kept", "removed")


def told_settings(details: Mapping[str, Any]) -> dict[str, str | bool | None]:
    """Those among the details of an event: until when the link works, and whether it has a password. Any of them may
    be hostile, or of any type: then it is left out."""
    found: dict[str, str | bool | None] = {
        name: details[name] for name in ("has_password", "new_address") if isinstance(details.get(name), bool)
    }
    if details.get("password") in _PASSWORD:
        found["password"] = details["password"]
    if "expires_at" in details and _is_moment(details["expires_at"]):
        found["expires_at"] = details["expires_at"]
    return found


def _is_moment(value: object) -> bool:
    """Whether it is a moment with its zone, or none."""
    with suppress(ValueError):
        return value is None or (isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None)
    return False
