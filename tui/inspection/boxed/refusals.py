"""Why a document, or a part of it, isn't read further."""

from __future__ import annotations


class Unreadable(Exception):
    """It isn't read further; ``reason`` is a key of ``rules.carried.REASONS``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
