"""Whom an event concerns, and what each of them is told of it.

An event goes to the owner and the folder's members. It says that something happened to a document or a folder. The
owner of a document, who may always know it, is also told its name, by whom or from where and with which program it
was, how often, at the end of which download, and with which settings of the link; never the link or its password.
Members who want to know more request it, with the rights that they have by then.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.state import Event, State
from ...rules.told_settings import told_settings
from ..context import Context
from ..database.tables import folders, members, sent_documents

_IN_TRASH = (State.TRASHED, State.PURGED)
#: What the owner is told of an event's details besides the link's settings: numbers only.
_COUNTS = ("downloads", "downloads_permitted", "delivered", "percent", "tries")


class Concerned(NamedTuple):
    """A row with the ids of the people it concerns by their current rights, the folder it is about, and the owner and
    the name of the document that it is about (``None`` for a folder)."""

    row: Row[Any]
    listeners: set[str]
    folder: str | None
    owner: str | None
    name: object

    def message(self, user: str) -> str:
        """The message for one of the listeners."""
        row = self.row
        kind, _, ident = row.subject.partition(":")
        told: dict[str, Any] = {
            "at": row.at.isoformat(),
            "event": row.event,
            "document": ident if kind == "document" else None,
            "folder": self.folder,
        }
        if self.owner == user:
            # Someone may have changed the name to what is no text.
            name = self.name if isinstance(self.name, str) else None
            origin = {"actor": row.actor, "address": row.address, "agent": row.agent}
            told |= {"name": name, **origin, **_of_details(row.details)}
        return message("happened", row.id, told)


def _of_details(details: str) -> dict[str, int | str | bool | None]:
    try:
        found = json.loads(details)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    counts = {key: found.get(key) for key in _COUNTS}
    begun_at = {"begun_at": begun} if isinstance(begun := found.get("begun_at"), str) else {}
    return (
        {key: value for key, value in counts.items() if type(value) is int} | begun_at | told_settings(found)
    )


async def audience_of(
    context: Context, connection: AsyncConnection, audit_rows: Sequence[Row[Any]]
) -> list[Concerned]:
    """The rows that concern anyone."""
    subjects = [row.subject.partition(":") for row in audit_rows]
    query = select(
        sent_documents.c.id,
        sent_documents.c.owner_id,
        sent_documents.c.folder_id,
        sent_documents.c.state,
        sent_documents.c.name,
    ).where(sent_documents.c.id.in_({ident for kind, _, ident in subjects if kind == "document"}))
    documents = {row.id: row for row in await context.database.rows_as_stored(connection, query)}
    folder_ids = {row.folder_id for row in documents.values()}
    folder_ids |= {ident for kind, _, ident in subjects if kind == "folder"}
    owners = {
        row.id: row.owner_id
        for row in await connection.execute(
            select(folders.c.id, folders.c.owner_id).where(folders.c.id.in_(folder_ids))
        )
    }
    folder_members: dict[str, set[str]] = {}
    for row in await connection.execute(select(members).where(members.c.folder_id.in_(folder_ids))):
        folder_members.setdefault(row.folder_id, set()).add(row.user_id)
    audience = []
    for row, (kind, _, ident) in zip(audit_rows, subjects, strict=True):
        document = documents.get(ident) if kind == "document" else None
        folder = document.folder_id if document is not None else ident if kind == "folder" else None
        if folder is None or (document is None and folder not in owners):
            continue
        listeners = {document.owner_id if document is not None else owners[folder]}
        # Of the trash, members only see that a document was moved there.
        if document is None or document.state not in _IN_TRASH or row.event == Event.DELETED:
            listeners |= folder_members.get(folder, set())
        owner, name = (document.owner_id, document.name) if document is not None else (None, None)
        audience.append(Concerned(row, listeners, folder, owner, name))
    return audience


def message(event: str, ident: int, data: dict[str, Any]) -> str:
    """A message of a stream, with the number from which it can be resumed."""
    return f"id: {ident}\nevent: {event}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"
