"""The line that says what is wrong with the connection; it is there only then."""

from __future__ import annotations

from math import ceil
from time import monotonic

from textual.timer import Timer

from .status_line import StatusLine


class ConnectionLine(StatusLine):
    """Counts the seconds until a lost connection is tried again."""

    def __init__(self, *, id: str) -> None:
        super().__init__("", id=id, tone="warn", marked=True)
        #: What is wrong, in a sentence's beginning.
        self._trouble = ""
        #: When it is tried again, by the machine's own clock.
        self._again_at = 0.0
        self._timer: Timer | None = None

    @property
    def is_counting(self) -> bool:
        return self._timer is not None

    def count_down(self, seconds: float, trouble: str = "") -> None:
        """Says that the connection is lost, and for how long it is not tried again."""
        self._trouble = trouble or self._trouble
        self._again_at = monotonic() + seconds
        self._say_lost()
        if self._timer is None:
            self._timer = self.set_interval(1, self._say_lost)

    def stop_counting(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def tell(self, text: str) -> None:
        """Says of the connection what is to be said; nothing where it is as it should be."""
        self.say(text, "warn")
        self.set_class(bool(text), "-on")

    def _say_lost(self) -> None:
        left = ceil(self._again_at - monotonic())
        again = f"trying again in {left} s" if left > 0 else "trying again"
        self.tell(f"{self._trouble}{again}. What is shown may be old.")
