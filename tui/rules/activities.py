"""Activities and their details in words."""

from __future__ import annotations

from collections.abc import Container
from contextlib import suppress
from datetime import datetime
from typing import Any

from .display import moment_text

#: Details that are shown only in the full view of an event.
BY_THE_WAY = ("sha256", "send", "name", "folder")

# Work's activity names that aren't proper words.
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
    """The name of an activity in lower-case words; Work's own names are in capitals."""
    return _WORDS.get(name.upper()) or name.lower().replace("_", " ")


def details_text(details: dict[str, Any], without: Container[str] = ()) -> str:
    """The details of an event in words."""
    words = []
    for key, value in details.items():
        if value is None or value == "" or key in without:
            continue
        words.append(f"{key.replace('_', ' ')}: {_value_text(key, value)}")
    return ", ".join(words)


def _value_text(key: str, value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return list_text(value)
    if key.endswith("_at") and isinstance(value, str):
        with suppress(ValueError):
            return moment_text(datetime.fromisoformat(value))
    return value


def list_text(values: list[Any]) -> str:
    """A detail that is a list, such as recipients: ``none`` if it is empty."""
    return ", ".join(map(str, values)) or "none"
