"""No column is forgotten: each is told to whoever sees its row, and sending a document again resets it or keeps it.

A new column that is neither fails here by its name, and the message says where it belongs.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.support.checks.told_columns import (
    NOW,
    TRASHED,
    UNPUBLISHED,
    Scene,
    another,
    give,
    is_free,
    rows,
    told,
)
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, later
from tests.support.users.work import Worker
from tui.server.accounts.users import Person
from tui.server.context import Context
from tui.server.database.tables import (
    containers,
    documents,
    emails,
    folders,
    history,
    sends,
    sent_documents,
    users,
    versions,
)
from tui.server.installation.installation import open_context
from tui.server.library import rights
from tui.server.share import damaged_rows
from tui.server.share import serializers as share
from tui.server.share.caller import documents_query
from tui.server.work import serializers as work
from tui.server.work.lookups import facts_for
from tui.wire.folders import Folder
from tui.wire.message import Message
from tui.wire.share import Document, Send

#: The columns that are told to no one, and why.
NOT_TOLD = {
    "sent_documents.owner_id": "decides who sees it",
    "sent_documents.name_key": "lists are sorted by it",
    "sent_documents.position": "lists are sorted by it",
    "sent_documents.blob": "where the bytes are",
    "sent_documents.address_hash": "the link is in address_sealed",
    "sent_documents.settings": "decides which grants are valid",
    "sent_documents.purged_at": "what was purged isn't shown",
    "sent_documents.key": "the state of a send has it",
    **dict.fromkeys(
        (
            "sent_documents.source_key",
            "sent_documents.recipients_key",
            "sent_documents.recipients_rest",
            "sent_documents.collected",
        ),
        "filters look in it",
    ),
    "sends.user_id": "only they see it",
    "sends.began_at": "lists are sorted by it",
    "folders.confirmed_at": "the answer to making it has it",
    "folders.deleted_at": "what was deleted isn't shown",
    "versions.blob": "where the bytes are",
    "versions.checked_out_id": "checked_out_by tells who",
    "versions.deleted_by": "only in the trash",
    "documents.last_version": "new versions are numbered by it",
    "documents.name_key": "lists are sorted by it",
    "documents.class": "a copy of its version's",
    "documents.edited_at": "a copy of its version's",
    "documents.owner_id": "decides who may do what",
    "documents.search_id": "its row in the full-text index",
    "containers.name_key": "lists are sorted by it",
    "containers.owner_id": "owner tells who",
}
#: The columns that stay when a document is sent again, and why. All others are then as in a new document.
KEPT = {
    **dict.fromkeys(
        ("id", "folder_id", "owner_id", "send_id", "number", "name", "name_key", "size", "sha256", "blob",
         "source", "source_key", "source_name", "matter", "key"), "which document it is"),
    **dict.fromkeys(("sent_at", "position"), "its place in lists"),
    **dict.fromkeys(("address_hash", "address_sealed"), "it has the same link"),
    **dict.fromkeys(("password_hash", "expires_at", "downloads_permitted", "notify", "recipients", "recipients_key",
                     "recipients_rest"), "a setting that wasn't changed"),
    "settings": "it rises, which ends earlier grants",
    "last_download_at": "when the link was last used, whatever was counted since",
    "deleted_at": "only told in the trash",
    "purged_at": "what was purged can't be sent again",
}  # fmt: skip
#: The columns that a document must have the right value of to be sent again.
NOT_MADE_UP = ("state", "address_sealed", "recipients")
TOLD: tuple[Table, ...] = (
    sent_documents, sends, folders, versions, documents, emails, containers, history
)  # fmt: skip
IN_SHARE = ("sent_documents", "sends", "folders")


@dataclass
class Seen:
    """The columns that are told, the fields that were filled in of each message, and the same document before and
    after it was sent again, for each column that was changed in between."""

    told: set[str]
    fields: dict[type[Message], set[str]]
    again: dict[str, tuple[dict[str, Any], dict[str, Any]]]
    fresh: dict[str, Any]


class Shown:
    """What the serializers make of the rows of a document of each kind."""

    def __init__(self, server: ServerProcess) -> None:
        with Sender(server) as me, Worker(server) as worker:
            found = me.send(expires_at=later(days=3), downloads_permitted=3, recipients=["bob@example.com"])
            self.document, self.send, self.folder = found["id"], found["send_id"], found["folder"]["id"]
            space = worker.workspace("Columns")
            inner = worker.folder(space, "Columns")
            self.mail = worker.upload(inner, "Columns", b"Subject: Columns\r\n\r\nBody", "eml")[
                "document_number"
            ]
            self.container = int(inner.rpartition("!")[2])
            self.space = int(space.rpartition("!")[2])
        self.fields: dict[type[Message], set[str]] = {}

    def _noted(self, found: list[Any]) -> list[Any]:
        for each in found:
            self.fields.setdefault(type(each), set()).update(each.model_fields_set)
        return found

    async def documents(self, context: Context, connection: AsyncConnection) -> list[Any]:
        query = documents_query().where(sent_documents.c.id == self.document)
        found = await damaged_rows.fetch(context, connection, query)
        return self._noted([share.document(context, row, owner=True) for row in found])

    async def sends(self, _: Context, connection: AsyncConnection) -> list[Any]:
        found = await connection.execute(select(sends).where(sends.c.id == self.send))
        return self._noted([share.send(row._asdict(), "name") for row in found])

    async def folders(self, _: Context, connection: AsyncConnection) -> list[Any]:
        query = select(folders, users.c.name.label("owner")).join(users, users.c.id == folders.c.owner_id)
        found = await connection.execute(query.where(folders.c.id == self.folder))
        return self._noted(
            [share.folder(row, owner=True, current=True, documents=1, published=1) for row in found]
        )


class Library:
    """The same for a version that is an e-mail, containers and an entry of the history."""

    def __init__(self, person: Person, number: int, version: int, entry: int) -> None:
        self.person, self.number, self.version, self.entry = person, number, version, entry

    async def versions(self, context: Context, connection: AsyncConnection) -> list[Any]:
        query = rights.documents_query(self.person, latest=True).where(documents.c.number == self.number)
        found = (await connection.execute(query)).all()
        facts = await facts_for(context, connection, self.person, "host", found)
        return [work.document(row, facts, latest=True) for row in found]

    def container(self, number: int) -> Any:
        async def show(context: Context, connection: AsyncConnection) -> list[Any]:
            query = rights.containers_query(self.person).where(containers.c.number == number)
            found = (await connection.execute(query)).all()
            facts = await facts_for(context, connection, self.person, "host", found)
            return [work.container(row, facts) for row in found]

        return show

    async def history(self, context: Context, connection: AsyncConnection) -> list[Any]:
        found = (await connection.execute(select(history).where(history.c.id == self.entry))).all()
        facts = await facts_for(context, connection, self.person, "host", found)
        return [work.activity(row, facts) for row in found]


def _scenes(shown: Shown, library: Library) -> list[Scene]:
    sent, version = {"id": shown.document}, {"number": library.number, "version": library.version}
    checked_out = {"checked_out_by": "DJONES", "checked_out_at": NOW}
    shortcut = {"view_type": "imanage_share", "share_id": "0" * 32}
    return [
        Scene(sent_documents, sent, shown.documents, UNPUBLISHED),
        Scene(sent_documents, sent, shown.documents, TRASHED),
        Scene(sends, {"id": shown.send}, shown.sends),
        Scene(folders, {"id": shown.folder}, shown.folders),
        Scene(versions, version, library.versions, checked_out),
        Scene(documents, {"number": library.number}, library.versions),
        Scene(emails, version, library.versions),
        Scene(containers, {"number": shown.space}, library.container(shown.space)),
        Scene(containers, {"number": shown.container}, library.container(shown.container), shortcut),
        Scene(history, {"id": library.entry}, library.history),
    ]


async def _library(context: Context, mail: int) -> Library:
    async with context.database.read() as connection:
        user = (await connection.execute(select(users).limit(1))).one()
        entry = (await connection.execute(select(history.c.id).limit(1))).scalar_one()
    return Library(Person(user.id, user.name, True, ""), mail, 1, entry)


async def _sent_again(context: Context, me: Sender) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    columns = list(sent_documents.c)
    sent = me.publish_together(me.open()["id"], [column.name for column in columns])
    idents = {each["name"]: each["id"] for each in sent}
    for column in columns:
        ident = idents[column.name]
        await give(context, ident, UNPUBLISHED)
        if is_free(column) and column.name not in NOT_MADE_UP:
            (row,) = (await rows(context, [ident])).values()
            value = (
                NOW.replace(year=NOW.year + 1)
                if column.name == "expires_at"
                else another(column, row[column.name])
            )
            await give(context, ident, {column.name: value})
    before = await rows(context, list(idents.values()))
    for each in sent:
        me.resend(each)
    after = await rows(context, list(idents.values()))
    return {name: (before[ident], after[ident]) for name, ident in idents.items()}


async def _look(server: ServerProcess) -> Seen:
    shown = Shown(server)
    context = await open_context(server.settings)
    try:
        found = await told(context, _scenes(shown, await _library(context, shown.mail)))
        with Sender(server) as me:
            fresh = await rows(context, [me.send()["id"]])
            again = await _sent_again(context, me)
    finally:
        await context.close()
    return Seen(found, shown.fields, again, next(iter(fresh.values())))


@pytest.fixture(scope="module")
def seen(server: ServerProcess) -> Seen:
    return asyncio.run(_look(server))


def test_each_column_is_told(seen: Seen) -> None:
    problems = []
    for column in (column for table in TOLD for column in table.c):
        room = "share" if column.table.name in IN_SHARE else "work"
        is_told = str(column) in seen.told
        if is_told and str(column) in NOT_TOLD:
            problems.append(f"{column} is told: take it out of NOT_TOLD here.")
        elif not is_told and str(column) not in NOT_TOLD:
            problems.append(
                f"Nothing that is shown changes with {column}: fill it in in tui/server/{room}/serializers.py, "
                "or say in NOT_TOLD here why it is told to no one."
            )
    assert not problems


@pytest.mark.parametrize("message", [Document, Send, Folder])
def test_each_field_is_filled_in(seen: Seen, message: type[Message]) -> None:
    missing = message.model_fields.keys() - seen.fields[message]
    assert not missing, (
        f"{message.__name__} always has the defaults of {missing}: fill them in in "
        "tui/server/share/serializers.py."
    )


def test_sending_again_resets_a_column_or_keeps_it(seen: Seen) -> None:
    problems = []
    for name in sent_documents.c.keys():  # noqa: SIM118 - a collection of columns has columns, not names
        before, after = (row[name] for row in seen.again[name])
        if name == "settings":
            assert after == before + 1
        elif name in KEPT and after != before:
            problems.append(f"sent_documents.{name} changes when it is sent again: take it out of KEPT here.")
        elif name not in KEPT and after != seen.fresh[name]:
            problems.append(
                f"sent_documents.{name} stays when a document is sent again: reset it where apply() of "
                "tui/server/share/transitions.py resets the counters, or say in KEPT here why it stays."
            )
    assert not problems


def test_no_reason_is_left_of_a_column_that_is_gone() -> None:
    assert NOT_TOLD.keys() <= {str(column) for table in TOLD for column in table.c}
    assert KEPT.keys() <= {*sent_documents.c.keys()}
