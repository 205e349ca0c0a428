"""Whom documents are for, in commands: what is odd about them, and changing them after the documents were sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...rules.errors import Failed, Problem
from ..base.common import CommandSession, answers_yes, has_terminal
from ..base.outcomes import Result
from ..base.output import tell

if TYPE_CHECKING:
    from ...clients.share import ShareClient
    from ...rules.odd_recipients import RecipientsNote
    from ...rules.policy import Policy
    from ...wire.share import Document


async def look_at_recipients(
    session: CommandSession,
    share: ShareClient,
    recipients: Sequence[str],
    policy: Policy | None = None,
    *,
    asks: bool = True,
    hidden: Sequence[str] = (),
    tells_new: bool = True,
    looked_at: Sequence[str] = (),
) -> list[RecipientsNote]:
    """What is odd about the recipients, told on standard error before anything is sent to them.

    What the policy warns of is asked once, if ``asks`` and there is a terminal. ``policy`` is read if it isn't given.
    ``hidden`` are recipients that aren't kept with the links. ``tells_new``: also that an address is new. Of those
    ``looked_at``, all was told and asked already.
    Raises :class:`PolicyBreach` for recipients that it refuses, :class:`Failed` if the answer is no.
    """
    if not (recipients or hidden):
        return []
    from ...config.mail import mail_of
    from ...rules.address_book import united
    from ...rules.allowed_recipients import check_recipients
    from ...rules.odd_recipients import Oddity, told
    from ...sending.recipients import recipients_notes

    rules = policy or await share.policy()
    breach = check_recipients(rules, united([recipients, hidden]))
    if breach is not None:
        raise breach
    found = await recipients_notes(share, recipients, rules, mail_of(session.config).mail_from, hidden)
    if looked_at and [*recipients] == [*looked_at]:
        return found
    for note in told(found):
        if tells_new or note.oddity is not Oddity.NEW:
            tell(note.sentence)
    if asks and any(note.is_asked for note in found) and not _goes_on():
        raise Failed("declined", "Nothing was sent.")
    return found


def notes_fields(found: Sequence[RecipientsNote]) -> dict[str, Any]:
    """What is odd about recipients, as it is printed as JSON; nothing if nothing is."""
    return {"recipients_notes": [note.fields() for note in found]} if found else {}


def _goes_on() -> bool:
    """Whether to send nevertheless. A script can't be asked: it was told."""
    return not has_terminal() or answers_yes("Send nevertheless?", default=False)


async def keep_recipients(
    share: ShareClient, results: Sequence[Result], recipients: Sequence[str]
) -> list[Result]:
    """Keep ``recipients``, if there are any, with the documents that were sent. Returns the results with them.

    A failure is reported, and no more: the links must be printed in any case.
    """
    from ...sending.recipients import set_recipients

    if not recipients:
        return list(results)
    try:
        await set_recipients(share, [each.document for each in results if each.document], recipients)
    except Problem as problem:
        tell(f"The recipients were not kept with the links: {problem.message}")
        return list(results)
    tell_replaced_recipients([each.document for each in results if each.document], recipients)
    return [_with(each, recipients) for each in results]


def tell_replaced_recipients(documents: Sequence[Document], recipients: Sequence[str]) -> None:
    """Say whom ``documents`` were for until ``recipients``, if there are any, took their place: they aren't listed with
    the links any more, and still have them."""
    from ...rules.addresses import mailbox_of
    from ...rules.display import documents_text
    from ...rules.sent_text import recipients_text
    from ...rules.text import printable

    if not recipients:
        return
    now = {mailbox_of(each) for each in recipients}
    before: dict[tuple[str, ...], list[str]] = {}
    for document in documents:
        if left := tuple(each for each in document.recipients if mailbox_of(each) not in now):
            before.setdefault(left, []).append(document.name)
    for left, names in before.items():
        what = printable(names[0]) if len(names) == 1 else documents_text(len(names))
        its, with_it = ("its link", "it") if len(names) == 1 else ("their links", "them")
        have, are = ("has", "isn't") if len(left) == 1 else ("have", "aren't")
        old = printable(recipients_text(left))
        tell(f"{what}: {old} still {have} {its}, but {are} kept with {with_it} any more: --to replaces.")


def _with(result: Result, recipients: Sequence[str]) -> Result:
    if result.document is None:
        return result
    return replace(result, document=result.document.model_copy(update={"recipients": list(recipients)}))
