"""Sends that were interrupted, as the commands know them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..rules.errors import Conflict, Problem
from ..rules.text import printable
from .common import Session, asks
from .output import tell

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..sending.journal import Contents, Journal, Left
    from ..sending.plan import Source
    from ..sending.resuming import Standing


class Interruptions:
    """The journals of one person's sends on the server in force."""

    def __init__(self, session: Session, user: str) -> None:
        from ..sending.journal import server_of

        self._state = session.config.places.state
        self._server = server_of(session.target)
        self._user = user
        self._session = session

    def new(self) -> Journal:
        """The journal of a new send."""
        from ..sending.journal import Journal

        return Journal(self._state, self._server, self._user)

    def left(self) -> list[Left]:
        """What is not done, the oldest first."""
        from ..sending.journal import left

        return left(self._state, self._server, self._user, datetime.now(UTC))

    def take(self, ident: str) -> Journal:
        """Holds one, to go on with it. Raises :class:`NotFound`, :class:`Conflict` where another process has it."""
        from ..sending.journal import Journal, unknown

        found = next((each.contents for each in self.left() if each.contents.id == ident), None)
        if found is None:
            raise unknown(printable(ident))
        return Journal.take(self._state, found)

    async def same(self, share: ShareClient, sources: Iterable[Source]) -> Contents | None:
        """A send of the same items that was interrupted, where the user wants it to go on.

        Raises :class:`Conflict` where it is not known what they want.
        """
        from ..sending.resuming import standing
        from ..sending.sources import identity, said_of

        wanted = sorted(identity(said_of(source)) for source in sources)
        for each in self.left():
            contents = each.contents
            if sorted(identity(entry.source) for entry in contents.entries) != wanted:
                continue
            if each.running:
                raise Conflict(
                    "send.running",
                    f"The same items are being sent by another process ({contents.id}). "
                    "Wait until it is done, or send them once more with --anew.",
                )
            found = await standing(share, contents)
            count, total = len(found.published), len(contents.entries)
            told = (
                f"The same items were being sent, and that was interrupted: {count} of {total} are published."
            )
            if not asks(f"{told} Go on with that send?"):
                raise Conflict(
                    "send.interrupted",
                    f"{told} Go on with sentlinks send --resume {contents.id}, give it up with --discard "
                    f"{contents.id}, or send them once more with --anew.",
                )
            return contents
        return None


async def tell_unseen(share: ShareClient, found: Interruptions) -> None:
    """Tells, once, what earlier sends have published before they ended, with its links."""
    from ..sending.resuming import as_told, standing

    for each in found.left():
        if each.running or not each.contents.opened:
            continue
        try:
            stands = await standing(share, each.contents)
        except Problem:
            stands = as_told(each.contents)
        if stands.password_unknown:
            # Its links are of no use to anybody before it has another one.
            tell(
                "An earlier send ended before its generated password was shown; to go on with a new one: "
                f"sentlinks send --resume {each.contents.id}"
            )
        elif stands.unseen or not stands.missing:
            _tell(found, stands)


def _tell(found: Interruptions, stands: Standing) -> None:
    try:
        journal = found.take(stands.contents.id)
    except Problem:
        # Another process goes on with it, or tells it, at this moment.
        return
    count, missing = len(stands.unseen), len(stands.missing)
    if count:
        what = "this document" if count == 1 else f"these {count} documents"
        tell(f"An earlier send ended before its links were shown. It published {what}:")
        for document in stands.unseen:
            tell(f"{printable(document.name)}: {document.url}")
    stands.note(journal)
    journal.shown()
    if missing:
        what = "1 document" if missing == 1 else f"{missing} documents"
        tell(f"It has not sent {what}; to go on with it: sentlinks send --resume {journal.id}")
        journal.release()
    else:
        journal.remove()
