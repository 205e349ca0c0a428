"""Changes to several documents in Share, one after the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from ...rules.display import documents_text
from ...rules.errors import NotSignedIn, Problem
from ...rules.text import printable

if TYPE_CHECKING:
    from ...wire.share import Document
    from ..main.main import MainScreen

#: After this many seconds, a message such as this one says that something is still under way.
BUSY_DELAY = 0.4
WORKING = "Working…"
#: Seconds between two progress messages.
_REPORT_INTERVAL = 1.0
#: How many documents are changed by one request, where that is possible.
AT_ONCE = 25


def name_or_count(documents: Sequence[Document]) -> str:
    """``“Offer.pdf”``, ``7 documents``."""
    return f"“{printable(documents[0].name)}”" if len(documents) == 1 else documents_text(len(documents))


def _some(count: int, documents: Sequence[Document], done: str) -> str:
    return done.format(f"{count:,} of {documents_text(len(documents))}")


class DocumentChanges:
    """Runs and counts changes to documents: while any are under way, quitting asks first."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self._changing = 0

    @property
    def under_way(self) -> bool:
        """Whether quitting would leave something half done."""
        return self._changing > 0

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Context of a change to documents: until it ends, quitting asks first."""
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
        deselects: Iterable[str] = (),
        what_next: Callable[[], str] = str,
    ) -> bool:
        """Apply ``act`` to the id of each document and show the outcome. Returns whether all of them succeeded.

        ``done`` says what was done (``Unpublished {}``). ``deselects`` are the keys of rows whose selection ends with
        that, except those of documents that failed. ``what_next`` gives the end of the sentence about a success.
        """

        async def act_on(ids: Sequence[str]) -> list[object | Problem]:
            try:
                return [await act(*ids)]
            except NotSignedIn:
                raise
            except Problem as problem:
                return [problem]

        return await self.together(
            documents, act_on, done, tone, at_once=1, deselects=deselects, what_next=what_next
        )

    async def together(
        self,
        documents: Sequence[Document],
        act: Callable[[Sequence[str]], Awaitable[Sequence[object | Problem]]],
        done: str,
        tone: str = "good",
        *,
        at_once: int = AT_ONCE,
        deselects: Iterable[str] = (),
        what_next: Callable[[], str] = str,
    ) -> bool:
        """As :meth:`each`, with an ``act`` that is applied to the ids of at most ``at_once`` documents and has a result
        for each."""
        failed: dict[str, str] = {}
        done_with: set[str] = set()
        user = self._main.session.user
        timer = self._main.set_timer(BUSY_DELAY, lambda: self._main.say(WORKING, "dim"))
        reported_at = monotonic()
        with self.counted():
            try:
                for start in range(0, len(documents), at_once):
                    ids = [document.id for document in documents[start : start + at_once]]
                    if monotonic() - reported_at > _REPORT_INTERVAL:
                        reported_at = monotonic()
                        self._main.say(f"{_some(len(done_with), documents, done)}…", "dim")
                    if self._main.session.user != user:
                        # The rest isn't the new user's to change.
                        failed |= dict.fromkeys(ids, f"not changed, since {user} signed out")
                        continue
                    try:
                        results = await act(ids)
                    except NotSignedIn:
                        raise
                    except Problem as problem:
                        results = [problem] * len(ids)
                    for ident, result in zip(ids, results, strict=True):
                        if isinstance(result, Problem):
                            failed[ident] = result.message
                        else:
                            done_with.add(ident)
            finally:
                timer.stop()
        # Rows selected in the meantime stay selected, and so does what failed.
        self._main.table.forget(set(deselects) - failed.keys())
        self._main.reload()
        count = len(documents) - len(failed)
        if failed:
            more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
            succeeded = f"{_some(count, documents, done)}; " if count else ""
            first = next(document for document in documents if document.id in failed)
            self._main.say(f"{succeeded}{printable(first.name)}: {failed[first.id]}{more}", "bad")
        else:
            self._main.say(f"{done.format(name_or_count(documents))}.{what_next()}", tone)
        return not failed
