"""``sentlinks resend``: new settings for documents that were sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import common, delivery, fields
from .common import Result, Session

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..wire.share import Resend


@click.command("resend")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@fields.field_options
@click.option("--no-password", is_flag=True, help="No password.")
@click.option("--new-address", is_flag=True, help="Another address; the old one stops.")
@delivery.delivery_options
@common.remote
def resend_command(
    session: Session,
    /,
    ids: tuple[str, ...],
    new_address: bool,
    copy: bool,
    mail: Path | None,
    to: tuple[str, ...],
    **given: Any,
) -> int:
    """Publish sent documents again.

    Their count starts at zero. What is left out is kept. Nothing is uploaded; the addresses stay, unless new
    ones are asked for.
    """
    delivered = delivery.Delivery(copy, mail, to)
    delivered.check()
    chosen = fields.read_fields(**given)

    async def body(share: ShareClient) -> tuple[list[Result], str | None, str]:
        me = await share.me()
        least = (await share.policy()).password_min_length if chosen.generate else None
        password = chosen.made_password(least)
        request = _request(chosen, password, chosen.expires_at(me.now), new_address)
        return await common.each(ids, lambda identity: share.resend(identity, request)), password, me.user

    results, password, sender = session.share(body)
    made = password if chosen.generate and any(r.document for r in results) else None
    status = common.finish(session, results, **({"password": made} if made else {}))
    documents = [result.document for result in results if result.document]
    if not session.json:
        delivery.print_links(documents)
        if made:
            delivery.tell_password(made)
    if not delivered.deliver(session, documents, sender):
        status = status or 1
    return status


def _request(chosen: fields.Fields, password: str | None, expires_at: Any, new_address: bool) -> Resend:
    from ..sending.settings import zone_offset
    from ..wire.share import Resend

    # Only the fields that are set here are sent.
    values: dict[str, Any] = {"new_address": new_address, "zone_offset": zone_offset(expires_at)}
    if password is not None or chosen.no_password:
        values["password"] = password
    if expires_at is not None or chosen.no_expires:
        values["expires_at"] = expires_at
    if chosen.downloads is not None or chosen.no_downloads:
        values["downloads_permitted"] = chosen.downloads
    return Resend(**values)
