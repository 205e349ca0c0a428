"""Notices that are kept between two starts of the app, and up to which event of the server they go.

A file in the state folder for each server. There is neither a link nor a password in it: notices have none.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

from ..clients.event_cursor import MOST_KNOWN
from ..rules.errors import Problem
from ..rules.notices import KINDS
from .notices import MOST_KEPT, DocumentNotice

#: Longer than any such file.
_MOST_BYTES = 1024 * 1024
#: Longer than any event's number.
_MOST_DIGITS = 19
_TEXTS = ("ident", "event", "document", "name")
_OPTIONAL_TEXTS = ("actor", "address", "folder")


class Kept(NamedTuple):
    """The notices of ``user``, the newest first, and how many of them weren't looked at. All events were received up to
    the number ``settled``, and of those after it the ones with the numbers ``received``, also those that are no notice:
    one with a number between them may still appear."""

    user: str
    settled: str = ""
    received: tuple[str, ...] = ()
    unseen: int = 0
    notices: tuple[DocumentNotice, ...] = ()


class KeptNotices:
    """Kept in the folder ``state``, if there is one. What can't be kept or read is not worth a message."""

    def __init__(self, state: Path | None, server: str) -> None:
        self._file = state and state / f"notices-{hashlib.sha256(server.encode()).hexdigest()[:16]}"

    def load(self, user: str) -> Kept:
        """What was kept of that user."""
        if self._file is not None:
            with suppress(Problem, OSError, ValueError, RecursionError):
                found = _kept(json.loads(_content(self._file)))
                if found.user == user:
                    return found
        return Kept(user)

    def keep(self, kept: Kept) -> None:
        """Keep it. What another app of the same user has kept meanwhile stays."""
        if self._file is None:
            return
        from ..config.private import locked, private_folder
        from ..files.private_files import write_private

        with suppress(Problem, OSError):
            private_folder(self._file.parent)
            with locked(self._file.with_suffix(".lock")):
                united = _united(kept, self.load(kept.user))
                write_private(self._file, json.dumps(_as_json(united)).encode(), sync=False)


def _content(file: Path) -> bytes:
    from ..files.trusted_paths import open_own

    with os.fdopen(open_own(file), "rb") as opened:
        return opened.read(_MOST_BYTES)


def _united(kept: Kept, others: Kept) -> Kept:
    known = {notice.ident for notice in kept.notices}
    notices = [*kept.notices, *(notice for notice in others.notices if notice.ident not in known)]
    notices.sort(key=lambda notice: notice.at.timestamp() if notice.at is not None else 0.0, reverse=True)
    settled = max(kept.settled, others.settled, key=_number)
    received = {each for each in (*kept.received, *others.received) if _number(each) > _number(settled)}
    return kept._replace(
        settled=settled, received=tuple(sorted(received, key=_number)), notices=tuple(notices[:MOST_KEPT])
    )


def _number(text: str) -> int:
    return int(text) if _is_number(text) else -1


def _is_number(found: object) -> TypeGuard[str]:
    return isinstance(found, str) and found.isascii() and found.isdecimal() and len(found) <= _MOST_DIGITS


def _as_json(kept: Kept) -> dict[str, Any]:
    notices = [
        {
            **{name: getattr(notice, name) for name in (*_TEXTS, *_OPTIONAL_TEXTS)},
            "at": notice.at and notice.at.isoformat(),
            "counts": dict(notice.counts),
            "times": notice.times,
            "is_new": notice.is_new,
        }
        for notice in kept.notices
    ]
    return {
        "user": kept.user,
        # What an earlier version of the program goes on after.
        "last": max(kept.settled, *kept.received, key=_number),
        "settled": kept.settled,
        "received": list(kept.received),
        "unseen": kept.unseen,
        "notices": notices,
    }


def _kept(found: object) -> Kept:
    """What :func:`_as_json` made. Someone may have changed the file: what isn't as it should be is left out. Raises
    :class:`ValueError` if all of it is something else."""
    if not isinstance(found, dict) or not isinstance(found.get("user"), str):
        raise ValueError("these are no notices")
    listed = found.get("notices")
    read = [_notice(each) for each in listed[:MOST_KEPT]] if isinstance(listed, list) else []
    notices = tuple(notice for notice in read if notice is not None)
    settled, received = found.get("settled", found.get("last")), found.get("received")
    unseen = found.get("unseen")
    return Kept(
        found["user"],
        settled if _is_number(settled) else "",
        tuple(filter(_is_number, received[:MOST_KNOWN])) if isinstance(received, list) else (),
        min(unseen, len(notices)) if type(unseen) is int and unseen > 0 else 0,
        notices,
    )


def _notice(found: object) -> DocumentNotice | None:
    if not isinstance(found, Mapping):
        return None
    texts = {name: found.get(name) for name in (*_TEXTS, *_OPTIONAL_TEXTS)}
    counts, times, at = found.get("counts"), found.get("times"), found.get("at")
    if not (
        all(
            isinstance(text, str) or (text is None and name in _OPTIONAL_TEXTS)
            for name, text in texts.items()
        )
        and texts["event"] in KINDS
        and isinstance(counts, dict)
        and all(type(count) is int for count in counts.values())
        and isinstance(times, int)
    ):
        return None
    try:
        moment = None if at is None else datetime.fromisoformat(at)
    except (TypeError, ValueError):
        return None
    if moment is not None and moment.tzinfo is None:
        return None
    given: dict[str, Any] = {**texts, "counts": tuple(sorted(counts.items())), "times": max(times, 1)}
    return DocumentNotice(**given, at=moment, is_new=found.get("is_new") is True)
