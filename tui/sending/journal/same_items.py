"""Sends of the same items: how they are recognised, and what one that has ended leaves for another.

Of two equal sends that are started together, one may have ended, and its journal be gone, before the other looks for a
journal. So a send leaves a file when it ends, its links having been shown: in ``ended`` of the state folder, named by a
digest of server, user and items, with the moment. Another one that was started before that moment has been overtaken.

Moments are those of the clock that counts from the machine's start, which no one sets, with the id of that start. The
files are kept for an hour.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...files.private_files import write_private
from ...files.process_ids import boot, this_process
from .journal_file import open_file

FOLDER = "ended"
KEPT_SECONDS = 3600
_SCHEDULED = Path("/proc/self/schedstat")


def identity(record: Mapping[str, Any]) -> str:
    """A text that identifies the source of a record (``sources.py``), whatever its current content."""
    return str(record.get("file") or f"{record.get('server')} {record.get('work') or record.get('label')}")


def digest(by: Mapping[str, Any], records: Iterable[Mapping[str, Any]]) -> str:
    """What the sends of the same items have in common, in whatever order. ``by`` are the server and the user."""
    parts = [by.get("server"), by.get("user"), *sorted(map(identity, records))]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def leave_end(state: Path, items: str) -> None:
    """Note that a send of ``items``, a :func:`digest`, ends now. Does nothing if the state folder can't be written to.

    To be called while the journal still says that it isn't done: an equal send finds one of the two.
    """
    folder = state / FOLDER
    content = json.dumps({"boot": boot(), "process": this_process(), "ended": time.monotonic()}).encode()
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        # None of it counts once the machine has been started again.
        write_private(folder / items, content, sync=False)
        _sweep(folder)


def ended_since(state: Path, items: str, began: float) -> bool:
    """Whether another process has ended a send of ``items`` since the moment ``began`` of :func:`time.monotonic`."""
    try:
        with os.fdopen(open_file(state / FOLDER / items, os.O_RDONLY), "rb") as file:
            found = json.load(file)
        if found["boot"] != boot() or found["process"] == this_process():
            return False
        # A moment that hasn't come yet is none.
        return bool(began < found["ended"] <= time.monotonic())
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return False


def started(known: float) -> float:
    """When this process was started, as :func:`time.monotonic` counts; no later than ``known``.

    What it took until now, without pauses: a process that waited may have been another program then.
    """
    import resource

    if resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt:
        # A shell that has run other commands, perhaps an equal send, and has then become this program.
        return known
    try:
        ran, waited_for_processor = _SCHEDULED.read_text().split()[:2]
        took = (int(ran) + int(waited_for_processor)) / 1e9
    except (OSError, ValueError):
        took = time.process_time()
    # Not before: on a busy machine, reading that takes a while, and a start that is too early would count an equal send
    # that had ended by then.
    return min(known, time.monotonic() - took)


def _sweep(folder: Path) -> None:
    now = time.time()
    for entry in os.scandir(folder):
        with suppress(OSError):
            # A date in the future comes from a clock that was wrong.
            if abs(now - entry.stat(follow_symlinks=False).st_mtime) > KEPT_SECONDS:
                Path(entry.path).unlink()
