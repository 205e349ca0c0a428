"""Changes that a dialog has asked the server for, and that are not answered yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

CHANGE_ON_ITS_WAY = "It is on its way."


class PendingChanges:
    """Until there is an answer nobody knows whether a change is made: the dialog stays, and who quits is asked."""

    def __init__(self, held: Callable[[], None] = lambda: None) -> None:
        """``held`` is called where what could be typed or changed is held from now on, or no longer."""
        self._held = held
        self._asked = 0
        #: Whether the dialog is to be closed once they are answered.
        self.closes = False

    @property
    def under_way(self) -> bool:
        """Whether any is not answered yet."""
        return self._asked > 0

    @property
    def disabled_reason(self) -> str | None:
        """Why nothing else can be changed meanwhile."""
        return CHANGE_ON_ITS_WAY if self.under_way else None

    @contextmanager
    def change(self) -> Iterator[None]:
        """Within, a change is asked for. What fails keeps the dialog open."""
        self._asked += 1
        self._held()
        try:
            yield
        except BaseException:
            self.closes = False
            raise
        finally:
            self._asked -= 1
            self._held()

    def close_later(self) -> bool:
        """Whether the dialog, which is to be closed, has to wait for an answer."""
        self.closes = self.closes or self.under_way
        return self.under_way

    def take_close(self) -> bool:
        """Whether the dialog was to be closed, and can be now. It may be asked whether to, and not be wanted: then it
        is to be closed no more."""
        closes = self.closes and not self.under_way
        self.closes = self.closes and not closes
        return closes
