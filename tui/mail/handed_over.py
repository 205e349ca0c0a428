"""A note of an e-mail that a mail server is about to have, kept until it is told what came of it.

A program that is killed in between can't tell that the e-mail may have been sent. The next one that is to send the same
links to the same people finds the note, and tells it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..files import private_files
from ..rules.addresses import split_address
from ..rules.dates import day_text
from .draft import Draft

#: A note that no one has asked for by then is removed.
_KEPT = timedelta(days=30)


class HandOver:
    """The note of one e-mail in the folder ``state``; without a folder, there never is one."""

    def __init__(self, state: Path | None, draft: Draft) -> None:
        self._folder = state / "handed-over" if state else None
        people = sorted(split_address(each)[1].lower() for each in draft.to)
        text = "\n".join([*sorted(link.url for link in draft.links), "", *people])
        #: Nothing of the e-mail can be read from it: links are secrets.
        self._name = hashlib.sha256(text.encode()).hexdigest()

    def found(self) -> str:
        """When a program that was killed may have sent it, as a text in the user's time; empty if there is no note."""
        if self._folder is None:
            return ""
        try:
            seconds = (self._folder / self._name).stat().st_mtime
        except OSError:
            return ""
        at = datetime.fromtimestamp(seconds, UTC).astimezone()
        return f"{day_text(at.date())} at {at:%H:%M}"

    def write(self) -> None:
        """Note that the server gets it now. Without room for that, it is sent all the same."""
        if self._folder is not None:
            with suppress(OSError):
                private_files.make_private_folder(self._folder)
                private_files.write_private(self._folder / self._name, b"")

    def forget(self) -> None:
        """It has been told what came of it."""
        if self._folder is None:
            return
        with suppress(OSError):
            (self._folder / self._name).unlink(missing_ok=True)
            before = (datetime.now(UTC) - _KEPT).timestamp()
            for each in self._folder.iterdir():
                if each.stat().st_mtime < before:
                    each.unlink()

    @contextmanager
    def told(self) -> Iterator[None]:
        """In the block, the e-mail is sent, and what came of it is told."""
        try:
            yield
        finally:
            self.forget()
