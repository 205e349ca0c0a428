"""Dialogs that have the server change something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from .dialog import Dialog

Answer = TypeVar("Answer")
CHANGE_ON_ITS_WAY = "It is on its way."


class Changing(Dialog[Answer]):
    """While a change is on its way nobody knows whether it is made: the dialog stays until there is an answer, and who
    quits is asked."""

    #: So many changes are on their way.
    _changes_asked = 0
    #: Whether it closes once they are answered.
    closes = False

    @property
    def changing_documents(self) -> bool:
        return self._changes_asked > 0

    @contextmanager
    def change(self) -> Iterator[None]:
        """Within, a change is asked for. What fails keeps the dialog open."""
        self._changes_asked += 1
        self.held()
        try:
            yield
        except BaseException:
            self.closes = False
            raise
        finally:
            self._changes_asked -= 1
            self.held()

    def held(self) -> None:
        """What could be typed or changed meanwhile is held while :attr:`changing_documents`, and only then."""

    def action_close(self) -> object:
        if not self.changing_documents:
            return super().action_close()
        self.closes = True
        self.say(f"{CHANGE_ON_ITS_WAY} The dialog closes when it is answered.", "dim")
        return None
