"""Conversion of database rows to the protocol's messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row

from ...rules.sent_filter import recipient_keys
from ...rules.state import Reason, State
from ...wire.folders import Folder
from ...wire.share import Document, Ref, Send
from ..context import Context
from ..database.tables import LINK_SETTINGS
from ..library.ids import container_id, document_id
from . import links


def documents(context: Context, rows: Iterable[Row[Any]], *, owner: bool) -> list[Document]:
    """The rows of a list, each as :func:`document` has it, all at the same moment."""
    now = context.clock()
    # A column of SQLAlchemy's rows is looked up each time.
    return [document(context, SimpleNamespace(**row._mapping), owner=owner, now=now) for row in rows]


def document(context: Context, row: Any, *, owner: bool, now: datetime | None = None) -> Document:
    """A row of ``caller.documents_query`` as the owner sees it, or a member, who gets neither link nor recipients.

    A document that has expired by ``now`` (if it isn't given, the present) is shown as unpublished, whether or not that
    was written yet.
    """
    now = now or context.clock()
    overdue = row.state == State.PUBLISHED and row.expires_at is not None and row.expires_at <= now
    published = row.state == State.PUBLISHED and not overdue
    in_folder = row.state in (State.PUBLISHED, State.UNPUBLISHED)
    locked, throttled = links.locked(row, now), links.throttled(row, now)
    waits = throttled and row.next_try_at is not None and row.next_try_at > now
    return Document(
        id=row.id,
        work_id=document_id(row.number, 1),
        name=row.name,
        folder=Ref(id=row.folder_id, name=row.folder_name),
        url=links.url(context, row.id, row.address_sealed) if owner and row.address_sealed else None,
        size=row.size,
        sha256=row.sha256,
        published=published,
        reason="expired" if overdue else row.reason,
        locked=locked,
        throttled=throttled,
        wrong_passwords=row.wrong_tries if locked or throttled else 0,
        next_try_at=row.next_try_at if waits else None,
        downloads=row.downloads,
        delivered=row.delivered,
        send_id=row.send_id if owner else None,
        last_download_at=row.last_download_at,
        sent_at=row.sent_at,
        resent_at=row.resent_at,
        source=row.source,
        source_name=row.source_name,
        matter=row.matter,
        deleted_at=None if in_folder else row.deleted_at,
        unpublished_at=row.unpublished_at if in_folder and row.reason == Reason.BY_HAND else None,
        ended_by=row.ended_by if row.reason == Reason.BY_HAND else None,
        **_link_fields({name: getattr(row, name) for name in LINK_SETTINGS}, owner=owner),
    )


def folder(row: Row[Any], *, owner: bool, current: bool, documents: int = 0, published: int = 0) -> Folder:
    """A row of ``folders`` with its owner's name as ``owner``."""
    return Folder(
        id=row.id,
        name=row.name,
        work_id=container_id(row.container),
        owner=row.owner,
        role="owner" if owner else "member",
        current=current,
        created_at=row.created_at,
        documents=documents,
        published=published,
    )


def send(values: Mapping[str, Any], folder_name: str) -> Send:
    """The values of a row of ``sends``, with neither the password nor its hash."""
    return Send(
        id=values["id"],
        folder=Ref(id=values["folder_id"], name=folder_name),
        created_at=values["created_at"],
        **_link_fields(values, owner=True),
    )


def _link_fields(values: Mapping[str, Any], *, owner: bool) -> dict[str, Any]:
    """The fields of ``wire.link_fields.LinkFields`` from the columns of a link's settings."""
    fields = {name: values[name] for name in LINK_SETTINGS if name != "password_hash"}
    return {
        **fields,
        "has_password": values["password_hash"] is not None,
        "recipients": recipients(values["recipients"]) if owner else [],
    }


def recipients(stored: str | None) -> list[str]:
    """Whom something is for, as the database has it: an address per line."""
    return stored.split("\n") if stored else []


def stored_recipients(addresses: Sequence[str]) -> str | None:
    """The opposite of :func:`recipients`."""
    return "\n".join(addresses) or None


def recipients_columns(stored: str | None) -> dict[str, str | None]:
    """The columns of a document for recipients as the database has them, and for a filter that looks for them."""
    key, rest = recipient_keys(recipients(stored))
    return {"recipients": stored, "recipients_key": key, "recipients_rest": rest}
