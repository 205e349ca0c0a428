"""Activities and their details in words."""

from __future__ import annotations

from collections.abc import Container, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from .display import moment_text, size_text
from .sent_text import reason_text

#: The event in place of a row of the audit that someone changed so that it can't be shown.
UNREADABLE = "unreadable"
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
    "RELEASE": "released",
    "VIEW": "viewed",
    "EXPORT": "exported",
    "MODIFY": "changed",
    "MAIL": "e-mailed",
    "PRINT": "printed",
    "SHARE_EXPIRATION_MODIFIED": "expiry changed",
    "DELETE": "deleted",
    "RESTORE": "restored",
}
#: The names of details as they are called elsewhere in the app.
_LABELS = {
    "has_password": "password",
    "expires_at": "expires",
    "new_address": "new link",
    "source": "sent from",
    "matter": "workspace",
    "sha256": "SHA-256",
    "first": "from byte",
    "length": "bytes",
    "percent": "received",
}


def activity_text(name: str) -> str:
    """The name of an activity in lower-case words; Work's own names are in capitals."""
    return _WORDS.get(name.upper()) or name.lower().replace("_", " ")


def details_in_words(details: Mapping[str, Any], without: Container[str] = ()) -> list[tuple[str, str]]:
    """The details of an event, each with its label."""
    return [
        (_LABELS.get(key) or key.replace("_", " "), _value_text(key, value))
        for key, value in details.items()
        if value is not None and value != "" and key not in without
    ]


def details_text(details: Mapping[str, Any], without: Container[str] = ()) -> str:
    """The details of an event in one line of words."""
    return ", ".join(f"{label}: {text}" for label, text in details_in_words(details, without))


def _value_text(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    # What someone wrote into the audit may be beyond the calendar, or any size.
    with suppress(OverflowError, ValueError):
        if isinstance(value, int):
            return size_text(value) if key == "size" else f"{value:,}{'%' if key == 'percent' else ''}"
        if isinstance(value, str) and (key.endswith("_at") or key == "since"):
            return moment_text(datetime.fromisoformat(value))
    return reason_text(value) if key == "reason" else str(value)
