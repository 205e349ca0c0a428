"""A round through all documents' bytes, which takes hours where there are many: it goes on where it was interrupted."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from ..base.files import write_private

_FILE = "check.json"
#: Seconds between two notes of how far it is.
_NOTE_SECONDS = 5.0


@dataclass(slots=True)
class Round:
    """``after`` is the key of the last document that was read, ``count`` and ``size`` how many were, and how many
    bytes they have. ``faulty`` are the keys of those that weren't whole."""

    path: Path
    after: str = ""
    count: int = 0
    size: int = 0
    faulty: list[str] = field(default_factory=list)
    is_over: bool = False
    _noted_at: float = field(default_factory=monotonic)

    @classmethod
    def of(cls, data: Path) -> Round:
        """The round that was interrupted in this data folder, or a new one."""
        path = data / _FILE
        with suppress(OSError, ValueError, TypeError, KeyError):
            kept: Any = json.loads(path.read_text())
            return cls(
                path,
                str(kept["after"]),
                int(kept["count"]),
                int(kept["size"]),
                [str(k) for k in kept["faulty"]],
            )
        return cls(path)

    def note(self, *, now: bool = False) -> None:
        """Keep how far it is, from time to time, or ``now``; on a disk that takes no writes, the next begins anew."""
        if not now and monotonic() - self._noted_at < _NOTE_SECONDS:
            return
        self._noted_at = monotonic()
        kept = {"after": self.after, "count": self.count, "size": self.size, "faulty": self.faulty}
        with suppress(OSError):
            write_private(self.path, json.dumps(kept))

    def end(self) -> None:
        """Let the next one begin anew."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
