"""Digests of unfinished uploads, updated as bytes arrive, so that complete uploads needn't be read again."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field

#: Number of files for which digests are kept, apart from those being written.
_KEPT = 512
#: For each of them, the number of earlier lengths, at which writing began.
_EARLIER = 8


@dataclass(frozen=True, slots=True)
class Prefix:
    """The first ``length`` bytes of a file, with their digest. ``since`` is when the first of them were digested, by
    the clock of :class:`~.verified.Verified`."""

    length: int
    digest: hashlib._Hash = field(repr=False)
    since: float


@dataclass(frozen=True, slots=True)
class _KnownPrefix:
    """``stamp`` is that of the file when it was closed, since another process may have written to it afterwards."""

    stamp: str
    prefixes: tuple[Prefix, ...]


class RunningDigests:
    """The prefixes of files whose digests this process knows."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _KnownPrefix] = OrderedDict()

    def find(self, key: str, length: int, stamp: str) -> Prefix | None:
        """The prefix of ``length`` bytes, if known for the file as it is now."""
        known = self._known.get(key)
        if known is None or known.stamp != stamp:
            return None
        return next((prefix for prefix in known.prefixes if prefix.length == length), None)

    def keep(self, key: str, stamp: str, prefixes: tuple[Prefix, ...]) -> None:
        """Remember the prefixes at which a write began and ended; the sender may continue at either."""
        before = self._known.get(key)
        if before is not None and prefixes and prefixes[0] in before.prefixes:
            # Earlier prefixes are unchanged: a sender may go back to one of them.
            at = before.prefixes.index(prefixes[0])
            prefixes = (*before.prefixes[:at][-_EARLIER:], *prefixes)
        self._known[key] = _KnownPrefix(stamp, prefixes)
        self._known.move_to_end(key)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)

    def forget(self, key: str) -> None:
        """No digest of that key is known any more; nothing happens if none was."""
        self._known.pop(key, None)
