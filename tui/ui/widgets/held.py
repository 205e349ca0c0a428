"""What keys ask for while the rows that they are meant for are still to come. No Textual."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial, wraps
from typing import ParamSpec

P = ParamSpec("P")


class HeldActions:
    """Keeps actions as long as ``awaits`` says that other rows, or another row for the cursor, are about to come; they
    are done in order once these are there. Otherwise, ``G k`` would be one row above where the cursor was."""

    def __init__(self, awaits: Callable[[], bool]) -> None:
        self.awaits = awaits
        self._held: deque[Callable[[], object]] = deque()
        #: Whether one of them was done whose effects may still be under way.
        self._under_way = False

    def of(self, action: Callable[P, None]) -> Callable[P, None]:
        """Return an action that is kept if it has to be, and done at once otherwise."""

        @wraps(action)
        def now_or_later(*args: P.args, **kwargs: P.kwargs) -> None:
            if self._held or self._under_way or self.awaits():
                self._held.append(partial(action, *args, **kwargs))
            else:
                action(*args, **kwargs)

        return now_or_later

    def keep_after_others(self, action: Callable[[], object]) -> bool:
        """Keep any action, if what was kept before it is being done; return whether it is kept. It would act on what
        they have yet to leave."""
        is_later = bool(self._held or self._under_way) and not self.awaits()
        if is_later:
            self._held.append(action)
        return is_later

    def do_next(self) -> bool:
        """Do the first thing that was kept, unless it has to wait again. Return whether it was done: the next one is
        for what comes of it."""
        self._under_way = bool(self._held) and not self.awaits()
        if self._under_way:
            self._held.popleft()()
        return self._under_way

    def drop(self) -> None:
        """Forget what was kept: what it was meant for doesn't come."""
        self._held.clear()
        self._under_way = False
