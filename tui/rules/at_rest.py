"""What is said of how documents lie on the server's disk."""

from __future__ import annotations

from enum import StrEnum


class AtRest(StrEnum):
    """How they lie."""

    PLAIN = "plain"
    #: New ones are encrypted, and one after another of those that lie plain from before.
    SEALING = "sealing"
    SEALED = "sealed"


_NOT_ALL = "Names, people and the audit aren't encrypted."
_WHOM = (
    "Whoever has only their files, or a copy of them, learns their number and lengths; whoever has the server's whole "
    "data folder, or a backup with its key, can read all of them, unless the key comes from SENTLINKS_KEY. "
)
#: Said wherever one looks at a server.
WORDS = {
    AtRest.PLAIN: "Documents aren't encrypted where they lie: whoever has the server's disk, or a backup of it, can "
    "read all of them, and names, people and the audit.",
    AtRest.SEALING: "Documents are being encrypted where they lie; until that is done, whoever has the server's disk "
    f"can read those that are left. {_WHOM}{_NOT_ALL}",
    AtRest.SEALED: f"Documents are encrypted where they lie. {_WHOM}{_NOT_ALL}",
}


def at_rest_of(word: str) -> AtRest:
    """How documents lie, by the word of a server; earlier ones say none, and don't encrypt."""
    return AtRest(word) if word in set(AtRest) else AtRest.PLAIN
