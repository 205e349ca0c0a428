"""The documents of a Secure Sent Links folder that a command acts on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ...commands.lookup import spelled
from ...rules.display import distinguished, is_and_it, moment_text
from ...rules.errors import NotFound
from ...rules.text import printable
from ..base.command_group import nothing_chosen, still_loading
from ..base.screen_commands import HIDDEN, NOT_OPEN, one_of
from ..draft.copying import no_codes_reason

if TYPE_CHECKING:
    from ...wire.share import Document
    from ..base.host import Host
    from ..widgets.table import Row

#: How it ends what is said of links that nothing can be done with, since they don't work.
ALREADY_OFF = "already off."
ALL_OFF = f"All selected links are {ALREADY_OFF}"
#: The commands that hand out links. They leave out those that don't work.
_HANDS_OUT = ("copy_link", "plain_links", "write_mail", "show_code")
#: The commands for which one must own the folder.
_OWNERS = (
    "unpublish",
    "send_again",
    "delete",
    "copy_link",
    "plain_links",
    "write_mail",
    "show_code",
    "whole_send",
    "unlock",
)


def is_live(document: Document) -> bool:
    """Whether it has a link that works, so that it can be handed out."""
    return document.published and bool(document.url)


def left_out_text(left_out: int, count: int) -> str:
    """What is said of links that were ``left_out`` because they are off; empty if there are none."""
    are, _ = is_and_it(left_out)
    return f"{left_out:,} of {count:,} links {are} off and left out." if left_out else ""


def _told_apart(documents: Sequence[Document]) -> list[str]:
    """Their names; those that are the same with whom each was sent to, if it wasn't the same people, then with when and
    from what, and at last with the ID."""
    from ...rules.sent_text import recipients_apart, source_text

    names = [each.name for each in documents]
    same: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        same.setdefault(name.casefold(), []).append(index)
    sent = [f"sent {moment_text(each.sent_at)} from {source_text(each.source)}" for each in documents]
    ids = [f"ID {each.id}" for each in documents]
    first, then = list(sent), list(ids)
    for indexes in same.values():
        people = recipients_apart([documents[index].recipients for index in indexes])
        for index, whom in zip(indexes, people, strict=True):
            if whom and len(set(people)) > 1:
                first[index], then[index] = f"to {whom}", sent[index]
    return distinguished(names, first, then, ids)


class ChosenDocuments:
    """The documents under the cursor or selected, and why a command can't be used for them."""

    def __init__(self, main: Host) -> None:
        self.main = main

    @property
    def listed(self) -> list[Document]:
        """The documents as they are in the list."""
        return [row.data for row in self.main.chosen]

    def name_of(self, document: Document) -> str:
        """The name of a document; if the list has others of that name, with what tells it apart there."""
        return self.names_of([document])[0]

    def names_of(self, documents: Sequence[Document]) -> list[str]:
        """Their names as :meth:`name_of` gives them."""
        keys = {document.id for document in documents}
        others = [row.data for row in self.main.table.rows if row.key not in keys]
        found = _told_apart([*documents, *others])
        return [printable(name) for name in found[: len(documents)]]

    def _quoted(self, document: Document) -> str:
        return f"“{self.name_of(document)}”"

    async def current(self, rows: list[Row]) -> list[Document]:
        """Return the documents of rows. Rows that aren't in the list aren't kept current: theirs are reloaded."""
        from ...sending.gather_limited import gather_limited

        listed = {row.key for row in self.main.table.rows}

        async def reloaded(row: Row) -> Document | None:
            with suppress(NotFound):
                return row.data if row.key in listed else await self.main.session.share.document(row.key)
            return None

        return [document for document in await gather_limited(map(reloaded, rows)) if document is not None]

    def disabled_reason(self, ident: str) -> str | None:
        """Why the command ``folder.<ident>`` is disabled for them; ``None`` if it is enabled."""
        if not self.main.browser.kind.offers(f"folder.{ident}"):
            return HIDDEN
        if not self.main.ready:
            return NOT_OPEN
        if why := still_loading(self.main):
            return why
        folder = self.main.session.folder(self.main.browser.location)
        if ident in _OWNERS and folder is not None and folder.role != "owner":
            return f"Only the owner ({folder.owner}) can do that. You have read access."
        documents = self.listed
        if ident == "show_code" and (why := no_codes_reason()):
            return why
        if not documents:
            return nothing_chosen(self.main, "Choose a document first.")
        if ident == "fetch":
            return one_of(self.main.chosen, "a document")
        return self._reason_of(ident, documents)

    def _reason_of(self, ident: str, documents: list[Document]) -> str | None:
        """Why a command can't be used for these documents."""
        if ident == "unpublish" and not any(d.published for d in documents):
            return f"{self._quoted(documents[0])} is {ALREADY_OFF}" if len(documents) == 1 else ALL_OFF
        if ident == "unlock" and not any(d.locked or d.throttled for d in documents):
            return "No recipient has to wait after wrong passwords."
        if ident in _HANDS_OUT and not any(map(is_live, documents)):
            return self._off(documents)
        return None

    def _off(self, documents: Sequence[Document]) -> str:
        """Why the links of documents, none of which works, aren't handed out."""
        again = spelled("{folder.send_again}", self.main.screen.app)
        if len(documents) > 1:
            return f"All of their links are off; {again} sends the documents again."
        from ...rules.sent_text import reason_text

        (document,) = documents
        reason = reason_text(document.why_off)
        why = f" ({reason})" if reason else ""
        return f"The link of “{printable(document.name)}” is off{why}; {again} sends the document again."
