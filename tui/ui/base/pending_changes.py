"""Changes that a dialog has requested from the server and that are still pending."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

CHANGE_PENDING = "Saving…"


class PendingChanges:
    """Until the server responds, it is unknown whether a change was made: the dialog stays open, and quitting asks."""

    def __init__(self, on_change: Callable[[], None] = lambda: None) -> None:
        """``on_change`` is called when input has to be locked, or unlocked again."""
        self._on_change = on_change
        self._pending = 0
        #: Whether the dialog closes when the changes are done.
        self.closes = False

    @property
    def under_way(self) -> bool:
        """Whether any change is pending."""
        return self._pending > 0

    @property
    def disabled_reason(self) -> str | None:
        """Why nothing else can be changed now; ``None`` if it can."""
        return CHANGE_PENDING if self.under_way else None

    @contextmanager
    def change(self) -> Iterator[None]:
        """Context in which a change is pending. If it fails, the dialog stays open."""
        self._pending += 1
        self._on_change()
        try:
            yield
        except BaseException:
            self.closes = False
            raise
        finally:
            self._pending -= 1
            self._on_change()

    def close_later(self) -> bool:
        """Ask for the dialog to be closed. Returns whether that has to wait for pending changes."""
        self.closes = self.closes or self.under_way
        return self.under_way

    def take_close(self) -> bool:
        """Return whether the dialog is due to be closed, and forget about it: if the user then decides to stay, it
        doesn't close later."""
        closes = self.closes and not self.under_way
        self.closes = self.closes and not closes
        return closes
