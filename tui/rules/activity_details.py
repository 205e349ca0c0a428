"""The details of an activity in words, for its full view."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from .display import moment_text, size_text
from .sent_text import reason_text

#: Rules of the policy, as an administrator knows them.
RULES = {
    "password_required": "a password is required",
    "password_min_length": "shortest password",
    "password_classes": "kinds of characters in passwords",
    "expires_required": "an expiration date is required",
    "expires_default": "usual expiry",
    "expires_max": "longest expiry",
    "downloads_required": "a download limit is required",
    "downloads_default": "usual download limit",
    "downloads_max": "highest download limit",
    "notify_default": "senders are notified",
    "folder_name": "name of folders",
    "grant_seconds": "seconds for a download",
    "password_refused": "passwords refused besides the common ones",
    "recipients_domains": "domains of recipients",
    "recipients_others": "recipients at other domains",
    "carries_warn": "what documents carry that is warned of",
    "carries_refuse": "what documents carry that is refused",
    "carries_unreadable": "documents that can't be looked into",
    "presets": "presets",
}
#: The names of details as they are called elsewhere in the app.
_LABELS = {
    "unlisted": "not in the firm's list",
    "looked": "looked into",
    "overruled": "sent although it carries",
    "has_password": "password",
    "expires_at": "expires",
    "begun_at": "begun",
    "new_address": "new link",
    "source": "sent from",
    "source_name": "document in Work",
    "matter": "workspace",
    "sha256": "SHA-256",
    "first": "from byte",
    "length": "bytes",
    "percent": "received",
    "key": "rule",
    "why": "because",
    "send": "ID of the send",
    "place": "place in the send",
    "admin": "administrator",
    "guarded": "objects covered",
    "seal": "from seal",
    "before": "newest seal before",
    "row": "row of the audit",
}


def details_in_words(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The details of an event, each with its label."""
    return [
        (_LABELS.get(key) or key.replace("_", " "), value_text(key, value))
        for key, value in details.items()
        if value is not None and value != ""
    ]


def details_text(details: Mapping[str, Any]) -> str:
    """The details of an event in one line of words."""
    return ", ".join(f"{label}: {text}" for label, text in details_in_words(details))


def value_text(key: str, value: Any) -> str:
    """The value of the detail ``key``, whatever its type."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key in ("carries", "overruled") and isinstance(value, dict | list):
        # Few events have any.
        from .carried_policy import counted_kind, in_order

        counts = value if isinstance(value, dict) else {}
        return ", ".join(counted_kind(kind, counts.get(kind)) for kind in in_order(value)) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    # What someone wrote into the audit may be beyond the calendar, or any size.
    with suppress(OverflowError, ValueError):
        if isinstance(value, int):
            return size_text(value) if key == "size" else f"{value:,}{'%' if key == 'percent' else ''}"
        if isinstance(value, str) and (key.endswith("_at") or key == "since"):
            return moment_text(datetime.fromisoformat(value))
    if key == "key":
        return RULES.get(str(value), str(value))
    return reason_text(value) if key == "reason" else str(value)
