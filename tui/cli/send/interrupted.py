"""Interrupted sends, for the commands."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ...rules.display import documents_text
from ...rules.errors import Conflict, Problem, Unreachable
from ...rules.sent_text import changed_text
from ...rules.text import printable
from ..base.common import CommandSession, answers_yes
from ..base.output import tell
from ..base.progress import tell_aside

if TYPE_CHECKING:
    from ...clients.share import ShareClient
    from ...sending.job.job import SendJob
    from ...sending.journal.journal import Journal
    from ...sending.journal.journal_contents import Contents
    from ...sending.journal.unfinished import UnfinishedSend
    from ...sending.resuming import SendStatus
    from ...sending.sources import SendSource
    from ...wire.share import Document

_JUST_SENT = "The same items have just been sent by another process."


class Interruptions:
    """The journals of one user's sends on the current server."""

    def __init__(self, session: CommandSession, user: str) -> None:
        from ...sending.journal.journal import server_of

        self._state = session.config.places.state
        self._server = server_of(session.target)
        self._user = user
        #: Equal sends that ended before that are of no interest.
        self._began = session.began

    def new(self) -> Journal:
        """The journal of a new send."""
        from ...sending.journal.journal import Journal

        journal = Journal(self._state, self._server, self._user)
        journal.on_problem = _tell_problem
        return journal

    def left(self) -> list[UnfinishedSend]:
        """The unfinished sends, oldest first."""
        from ...sending.journal.unfinished import unfinished_sends

        return unfinished_sends(self._state, self._server, self._user, datetime.now(UTC))

    def take(self, ident: str, *, in_background: bool = False) -> Journal:
        """Lock the journal of a send to continue it. Raises :class:`NotFound`, or :class:`Conflict` if another process
        has it."""
        from ...sending.journal.journal import Journal, unknown

        found = next((each.contents for each in self.left() if each.contents.id == ident), None)
        if found is None:
            raise unknown(printable(ident))
        journal = Journal.take(self._state, found, in_background=in_background)
        journal.on_problem = _tell_problem
        return journal

    async def status(
        self, share: ShareClient, send: UnfinishedSend, *, offline: bool = False
    ) -> SendStatus | None:
        """The state of a send; what its journal says if the server can't tell, or with ``offline`` can't be reached.

        ``None`` if it is no longer of interest; then its journal is deleted, unless another process has it, or nothing
        is known of it. Raises :class:`Unreachable`.
        """
        from ...sending.resuming import query_status, status_from_journal

        try:
            state = await query_status(share, send.contents, running=send.running)
        except Problem as problem:
            if isinstance(problem, Unreachable) and not offline:
                raise
            if send.contents.unreadable:
                return None
            return status_from_journal(send.contents, running=send.running)
        if send.contents.unreadable and (state.send is None or not send.outdated):
            # The server knows of no document either; it may be another server's send.
            return None
        if not send.outdated or state.unseen:
            return state
        with suppress(Problem):
            self.take(send.contents.id).remove()
        return None

    async def same(self, share: ShareClient, sources: Iterable[SendSource]) -> Contents | None:
        """An interrupted send of the same items that the user wants to resume; ``None`` if there is none.

        Raises :class:`Conflict` if the user doesn't want that or can't be asked, or if another process is sending these
        items, or has sent them since this one was started.
        """
        from ...sending.resuming import query_status

        records = _records(sources)
        contents = self._same(records)
        if contents is None:
            if self._overtaken(records):
                if not answers_yes(f"{_JUST_SENT} Send them again?", default=False):
                    raise _just_sent()
                self._began = time.monotonic()
            return None
        state = await query_status(share, contents)
        count, total = len(state.published), len(contents.entries)
        message = f"A send of the same items was interrupted: {count:,} of {total:,} are published."
        if not answers_yes(f"{message} Resume it?"):
            raise _interrupted(message, contents)
        return contents

    async def begin(self, job: SendJob, sources: Iterable[SendSource], *, anew: bool) -> None:
        """Write the journal of a new send. Raises :class:`Conflict` if there is a send of the same items by now, or was
        one since the start, unless ``anew``."""
        from ...sending.journal.journal import FOLDER
        from ...sending.journal.journal_file import locked

        with nullcontext() if anew else locked(self._state / FOLDER):
            if not anew:
                records = _records(sources)
                contents = self._same(records)
                if contents is not None:
                    raise _interrupted("A send of the same items was interrupted just now.", contents)
                if self._overtaken(records):
                    raise _just_sent()
            await job.record()

    def _same(self, records: Sequence[Mapping[str, Any]]) -> Contents | None:
        """An interrupted send of the same items. Raises :class:`Conflict` if another process is sending these."""
        from ...sending.journal.same_items import digest

        wanted = self._digest(records)
        for each in self.left():
            contents = each.contents
            if digest(contents.by, (entry.source for entry in contents.entries)) != wanted:
                continue
            if each.running:
                raise Conflict(
                    "send.running",
                    f"Another process is sending the same items ({contents.id}). Wait until it is done, or send them "
                    "again with --anew. To see how far it is: sentlinks sends",
                )
            return contents
        return None

    def _overtaken(self, records: Sequence[Mapping[str, Any]]) -> bool:
        """Whether another process has sent the same items since this one was started. To be asked after
        :meth:`_same`: a send leaves its end before its journal goes."""
        from ...sending.journal.same_items import ended_since

        return ended_since(self._state, self._digest(records), self._began)

    def _digest(self, records: Sequence[Mapping[str, Any]]) -> str:
        from ...sending.journal.same_items import digest

        return digest({"server": self._server, "user": self._user}, records)


def _records(sources: Iterable[SendSource]) -> list[dict[str, Any]]:
    from ...sending.recorded_sources import source_record

    return [source_record(source) for source in sources]


def _tell_problem(journal: Journal) -> None:
    """Report that a journal can't be written."""
    reason = printable(journal.problem)
    if journal.held:
        tell_aside(f"If this send is interrupted, it may not be possible to resume it: {reason}.")
    else:
        tell_aside(f"This send can't be resumed if it is interrupted: {reason}.")


def _just_sent() -> Conflict:
    return Conflict("send.just_sent", f"{_JUST_SENT} See sentlinks links, or send them again with --anew.")


def _interrupted(message: str, contents: Contents) -> Conflict:
    return Conflict(
        "send.interrupted",
        f"{message} Resume it with sentlinks send --resume {contents.id}, discard it with sentlinks send --discard "
        f"{contents.id}, or send them again with --anew.",
    )


def tell_damaged(journal: Journal) -> None:
    """If the journal of a send that ends now was damaged, say what that means, and where it is kept."""
    if journal.contents.damaged:
        tell(
            f"The send's journal was damaged, and may not have all of its documents. It is now {_aside(journal)}."
        )


def _aside(journal: Journal) -> str:
    from ...sending.journal.journal_file import aside_of

    return printable(str(aside_of(journal.path)))


async def tell_unseen(share: ShareClient, interruptions: Interruptions) -> None:
    """Report, once, what earlier sends published without showing it, with the links."""
    for each in interruptions.left():
        if each.running or not (each.contents.opened or each.contents.damaged):
            continue
        if each.contents.in_background and not os.isatty(2):
            # The app shows them; a script's output may be read by no one.
            continue
        state = await interruptions.status(share, each, offline=True)
        if state is None:
            continue
        if state.password_unknown:
            # Its links are useless until it has a new password.
            tell(
                "An earlier send ended before it showed its links and generated password; to resume it with a new one: "
                f"sentlinks send --resume {each.contents.id}"
            )
        elif state.unseen or not state.missing:
            _report(interruptions, state)


def tell_changed(documents: Sequence[Document]) -> None:
    """Tell what went out of documents whose files changed while they were sent."""
    for document in documents:
        tell(f"{printable(document.name)} {changed_text(document.size, document.sha256)}")


def _tell_links(why: str, state: SendStatus) -> None:
    """Tell the links of a send that no one has seen, if there are any, and ``why`` there are."""
    if not state.unseen:
        return
    tell(f"{why} It published {documents_text(len(state.unseen))}:")
    for document in state.unseen:
        tell(f"{printable(document.name)}: {document.url}")
    tell_changed(state.changed)


def _report(interruptions: Interruptions, state: SendStatus) -> None:
    from ...sending.journal.journal import UNWRITABLE

    try:
        journal = interruptions.take(state.contents.id)
    except Problem as problem:
        if problem.code == UNWRITABLE:
            _tell_links(problem.message, state)
        # Else another process is resuming or reporting it right now.
        return
    missing = len(state.missing)
    if journal.contents.damaged:
        ended = f"The journal of an earlier send was damaged, and is now {_aside(journal)}."
    else:
        ended = "An earlier send ended, and its links may not have been seen."
    _tell_links(ended, state)
    state.note(journal)
    journal.shown()
    if missing:
        tell(f"It did not send {documents_text(missing)}; to resume it: sentlinks send --resume {journal.id}")
        journal.release()
    else:
        journal.remove()
