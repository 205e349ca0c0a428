"""Handling the signals that end a command while it still has something to finish."""

from __future__ import annotations

import signal
from collections.abc import Callable


class Handlers:
    """Calls ``act`` on the first SIGINT, SIGTERM or SIGHUP; the next one ends the process as usual."""

    def __init__(self, act: Callable[[int], None]) -> None:
        import asyncio

        self._act = act
        self._loop = asyncio.get_running_loop()
        self._numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __enter__(self) -> None:
        for number in self._numbers:
            self._loop.add_signal_handler(number, self._called, number)

    def _called(self, number: int) -> None:
        self.__exit__()
        self._act(number)

    def __exit__(self, *_: object) -> None:
        for number in self._numbers:
            self._loop.remove_signal_handler(number)
