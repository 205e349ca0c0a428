"""The timers that a part of the app sets."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.message_pump import MessagePump
from textual.timer import Timer


def noted_timers(
    pump: MessagePump, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[float, Callable[[], object]]]:
    """In how many seconds the timers that it sets from now on will call what."""
    begun, set_timer = list[tuple[float, Callable[[], object]]](), pump.set_timer

    def noted(delay: float, callback: Callable[[], object]) -> Timer:
        begun.append((delay, callback))
        return set_timer(delay, callback)

    monkeypatch.setattr(pump, "set_timer", noted)
    return begun
