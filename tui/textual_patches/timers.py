"""What is to be done once, after a while."""

from __future__ import annotations

from textual.timer import Timer


def sure(timer: Timer) -> Timer:
    """Textual leaves out a beat of a timer that is late already when it begins, as on a machine with much to do. A
    timer that beats once would never beat; and whoever waits for it, as the app does to take the terminal's new size,
    would wait for the rest of its life."""
    timer._skip = False
    return timer
