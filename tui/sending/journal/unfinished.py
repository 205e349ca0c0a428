"""Unfinished sends: the journals that a user has on this machine."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ...files.process_ids import realm
from ...rules.errors import Failed
from ...rules.ids import is_short, whole
from .journal import FOLDER, SUFFIX, path_of
from .journal_contents import Contents, read
from .journal_file import ASIDE, open_file

KEPT_FOR = timedelta(days=30)
_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class UnfinishedSend:
    """An unfinished send. ``running``: a process is working on it right now. ``outdated``: it wasn't touched for
    :data:`KEPT_FOR`, and is only kept in case the server has links of it that no one has seen."""

    contents: Contents
    running: bool
    outdated: bool = False


def unfinished_sends(state: Path, server: str, user: str, now: datetime) -> list[UnfinishedSend]:
    """The unfinished sends of ``user`` on ``server`` in the state folder, the oldest first.

    Journals that weren't touched for :data:`KEPT_FOR` or longer are deleted if they can't have links that no one has
    seen, and so are those that were set aside. ``now`` must be timezone-aware.
    """
    _sweep_aside(state / FOLDER, now)
    unfinished = []
    by = {"server": server, "user": user}
    for path in _files(state / FOLDER):
        with suppress(OSError), _opened(path) as handle:
            running = not _is_unlocked(handle)
            outdated = _is_old(os.fstat(handle), now) and not running
            contents = read(path)
            if outdated and not _may_be_unseen(contents):
                path.unlink(missing_ok=True)
                continue
            if contents.damaged and not contents.by:
                # Nobody knows whose it is.
                contents.by = by
            if contents.by == by and not contents.done:
                unfinished.append(UnfinishedSend(contents, running, outdated))
    return unfinished


def _is_old(facts: os.stat_result, now: datetime) -> bool:
    return now.timestamp() - facts.st_mtime >= KEPT_FOR.total_seconds()


def _sweep_aside(folder: Path, now: datetime) -> None:
    """Delete the damaged journals that were set aside long ago, when their links had been shown."""
    for path in _files(folder, ASIDE):
        with suppress(OSError):
            if _is_old(path.lstat(), now):
                path.unlink()


def _may_be_unseen(contents: Contents) -> bool:
    """Whether it may have published something whose link no one has seen."""
    known = any(entry.document is not None and not entry.shown for entry in contents.entries)
    # The server may have published more than it could say.
    return known or (bool(contents.opened) and not contents.done)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = open_file(path, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


def _is_unlocked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def whole_id(state: Path, ident: str) -> str:
    """The id of the send whose id begins with ``ident``, which stays as it is if there is none; needs no server.

    Raises :class:`InvalidValue` ``id.ambiguous`` if several do.
    """
    if not is_short(ident):
        return ident
    known = [path.name.removesuffix(SUFFIX) for path in _files(state / FOLDER)]
    return whole(ident, [(each, "an unfinished send") for each in known])


def in_background(state: Path, ident: str) -> Contents | None:
    """The send with this id, if a process that it was left to is working on it right now; needs no server."""
    if not _ID.fullmatch(ident):
        return None
    path = path_of(state, ident)
    with suppress(OSError), _opened(path) as handle:
        contents = None if _is_unlocked(handle) else read(path)
        return contents if contents is not None and contents.in_background else None
    return None


def stop_process(state: Path, contents: Contents) -> None:
    """Have the process that holds a journal cancel its send, which stays as an interrupted one.

    Raises :class:`Failed` if it can't be reached from here: another process may have its id.
    """
    if contents.process is None:
        return
    if contents.realm and contents.realm != realm():
        raise Failed(
            "send.elsewhere",
            f"The send {contents.id} is running in another container or on another machine; stop it there.",
        )
    with suppress(OSError), _opened(path_of(state, contents.id)) as handle:
        if sys.platform == "linux" and hasattr(os, "pidfd_open"):
            # Opened before looking whether it holds the journal: then it can't be another process with the same id.
            process = os.pidfd_open(contents.process)
            try:
                if not _is_unlocked(handle):
                    signal.pidfd_send_signal(process, signal.SIGTERM)
            finally:
                os.close(process)
        elif not _is_unlocked(handle):
            os.kill(contents.process, signal.SIGTERM)


def _files(folder: Path, suffix: str = SUFFIX) -> list[Path]:
    def age_key(file: Path) -> tuple[float, str]:
        try:
            return file.stat().st_mtime, file.name
        except OSError:
            return 0.0, file.name

    try:
        files = [path for path in folder.glob(f"*{suffix}") if _ID.fullmatch(path.name.removesuffix(suffix))]
        return sorted(files, key=age_key)
    except OSError:
        return []
