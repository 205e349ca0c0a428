"""What was done to documents of Share and can be undone, the last of it first. No Textual, and no ``await``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ...wire.share import Document
    from .undo import Undo


class ComingBack:
    """The documents that are brought back from the trash, until that is reported, which may take a while: the report of
    the deletion that is undone may come later still."""

    def __init__(self) -> None:
        #: Until when, by the server's clock, the deletion of each was noted: what is noted later is another one.
        self._deleted_until: dict[str, datetime] = {}

    def begin(self, undo: Undo, idents: Iterable[str]) -> None:
        """Note that these are brought back, which ``undo`` has deleted."""
        for ident in idents:
            if (at := undo.reported_until(ident)) is not None:
                self._deleted_until[ident] = at

    def end(self, idents: Iterable[str]) -> None:
        """Note that these stay in the trash."""
        for ident in idents:
            self._deleted_until.pop(ident, None)

    def is_past(self, ident: str, event: str, at: datetime | None) -> bool:
        """Whether a report is of the deletion that is undone, or of one before. ``at`` is the server's time.

        It isn't taken for granted that the return is reported, too: that can be lost with the connection.
        """
        until = self._deleted_until.get(ident)
        if until is None or event not in ("published", "restored", "deleted"):
            return False
        is_past = at is not None and at <= until
        if event == "deleted" and (is_past or at is None):
            return True
        if not is_past:
            del self._deleted_until[ident]
        return False


class Taken(NamedTuple):
    """An undo that is under way, and those of what was done before it."""

    undo: Undo
    earlier: tuple[Undo, ...]


class UndoOrder:
    """Owns the undos, from the key press on, until one is done, or nothing is left for it. ``withdrawn`` is called for
    each that can no longer be had."""

    def __init__(self, withdrawn: Callable[[Undo], object]) -> None:
        self._withdrawn = withdrawn
        #: The last of what was done is at the end.
        self._undos: list[Undo] = []
        #: The last of them when something was done that can't be undone.
        self._given_up: Undo | None = None
        self._coming_back = ComingBack()

    def __iter__(self) -> Iterator[Undo]:
        return iter(self._undos)

    @property
    def last(self) -> Undo | None:
        """What was done last, while it can be undone."""
        return self._undos[-1] if self._undos else None

    @property
    def is_given_up(self) -> bool:
        """Whether what was done last could still be undone, if nothing else had been done since."""
        return self._given_up is not None and not self._given_up.is_over

    def begin(self, undo: Undo) -> None:
        """Note what is about to be done: it is undone before what was done earlier, which, for the same documents, may
        not be undone any more."""
        self._given_up = None
        for earlier in self._undos[:]:
            earlier.precede(undo)
            if earlier.is_moot:
                self.withdraw(earlier)
        self._undos.append(undo)

    def give_up(self) -> None:
        """Something is done that isn't undone here: neither is what was done before it."""
        self._given_up = self.last or self._given_up
        for undo in reversed(self._undos[:]):
            self.withdraw(undo)

    def forget(self) -> None:
        """Nothing that was done is the user's: it is another one."""
        self.give_up()
        self._given_up = None

    def withdraw(self, undo: Undo) -> None:
        """Withdraw an undo: something else was done, or it is too late. Earlier ones lose its documents."""
        if undo not in self._undos:
            return
        earlier = self._undos[: self._undos.index(undo)]
        self._undos.remove(undo)
        self._drop(earlier, undo.ids)
        self._withdrawn(undo)

    def happened_to(self, ident: str, event: str, at: datetime | None) -> bool:
        """Withdraw what ``event`` leaves nothing of; ``at`` is the server's time. Returns whether it is news, not of a
        deletion that was undone."""
        if self._coming_back.is_past(ident, event, at):
            return False
        for undo in self._undos[:]:
            undo.changed(ident, event, at)
            if undo.is_moot:
                self.withdraw(undo)
        return True

    # ------------------------------------------------------------ bringing back

    def take(self) -> Taken | None:
        """Take the last undo, to bring its documents back; ``None`` if there is none."""
        if not self._undos:
            return None
        undo = self._undos.pop()
        return Taken(undo, tuple(self._undos))

    def documents(self, taken: Taken) -> list[Document]:
        """The documents to bring back, without those to which something was done since that isn't undone."""
        later = (each for each in self._undos if each not in taken.earlier)
        waiting = {document.id for undo in later for document in undo.documents}
        return [document for document in taken.undo.documents if document.id not in waiting]

    def coming_back(self, taken: Taken, idents: Iterable[str]) -> None:
        """Note that the server is about to be asked for these."""
        if taken.undo.FROM_TRASH:
            self._coming_back.begin(taken.undo, idents)

    def brought_back(self, taken: Taken, document: Document) -> None:
        """Note that a document is back."""
        for each in taken.earlier:
            each.later_undone(document)
        taken.undo.drop(document.id)

    def not_brought_back(self, taken: Taken, idents: Sequence[str], *, for_good: bool) -> None:
        """Note that these aren't; ``for_good`` if that can't be tried again."""
        self._coming_back.end(idents)
        if for_good:
            self._drop([*taken.earlier, taken.undo], idents)

    def settle(self, taken: Taken) -> None:
        """Withdraw those of earlier acts of which nothing is left by what was brought back."""
        self._drop(taken.earlier, ())

    def put_back(self, taken: Taken) -> bool:
        """Let it be tried again for what is left, after what was done since. Returns whether it can be."""
        undo = taken.undo
        if not undo.documents or undo.is_moot or undo.is_over:
            return False
        place = sum(each in taken.earlier for each in self._undos)
        self._undos.insert(place, undo)
        return True

    def _drop(self, undos: Iterable[Undo], idents: Iterable[str]) -> None:
        """Undo earlier acts no more for these documents, to which something was done since that isn't undone; and no
        act of which nothing is left."""
        for undo in undos:
            for ident in idents:
                undo.drop(ident)
            if undo.is_moot:
                self.withdraw(undo)
