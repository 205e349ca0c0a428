"""``sentlinks resend``: new settings for documents that were sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from . import common, delivery, fields
from .common import Result, Session
from .link_settings import made_password
from .recipients import keep_recipients

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..wire.share import Document, Resend


@click.command("resend")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@fields.field_options
@click.option("--no-password", is_flag=True, help="No password.")
@click.option("--new-address", is_flag=True, help="A new link; the old one stops working.")
@delivery.delivery_options
@common.remote
def resend_command(
    session: Session,
    /,
    ids: tuple[str, ...],
    new_address: bool,
    delivered: delivery.Delivery,
    **given: Any,
) -> int:
    """Publish sent documents again.

    Their download count starts at zero. Settings that you leave out are kept. Nothing is uploaded, and the links stay
    the same unless you ask for new ones.
    """
    recipients = delivered.recipients
    mailing = delivered.check(session)
    chosen = fields.read_fields(**given)

    async def body(share: ShareClient) -> tuple[list[Result], str | None, str]:
        me = await share.me()
        password = await made_password(share, chosen)
        request = _request(chosen, password, chosen.expires_at(me.now), new_address)

        async def resend(identity: str) -> Document:
            with fields.naming_options():
                return await share.resend(identity, request)

        results = await common.for_each(ids, resend)
        return await keep_recipients(share, results, recipients), password, me.sender

    results, password, sender = session.share(body)
    made = password if chosen.generate and any(r.document for r in results) else None
    status = common.finish(session, results, **({"password": made} if made else {}))
    documents = [result.document for result in results if result.document]
    if not session.json:
        delivery.print_links(documents)
        if made:
            delivery.tell_password(made)
    undelivered = delivered.deliver(session, documents, sender, mailing)
    return status or undelivered


def _request(chosen: fields.Fields, password: str | None, expires_at: Any, new_address: bool) -> Resend:
    from ..rules.link_settings import LEFT_OUT, LinkSettings
    from ..wire.share import Resend

    settings = LinkSettings(
        password=password if password is not None or chosen.no_password else LEFT_OUT,
        expires_at=expires_at if expires_at is not None or chosen.no_expires else LEFT_OUT,
        downloads_permitted=chosen.downloads if chosen.downloads or chosen.no_downloads else LEFT_OUT,
        notify=LEFT_OUT if chosen.notify is None else chosen.notify,
    )
    return Resend(**settings.fields(), new_address=new_address)
