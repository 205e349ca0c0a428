"""Timers that fire once."""

from __future__ import annotations

from textual.timer import Timer


def ensure_fires(timer: Timer) -> Timer:
    """Make sure that a timer fires. Textual skips a beat of a timer that is already late when it starts, as on a busy
    machine. A timer with a single beat would then never fire; and whatever waits for it, as the app does to adopt the
    terminal's new size, would wait forever."""
    timer._skip = False
    return timer
