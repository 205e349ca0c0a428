"""What is done with several documents of Share, one after the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from ..rules.errors import NotSignedIn, Problem
from ..rules.text import printable

if TYPE_CHECKING:
    from ..wire.share import Document
    from .main import MainScreen

#: After so many seconds it is said that something takes its time, and how.
SOON = 0.4
MOMENT = "One moment …"
#: So often, in seconds, it is said how far something is.
_OFTEN = 1.0


class DocumentChanges:
    """Counts the commands that change documents: while there are any, whoever quits is asked."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self._changing = 0

    @property
    def under_way(self) -> bool:
        """Whether quitting would leave something half done."""
        return self._changing > 0

    @contextmanager
    def counted(self) -> Iterator[None]:
        """While a command changes documents, whoever quits is asked."""
        self._changing += 1
        try:
            yield
        finally:
            self._changing -= 1

    async def each(
        self,
        documents: Sequence[Document],
        act: Callable[[str], Awaitable[object]],
        done: str,
        tone: str = "good",
        *,
        deselects: bool = True,
    ) -> bool:
        """Does something with each of some documents of Share, and says what became of it; answers whether all of it
        was done. With ``deselects``, those that it was done with are selected no longer."""
        failed: list[str] = []
        done_with: set[str] = set()
        user = self._main.session.user
        moment, told = self._main.set_timer(SOON, lambda: self._main.say(MOMENT, "dim")), monotonic()
        with self.counted():
            try:
                for document in documents:
                    if monotonic() - told > _OFTEN:
                        told = monotonic()
                        self._main.say(f"{len(done_with)} of {len(documents)} {done} …", "dim")
                    if self._main.session.user != user:
                        # What is left of it is not the new one's to do.
                        failed.append(
                            f"{printable(document.name)}: it was left as it is, since {user} signed out"
                        )
                        continue
                    try:
                        await act(document.id)
                        done_with.add(document.id)
                    except NotSignedIn:
                        raise
                    except Problem as problem:
                        failed.append(f"{printable(document.name)}: {problem.message}")
            finally:
                moment.stop()
        # Those that failed stay selected, and so does what was selected meanwhile.
        if deselects:
            self._main.table.forget(done_with)
        self._main.reload()
        count = len(documents) - len(failed)
        if failed:
            more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
            self._main.say(f"{count} {done}; {failed[0]}{more}", "bad")
        else:
            self._main.say(f"{count} {done}.", tone)
        return not failed
