"""What happened, in words."""

from __future__ import annotations

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
