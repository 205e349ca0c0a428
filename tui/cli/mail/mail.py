"""``sentlinks mail``: an e-mail with the links of documents that were sent before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ...rules.address_book import mixed_note, united
from ...rules.addresses import check_addresses
from ...rules.errors import Failed, NotFound
from ...rules.missing import IN_TRASH
from ...rules.text import printable
from ..base import common, outcomes
from ..base.common import CommandSession
from ..base.next_command import server_words
from ..base.options import PUBLISHED_ID
from ..base.outcomes import Result
from ..base.output import tell
from ..base.short_ids import whole_documents
from ..send import delivery
from ..send.recipients import keep_recipients, look_at_recipients, notes_fields

if TYPE_CHECKING:
    from ...clients.share import ShareClient
    from ...wire.share import Document


@click.command("mail")
@click.argument("ids", nargs=-1, type=PUBLISHED_ID, required=True, metavar="ID...")
@delivery.delivery_options(to="whom the links are for")
@common.remote
def mail_command(session: CommandSession, /, ids: tuple[str, ...], delivered: delivery.LinkDelivery) -> int:
    """E-mail the links of documents that you have sent before.

    They are in the e-mail in the order given, unless they don't work any more. Without --to, it is for those who are
    kept with the links; otherwise --to replaces them.
    """
    if not delivered.has_mail:
        raise click.UsageError("Say where the e-mail goes: --mail FILE.eml, --drafts or --submit.")
    recipients = delivered.recipients
    ids = whole_documents(session, ids)

    async def find(share: ShareClient) -> tuple[list[Result], str]:
        async def working(identity: str) -> Document:
            return _working(await share.document(identity))

        return await outcomes.for_each(ids, working), (await share.me()).sender

    results, sender = session.share(find)
    documents = _documents(results)
    if not documents:
        return outcomes.finish(session, results)
    lists = [] if recipients else [document.recipients for document in documents]
    kept = check_addresses(united(lists))
    if mixed := mixed_note(lists):
        tell(mixed)
    odd = session.share(
        lambda share: look_at_recipients(session, share, recipients or kept, asks=not delivered.yes)
    )
    mailing = delivered.check(session, kept=kept, documents=documents)

    async def confirmed(share: ShareClient) -> list[Result]:
        # The question may have been answered much later.
        now = await _still_working(share, results)
        return await keep_recipients(share, now, recipients)

    results = session.share(confirmed)
    status = outcomes.finish(session, results, **notes_fields(odd))
    documents = _documents(results)
    for document in documents:
        if document.locked or document.throttled:
            tell(
                f"{printable(document.name)}: after wrong passwords, recipients have to wait. "
                f"sentlinks unlock {document.id}{server_words()} lets them try at once."
            )
    undelivered = delivered.deliver(session, documents, sender, mailing)
    return status or undelivered


def _working(document: Document) -> Document:
    """Raises the :class:`Problem` because of which the document's link can't be e-mailed."""
    from ...sending.stopped_links import why_stopped

    if document.deleted_at:
        raise NotFound("document.in_trash", IN_TRASH)
    if document.url is None:
        raise NotFound("document.not_owner", "Only its sender has its link, and can e-mail it.")
    if why := why_stopped(document):
        raise _stopped(document, why)
    return document


def _stopped(document: Document, why: str) -> Failed:
    message = f"Its link no longer works ({why}). sentlinks resend {document.id}{server_words()} publishes it again."
    return Failed("link.stopped", message)


def _documents(results: Sequence[Result]) -> list[Document]:
    """The documents that were found, each once."""
    return list({each.document.id: each.document for each in results if each.document}.values())


async def _still_working(share: ShareClient, results: Sequence[Result]) -> list[Result]:
    from ...sending.stopped_links import stopped_links

    stopped = {document.id: why for document, why in await stopped_links(share, _documents(results))}
    return [
        replace(each, document=None, error=_stopped(each.document, stopped[each.document.id]))
        if each.document is not None and each.document.id in stopped
        else each
        for each in results
    ]
