"""What happened, in words."""

from __future__ import annotations

from collections.abc import Container
from contextlib import suppress
from datetime import datetime
from typing import Any

from .display import moment_text

#: What only the whole of an event tells.
BY_THE_WAY = ("sha256", "send", "name", "folder")

# Names of Work's that are not words as they stand.
_WORDS = {
    "NEWDOCUMENT": "new document",
    "NEWDOCVER": "new version",
    "PROFILEEDIT": "profile edited",
    "SECURITYCHANGE": "security changed",
    "COPYDOC": "copied",
    "CHECKOUT": "checked out",
    "CHECKIN": "checked in",
}


def activity_text(name: str) -> str:
    """The name of an activity in words: Work shouts its own."""
    return _WORDS.get(name.upper()) or name.lower().replace("_", " ")


def details_text(details: dict[str, Any], without: Container[str] = ()) -> str:
    """What is told of an event, in words."""
    words = []
    for key, value in details.items():
        if value is None or value == "" or key in without:
            continue
        words.append(f"{key.replace('_', ' ')}: {_told(key, value)}")
    return ", ".join(words)


def _told(key: str, value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key.endswith("_at") and isinstance(value, str):
        with suppress(ValueError):
            return moment_text(datetime.fromisoformat(value))
    return value
