"""Digests of bytes that are still coming, made as they come, so that nobody reads them again when all are there."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field

#: Of so many files, beside those that are being written.
_KEPT = 512
#: Of each, so many lengths that earlier writings began with.
_EARLIER = 8


@dataclass(frozen=True, slots=True)
class Prefix:
    """The first ``length`` bytes of a file, with the digest so far."""

    length: int
    digest: hashlib._Hash = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Known:
    """``stamp`` is the file's when it was closed: another process may have written to it since."""

    stamp: str
    prefixes: tuple[Prefix, ...]


class Running:
    """What is known of files by one process."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def find(self, key: str, length: int, stamp: str) -> Prefix | None:
        """The first ``length`` bytes, if they are known of the file as it is."""
        known = self._known.get(key)
        if known is None or known.stamp != stamp:
            return None
        return next((prefix for prefix in known.prefixes if prefix.length == length), None)

    def keep(self, key: str, stamp: str, prefixes: tuple[Prefix, ...]) -> None:
        """Remembers where a writing began and where it ended, which may be agreed upon or not."""
        before = self._known.get(key)
        if before is not None and prefixes and prefixes[0] in before.prefixes:
            # What was before is as it was: a sender may go back to it.
            at = before.prefixes.index(prefixes[0])
            prefixes = (*before.prefixes[:at][-_EARLIER:], *prefixes)
        self._known[key] = _Known(stamp, prefixes)
        self._known.move_to_end(key)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)

    def forget(self, key: str) -> None:
        self._known.pop(key, None)
