"""What keys ask for while the rows that they are meant for are still to come. No Textual."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial, wraps
from typing import ParamSpec

P = ParamSpec("P")


class HeldActions:
    """Keeps actions as long as ``awaits`` says that other rows, or another row for the cursor, are about to come, and
    does them in order as soon as these are there. Otherwise, ``G k`` would be one row above where the cursor was."""

    def __init__(self, awaits: Callable[[], bool]) -> None:
        self.awaits = awaits
        self._held: deque[Callable[[], object]] = deque()

    def of(self, action: Callable[P, None]) -> Callable[P, None]:
        """Return an action that is kept if it has to be, and done at once otherwise."""

        @wraps(action)
        def now_or_later(*args: P.args, **kwargs: P.kwargs) -> None:
            if self._held or self.awaits():
                self._held.append(partial(action, *args, **kwargs))
            else:
                action(*args, **kwargs)

        return now_or_later

    def release(self) -> None:
        """Do what was kept, up to what makes it wait again."""
        while self._held and not self.awaits():
            self._held.popleft()()

    def drop(self) -> None:
        """Forget what was kept: the rows that it was meant for don't come."""
        self._held.clear()
