"""The line that reports a problem with the connection; it is hidden otherwise."""

from __future__ import annotations

from math import ceil
from time import monotonic

from textual.timer import Timer

from .status_line import StatusLine


class ConnectionLine(StatusLine):
    """Counts down the seconds to the next attempt to reconnect."""

    def __init__(self, *, id: str) -> None:
        super().__init__("", id=id, tone="warn", marked=True)
        #: What is wrong, as the beginning of a sentence.
        self._trouble = ""
        #: When the next attempt is made, by the monotonic clock.
        self._retry_at = 0.0
        self._timer: Timer | None = None

    @property
    def is_counting(self) -> bool:
        """Whether an attempt to reconnect is waited for."""
        return self._timer is not None

    def count_down(self, seconds: float, trouble: str = "") -> None:
        """Show that the connection is lost, and count down the seconds to the next attempt."""
        self._trouble = trouble or self._trouble
        self._retry_at = monotonic() + seconds
        self._show_lost()
        if self._timer is None:
            self._timer = self.set_interval(1, self._show_lost)

    def stop_counting(self) -> None:
        """Leave the text as it is; nothing happens if nothing is counted."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def tell(self, text: str, *shorter: str) -> None:
        """Show ``text``, or the first of ``shorter`` that fits; hide the line if there is nothing to say."""
        self.say(text, "warn", shorter=shorter)
        self.set_class(bool(text), "-on")

    def _show_lost(self) -> None:
        left = ceil(self._retry_at - monotonic())
        retry = f"reconnecting in {left} s" if left > 0 else "reconnecting"
        lost = f"{self._trouble}{retry}."
        self.tell(f"{lost} This may be out of date.", lost, f"{retry.capitalize()}.")
