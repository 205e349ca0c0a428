"""``sentlinks resend``: new settings for documents that were sent."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import click

from ...rules.text import printable
from ..base import common, outcomes
from ..base.common import CommandSession
from ..base.next_command import server_words
from ..base.options import DOCUMENT_ID, option
from ..base.outcomes import Result
from ..base.output import tell
from ..base.short_ids import whole_documents
from ..plain import missing
from . import delivery, fields
from .link_settings import check_preset, recipients_of, settings_of
from .recipients import keep_recipients, look_at_recipients, notes_fields, tell_replaced_recipients

if TYPE_CHECKING:
    from ...clients.share import ShareClient
    from ...rules.link_settings import LinkSettings
    from ...rules.odd_recipients import RecipientsNote
    from ...wire.share import Document


@click.command("resend")
@click.argument("ids", nargs=-1, type=DOCUMENT_ID, metavar="ID...")
@fields.field_options(kept=True)
@option("--no-password", is_flag=True, help="No password.")
@option("--new-address", is_flag=True, help="A new link; the old one stops working.")
@delivery.delivery_options(to="unchanged")
@common.remote
def resend_command(
    session: CommandSession,
    /,
    ids: tuple[str, ...],
    new_address: bool,
    delivered: delivery.LinkDelivery,
    **given: Any,
) -> int:
    """Publish sent documents again.

    Their download count starts at zero. Settings that you leave out are kept. Nothing is uploaded, and the links stay
    the same unless you ask for new ones. If a link went to the wrong person, --new-address --to ADDRESS --drafts ends
    it, and drafts the e-mail with the new one for the right person.
    """
    asked = None
    if missing.is_asked(session):
        asked = missing.ask_for_resend(session, ids, given, delivered.recipients, asks=not delivered.yes)
        ids, given = asked.documents, given | asked.settings.options
        delivered = delivered.to_whom(asked.settings.recipients)
    elif not ids:
        raise click.UsageError("Missing argument 'ID...'.")
    recipients = delivered.recipients
    mailing = delivered.check(session)
    chosen = replace(fields.read_fields(**given), recipients=recipients)
    if asked is not None and asked.settings.password is not None:
        chosen = replace(chosen, password=asked.settings.password)
    check_preset(session, chosen)
    ids = whole_documents(session, ids)

    before = _Before()
    odd: list[RecipientsNote] = []
    #: Whom the links are for by now, if that was said here or by a preset.
    named: list[str] = []

    async def body(share: ShareClient) -> tuple[list[Result], str | None, str]:
        from ...wire.share import Resend

        me = await share.me()
        settings, made = await settings_of(session, share, chosen, me.now)
        whom = recipients_of(settings)
        named.extend(whom)
        looked_at = recipients if asked is not None else ()
        odd.extend(
            await look_at_recipients(session, share, whom, asks=not delivered.yes, looked_at=looked_at)
        )
        request = Resend(**settings.fields(), new_address=new_address)

        async def resend(identity: str) -> Document:
            old = await share.document(identity)
            with fields.naming_options():
                again = await share.resend(identity, request)
            before.note(old, settings, new_address=new_address)
            return again

        results = await outcomes.for_each(ids, resend)
        tell_replaced_recipients(before.same_links, whom)
        return await keep_recipients(share, results, whom), made, me.sender

    results, made, sender = session.share(body)
    results = [before.told(result) for result in results]
    if not any(result.document for result in results):
        made = None
    status = outcomes.finish(session, results, **({"password": made} if made else {}), **notes_fields(odd))
    documents = [result.document for result in results if result.document]
    if not session.json:
        delivery.print_links(documents)
        if made:
            delivery.tell_password(made)
    if documents:
        delivery.tell_strength(session, chosen.password)
    _tell_replaced(session, before.replaced, named, mail=delivered.has_mail)
    # Those who had the old link don't get the new one.
    undelivered = delivered.deliver(session, documents, sender, mailing, to_kept=not new_address)
    again = [document.id for document in documents]
    outcomes.tell_undo(session, "unpublish", again, "stops its link", "stops their links")
    return status or undelivered


@dataclass
class _Before:
    """The documents as they were, as far as something is told of that."""

    #: With the links that new ones have replaced, and with those that are the same.
    replaced: list[Document] = field(default_factory=list)
    same_links: list[Document] = field(default_factory=list)
    #: The settings by which links end before they would have, with the document as it was, by its id.
    less: dict[str, tuple[list[str], Document]] = field(default_factory=dict)

    def note(self, old: Document, settings: LinkSettings, *, new_address: bool) -> None:
        """Keep ``old``, which was published again with ``settings``."""
        from ...rules.given_before import lessened

        (self.replaced if new_address else self.same_links).append(old)
        if names := lessened(old, settings):
            self.less[old.id] = names, old

    def told(self, result: Result) -> Result:
        """The result with what is less than before, which is told."""
        return _with_before(result, *self.less[result.id]) if result.id in self.less else result


def _with_before(result: Result, names: Sequence[str], before: Document) -> Result:
    """Tell what of a document's settings is less than before, and keep with the result what it was."""
    from ...rules.given_before import lessened_text
    from ...rules.typed_settings import TYPED

    if result.document is not None:
        for name in names:
            tell(f"{lessened_text(name, result.document, before)}.")
    had = before.model_dump(mode="json")
    return replace(result, before={TYPED[name].attribute: had[TYPED[name].attribute] for name in names})


def _tell_replaced(
    session: CommandSession, replaced: Sequence[Document], named: Sequence[str], *, mail: bool
) -> None:
    """Tell which links were replaced and, unless there is an e-mail, how whom the new ones are for gets them."""
    from ...sending.stopped_links import replaced_text

    for old in replaced:
        tell(replaced_text([old]))
    if replaced and not mail:
        words = [word for each in named for word in ("--to", each)]
        # Without anybody named, it isn't whoever had the old link.
        to = shlex.join(words) or "--to ADDRESS"
        ids = " ".join(document.id for document in replaced)
        server = server_words()
        session.inform(f"To e-mail what is new: sentlinks mail {ids} {printable(to)} --drafts{server}")
