"""Whom documents are for: what is odd about them before they are sent, and changing them afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ..clients.share import ShareClient
from ..rules.errors import InvalidValue, NotSignedIn, Problem

if TYPE_CHECKING:
    from ..rules.odd_recipients import KnownRecipients, RecipientsNote
    from ..rules.policy import Policy
    from ..wire.share import Document

#: Documents in one request.
_AT_ONCE = 500


async def set_recipients(
    share: ShareClient, documents: Iterable[Document], recipients: Sequence[str]
) -> None:
    """Replace whom these documents are for, as the sender's note. Raises :class:`Problem`.

    Those that have these recipients already, and those of a server that keeps none, are left alone.
    """
    by_send: dict[str, list[str]] = {}
    for document in documents:
        if document.send_id is not None and document.recipients != list(recipients):
            by_send.setdefault(document.send_id, []).append(document.id)
    for send_id, idents in by_send.items():
        for start in range(0, len(idents), _AT_ONCE):
            await share.sends.set_recipients(send_id, recipients, idents[start : start + _AT_ONCE])


async def known_recipients(share: ShareClient, own_address: str = "") -> KnownRecipients:
    """What recipients are held against. ``own_address``: the sender's, if the server doesn't know it; may be invalid.

    Raises :class:`Problem`.
    """
    # Not needed by sends without recipients.
    from ..rules.mail_domains import domain_of
    from ..rules.odd_recipients import KnownRecipients

    found = await share.sends.known_recipients()
    own = set(found.own_domains)
    with suppress(InvalidValue):
        own |= {domain_of(own_address)} if own_address else set()
    return KnownRecipients(found.recipients, own)


async def recipients_notes(
    share: ShareClient,
    recipients: Sequence[str],
    policy: Policy,
    own_address: str = "",
    hidden: Sequence[str] = (),
) -> list[RecipientsNote]:
    """What is odd about valid addresses, as far as the server can say whom the sender has written to; without
    addresses it isn't asked. ``hidden`` aren't kept with the links. Raises :class:`NotSignedIn`."""
    from ..rules.odd_recipients import KnownRecipients, notes

    if not (recipients or hidden):
        return []
    try:
        known = await known_recipients(share, own_address)
    except NotSignedIn:
        raise
    except Problem:
        known = KnownRecipients()
    return notes(recipients, known, policy, hidden)
