"""Which files were verified a short while ago, so that a document that many people fetch isn't digested for each."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

#: A file is trusted for this long. Its signature shows everything that the file system knows of, but not a disk that
#: returns other bytes than were written.
TRUST_SECONDS = 15 * 60.0
#: Smaller files aren't remembered: to digest them takes less time than the rest of the request, and thousands of them
#: would displace large ones.
LEAST_BYTES = 4 * 1024 * 1024
MAX_FILES = 512
#: Two changes that are closer together may get the same time, on the coarsest file systems.
CLOCK_TICK_NS = 2_000_000_000


class Signature(NamedTuple):
    """What the file system says of a file. Whatever changes the bytes changes it: a write or a truncation both times,
    setting ``modified`` back at least ``changed``, another file in its place at least ``inode`` or ``changed``.

    Times are in nanoseconds.
    """

    device: int
    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, status: os.stat_result) -> Signature:
        """The signature of a file as ``os.stat`` found it."""
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    @property
    def stamp(self) -> str:
        """The same as a string, without the device, whose number may change when a machine is started again."""
        return f"{self.inode} {self.size} {self.modified} {self.changed}"

    def changed_before(self, begun: int) -> bool:
        """Whether the file was last changed so long before ``begun`` (of the system's clock) that a change after it
        can't have left the signature as it is; git calls the opposite "racily clean"."""
        return self.changed <= begun - CLOCK_TICK_NS

    @property
    def is_put_back(self) -> bool:
        """Whether the time of the last modification was put back (:class:`~.writing.Writing`). Then any write changes
        the signature, however soon it follows."""
        return self.modified <= self.changed - CLOCK_TICK_NS


@dataclass(frozen=True, slots=True)
class _Known:
    signature: Signature
    sha256: str
    since: float


class Verified:
    """The digests of the files verified last, by key; for use in threads.

    ``clock`` returns seconds and never goes back; ``wall_clock`` returns nanoseconds, as files have them.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, wall_clock: Callable[[], int] = time.time_ns
    ) -> None:
        self.clock = clock
        self.wall_clock = wall_clock
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def remember(self, key: str, signature: Signature, sha256: str, since: float) -> None:
        """All bytes that the file had when it had ``signature`` were read since the moment ``since`` of the clock, and
        have the digest ``sha256``, in hexadecimal."""
        with self._lock:
            self._known.pop(key, None)
            if signature.size < LEAST_BYTES:
                return
            self._known[key] = _Known(signature, sha256, since)
            if len(self._known) > MAX_FILES:
                self._known.popitem(last=False)

    def has(self, key: str, signature: Signature, sha256: str) -> bool:
        """Whether a file that has ``signature`` now, and was read before, needn't be digested."""
        with self._lock:
            known = self._known.get(key)
            if known is None or (known.signature, known.sha256) != (signature, sha256):
                return False
            if self.clock() - known.since >= TRUST_SECONDS:
                del self._known[key]
                return False
            self._known.move_to_end(key)
            return True

    def forget(self, key: str) -> None:
        """Have the file of that key digested again when it is read next."""
        with self._lock:
            self._known.pop(key, None)
