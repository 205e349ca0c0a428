"""Changing documents one after another, and telling which of them have changed by that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...rules.errors import NotFound
from ...rules.text import printable
from . import outcomes
from .outcomes import Result

if TYPE_CHECKING:
    from ...clients.share import ShareClient
    from ...wire.share import Document
    from .common import CommandSession


@dataclass(frozen=True)
class DocumentAct:
    """What a command does to each document: ``act``. ``done`` is said of one that has changed, ``was_so`` of one of
    which ``is_so`` was true before: nothing undoes that."""

    act: Callable[[ShareClient, str], Awaitable[Document]]
    done: str
    is_so: Callable[[Document], bool]
    was_so: str


@dataclass
class ActedOn:
    """What came of an act on several documents."""

    session: CommandSession
    kind: DocumentAct
    results: list[Result] = field(default_factory=list)
    _unchanged: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, session: CommandSession, ids: Sequence[str], kind: DocumentAct) -> ActedOn:
        """Change the documents ``ids``."""
        changed = cls(session, kind)
        changed.results = session.share(
            lambda share: outcomes.for_each(ids, lambda ident: changed._change(share, ident))
        )
        return changed

    async def _change(self, share: ShareClient, ident: str) -> Document:
        was_so = False
        # The act says itself what is wrong.
        with suppress(NotFound):
            was_so = self.kind.is_so(await share.document(ident))
        document = await self.kind.act(share, ident)
        if was_so:
            self._unchanged.add(document.id)
        return document

    def tell(self) -> int:
        """Print the results, with a message for each document that succeeded, and return the exit status."""
        for result in self.results:
            if result.document:
                was_so = result.document.id in self._unchanged
                what = self.kind.was_so if was_so else self.kind.done
                self.session.inform(f"{printable(result.document.name)}: {what}.")
        return outcomes.finish(self.session, self.results)

    def tell_undo(self, command: str, one: str, many: str) -> None:
        """Say which ``command`` undoes it, for the documents that have changed."""
        ids = [each.document.id for each in self.results if each.document]
        ids = [ident for ident in ids if ident not in self._unchanged]
        outcomes.tell_undo(self.session, command, ids, one, many)
