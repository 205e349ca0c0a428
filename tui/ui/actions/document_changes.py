"""Changes to documents in Share: asking about them, making them one after the other, and undoing the last ones."""

from __future__ import annotations

from asyncio import Lock
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from ...commands.lookup import spelled
from ...rules.display import documents_text
from ...rules.errors import Conflict, NotFound, NotSignedIn, Problem, Unreachable
from ...rules.text import printable
from ..base.workers import BUSY_DELAY
from .undo_order import UndoOrder

if TYPE_CHECKING:
    from datetime import datetime

    from ...wire.share import Document
    from ..base.host import Host
    from .last_acts import LastActs
    from .undo import Undo
    from .undo_order import Taken

WORKING = "Working…"
#: Why a document can't be unpublished that just was, as long as that can be undone.
STILL_UNDOABLE = "It is already off. {folder.undo_unpublish} undoes that."
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
    """Makes and counts changes to documents: while any are under way, quitting asks first. Those that can be undone are
    kept for that, until one that can't be withdraws them."""

    def __init__(self, main: Host, acts: LastActs) -> None:
        """``acts`` are those of the user that can be undone, too: what was done before a change is not."""
        self._main = main
        self.acts = acts
        #: What was done and can be undone.
        self.undos = UndoOrder(self._withdrawn)
        self._changing = 0
        #: Makes changes and undo wait for each other, if pressed faster than the server responds.
        self._one_by_one = Lock()
        #: What was said when the server could not be reached for a change, and what to say once it answers.
        self._unreached = "", ""
        #: The documents that the user is being asked about, and the question.
        self._asked: set[str] = set()
        self._question = ""

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

    # ------------------------------------------------------------ making changes

    async def each(
        self,
        documents: Sequence[Document],
        act: Callable[[str], Awaitable[object]],
        done: str,
        tone: str = "good",
        *,
        deselects: Iterable[str] = (),
    ) -> bool:
        """Apply ``act`` to the id of each document and show the outcome. Returns whether all of them succeeded.

        ``done`` says what was done (``Unpublished {}``). ``deselects`` are the keys of rows whose selection ends with
        that, except those of documents that failed. What was done before can't be undone after that.
        """
        self.is_final()

        async def act_on(ids: Sequence[str]) -> list[object | Problem]:
            try:
                return [await act(*ids)]
            except NotSignedIn:
                raise
            except Problem as problem:
                return [problem]

        return await self._together(documents, act_on, done, tone, at_once=1, deselects=deselects)

    def is_final(self) -> None:
        """Something is done that isn't undone here: neither is what was done before it."""
        self.acts.forget()
        self.undos.give_up()

    def forget(self) -> None:
        """Nothing that was done is the user's: it is another one."""
        self.acts.forget()
        self.undos.forget()

    def begin(self, undo: Undo) -> None:
        """Note what is about to be done: it is undone before what was done earlier, which, for the same documents, may
        not be undone any more."""
        self.acts.forget()
        self.undos.begin(undo)

    async def with_undo(
        self, undo: Undo, documents: Sequence[Document], done: str, *, deselects: Iterable[str] = ()
    ) -> bool:
        """Do to documents what ``undo`` undoes, which was noted by :meth:`begin`, as :meth:`each` does it."""
        windows: list[float] = []

        async def act(ids: Sequence[str]) -> list[Document | Problem]:
            began = monotonic()
            results = await undo.do(self._main.session.share, ids)
            took = timedelta(seconds=monotonic() - began)
            documents = [result for result in results if not isinstance(result, Problem)]
            now = self._main.session.now()
            windows.extend(undo.answered(document, now, took).total_seconds() for document in documents)
            return results

        async with self._one_by_one:
            try:
                return await self._together(documents, act, done, at_once=AT_ONCE, deselects=deselects)
            finally:
                undo.drop_unanswered()
                self._begin_window(undo, max(windows, default=0.0))

    async def _together(
        self,
        documents: Sequence[Document],
        act: Callable[[Sequence[str]], Awaitable[Sequence[object | Problem]]],
        done: str,
        tone: str = "good",
        *,
        at_once: int,
        deselects: Iterable[str] = (),
        what_next: Callable[[], str] = str,
    ) -> bool:
        """As :meth:`each`, with an ``act`` that is applied to the ids of at most ``at_once`` documents and has a result
        for each. ``what_next`` gives the end of the sentence about a success."""
        failed: dict[str, str] = {}
        is_away = False
        done_with: set[str] = set()
        user = self._main.session.user
        is_over = False

        def show_working() -> None:
            # A timer that has fired when it is stopped calls back all the same: that must not cover the outcome.
            if not is_over:
                self._main.say(WORKING, "dim")

        timer = self._main.screen.set_timer(BUSY_DELAY, show_working)
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
                            is_away = is_away or isinstance(result, Unreachable)
                        else:
                            done_with.add(ident)
            finally:
                is_over = True
                timer.stop()
        # Rows selected in the meantime stay selected, and so does what failed.
        deselected = set(deselects) - failed.keys()
        self._main.table.forget(deselected)
        # If their list was left meanwhile, going back to it doesn't select them.
        self.acts.rows_done(deselected)
        self._main.reload()
        self._say_outcome(documents, failed, done, tone, what_next)
        if is_away:
            which = name_or_count([document for document in documents if document.id in failed])
            past = f"The server could not be reached: {which} may not have been changed."
            self._unreached = self._main.status.text, past
        return not failed

    def reached_again(self) -> None:
        """The server answers: what is said of changes for which it could not be reached is said as past."""
        (said, past), self._unreached = self._unreached, ("", "")
        if said and self._main.status.text == said:
            self._main.say(past, "warn")

    def _say_outcome(
        self,
        documents: Sequence[Document],
        failed: dict[str, str],
        done: str,
        tone: str,
        what_next: Callable[[], str],
    ) -> None:
        """Say what was done, and what ``failed``: the messages, by the ids of the documents."""
        if not failed:
            self._main.say(f"{done.format(name_or_count(documents))}.{what_next()}", tone)
            return
        count = len(documents) - len(failed)
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        succeeded = f"{_some(count, documents, done)}; " if count else ""
        first = next(document for document in documents if document.id in failed)
        self._main.say(f"{succeeded}{printable(first.name)}: {failed[first.id]}{more}", "bad")

    # ------------------------------------------------------------ asking about documents

    async def confirm(self, documents: Sequence[Document], question: str, detail: str, yes: str) -> bool:
        """Ask about documents. If all of them are deleted meanwhile, the question says that, and nothing is done."""
        self._asked, self._question = {document.id for document in documents}, question
        try:
            agreed = await self._main.confirm(question, detail, yes=yes, no="Keep")
            gone = not self._asked
        finally:
            self._asked = set()
        if gone:
            self._main.reload()
            what, them = ("They were", "them") if len(documents) > 1 else ("It was", "it")
            self._main.say(f"{what} deleted elsewhere, so nothing was done to {them}.", "warn")
        return agreed and not gone

    def _deleted_elsewhere(self, document: str) -> None:
        """Say so in the question about documents as soon as none of them is left."""
        self._asked.discard(document)
        if not self._asked:
            from ..base.question import Question

            for screen in self._main.screen.app.screen_stack:
                if isinstance(screen, Question) and screen.text[0] == self._question:
                    screen.settle("Deleted elsewhere meanwhile.")
                    break

    def happened_to(self, document: str, event: str, at: datetime | None) -> None:
        """Withdraw the undo, if with ``event`` nothing is left of what was done; ``at`` is the server's time."""
        if self.undos.happened_to(document, event, at) and event in ("deleted", "purged"):
            if document in self._asked:
                self._deleted_elsewhere(document)
            # Its row is gone from the list where it was.
            self.acts.rows_done({document})

    # ------------------------------------------------------------ undoing the last change

    @property
    def why_not_undone(self) -> str:
        """Why nothing can be undone here and now."""
        if self.undos.last is not None:
            return "What you did last can be undone in the folder where you did it."
        if self.undos.is_given_up:
            return "What you did last can't be undone, nor what you did before it."
        return "Nothing to undo."

    @property
    def can_undo(self) -> bool:
        """Whether what was done last can be undone, here and now."""
        undo, browser = self.undos.last, self._main.browser
        place = browser.location
        if undo is None or place is None or not self._main.ready or browser.pending is not None:
            return False
        return browser.kind.is_share_folder and place.id == undo.folder_id

    def can_undo_for(self, documents: Sequence[Document]) -> bool:
        """Whether that was done to all of ``documents``."""
        undo = self.undos.last
        return undo is not None and self.can_undo and undo.is_about(documents)

    def _withdrawn(self, undo: Undo) -> None:
        """Withdraw an undo from what is said, too."""
        self._main.screen.refresh_bindings()
        status = self._main.status
        said = status.lasting_text
        if undo.offer and said.startswith(undo.offer):
            # Something that failed since may be said behind it.
            status.say_below(undo.afterwards + said.removeprefix(undo.offer), status.lasting_tone)
        if status.text == spelled(STILL_UNDOABLE, self._main.screen.app):
            status.uncover()

    def offer(self, undo: Undo, done: str, otherwise: str = "") -> None:
        """Say what was ``done``, and the key that undoes it; as soon as it can't be undone, ``otherwise``."""
        undo.offer = undo.afterwards = f"{done}{otherwise}"
        if self.undos.last is undo and self.can_undo:
            undo.offer = f"{done}{spelled(' {folder.undo_unpublish} undoes it.', self._main.screen.app)}"
        self._main.say(undo.offer, "good")

    def _begin_window(self, undo: Undo, seconds: float) -> None:
        """Make it possible to undo for this long what is now known to be done."""
        if undo not in self.undos:
            undo.is_over = True
            return
        if undo.documents and not undo.is_moot:
            self._main.screen.set_timer(seconds, lambda: self._undo_is_over(undo))
            self._main.screen.refresh_bindings()
        else:
            self.undos.withdraw(undo)

    def _undo_is_over(self, undo: Undo) -> None:
        undo.is_over = True
        self.undos.withdraw(undo)

    async def undo_last(self) -> None:
        """Bring back, as they were, the documents that were unpublished or deleted last. Raises :class:`Problem`."""
        if (taken := self.undos.take()) is None:
            return
        self._main.screen.refresh_bindings()
        async with self._one_by_one:
            try:
                # By now it's known whether it was done at all, and whether all that was done later has been undone.
                if documents := self.undos.documents(taken):
                    await self._bring_back(taken, documents)
            finally:
                if self.undos.put_back(taken):
                    self._main.screen.refresh_bindings()

    async def _bring_back(self, taken: Taken, documents: Sequence[Document]) -> None:
        undo = taken.undo
        brought_back: list[Document] = []

        async def act(ids: Sequence[str]) -> list[Document | Problem]:
            self.undos.coming_back(taken, ids)
            try:
                results = await undo.bring_back(self._main.session.share, ids)
            except Problem:
                self.undos.not_brought_back(taken, ids, for_good=False)
                raise
            for ident, result in zip(ids, results, strict=True):
                if isinstance(result, Problem):
                    self.undos.not_brought_back(
                        taken, [ident], for_good=isinstance(result, Conflict | NotFound)
                    )
                else:
                    brought_back.append(result)
                    self.undos.brought_back(taken, result)
            self.undos.settle(taken)
            return results

        def tail() -> str:
            return undo.tail(brought_back)

        if len(documents) > 1:
            await self._together(documents, act, undo.BROUGHT_BACK, at_once=AT_ONCE, what_next=tail)
            return
        (document,) = documents
        with self.counted():
            (result,) = await act([document.id])
        if isinstance(result, Problem):
            if isinstance(result, Conflict | NotFound):
                self._main.reload()
            raise result
        # What is pressed next is meant for it.
        self._main.reload(document.id)
        self._main.say(f"{undo.said(brought_back).format(name_or_count(documents))}.{tail()}", "good")
