"""What the user did last on the first screen, and how it is undone. Changes to sent documents have an undo of their
own, which the server allows for a while only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Set
from inspect import isawaitable
from typing import TYPE_CHECKING, NamedTuple

from ...rules.errors import NotFound, Problem
from ..base.workers import worker_action
from ..widgets.status_line import unsay

if TYPE_CHECKING:
    from ...locations.rows import Row
    from ..base.host import Host

#: As many acts are kept.
_MOST = 20


class LastAct(NamedTuple):
    """What undoes something, whether that is still possible where the user is, and what was said of it. If it selects
    rows, by their keys those that it still would."""

    undo: Callable[[], Awaitable[None] | None]
    is_possible: Callable[[], bool]
    said: str
    rows: dict[str, Row] | None = None


class LastActs:
    """The acts that can be undone, the last one first."""

    def __init__(self, main: Host) -> None:
        self._main, self.screen = main, main.screen
        self._acts: list[LastAct] = []

    def did(
        self,
        said: str,
        undo: Callable[[], Awaitable[None] | None],
        is_possible: Callable[[], bool] = lambda: True,
        tone: str = "",
        *,
        rows: dict[str, Row] | None = None,
    ) -> None:
        """Note what was just done: ``undo`` undoes it. ``said``, which names the key for that, is shown until then.
        ``rows`` are those that it selects, by their keys: what is done with one removes it."""
        self._acts = [*self._acts, LastAct(undo, is_possible, said, rows)][-_MOST:]
        self._main.say(said, tone)
        self.screen.refresh_bindings()

    def forget(self) -> None:
        """Forget all of it: something was done that isn't undone here, or by another user."""
        for act in self._acts:
            unsay(self.screen, act.said)
        self._acts.clear()

    def rows_done(self, keys: Set[str]) -> None:
        """Note that rows are no longer to be selected: what they were selected for is done, or they are gone."""
        for act in self._acts:
            if act.rows is not None:
                for key in keys:
                    act.rows.pop(key, None)
        if over := [act for act in self._acts if act.rows is not None and not act.rows]:
            self._acts = [act for act in self._acts if act not in over]
            for act in over:
                unsay(self.screen, act.said)
            self.screen.refresh_bindings()

    @property
    def can_undo(self) -> bool:
        """Whether the last act can be undone here and now."""
        return bool(self._acts) and self._acts[-1].is_possible()

    @worker_action(group="undo")
    async def undo(self) -> None:
        """Undo the last act. If that fails, it can be tried again."""
        if not self.can_undo:
            return
        act = self._acts.pop()
        unsay(self.screen, act.said)
        try:
            undone = act.undo()
            if isawaitable(undone):
                await undone
        except NotFound:
            # What it was about is gone.
            raise
        except Problem:
            self._acts.append(act)
            raise
        finally:
            self.screen.refresh_bindings()
