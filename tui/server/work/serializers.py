"""Rows of the library as the protocol's objects. Absent values are left out, never null or empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.state import State
from ...wire.work import ACTIVITY_CODES, SHARE_VIEW
from ..database.tables import acl_users, users
from ..library import rights
from ..library.ids import LIBRARY, container_id, document_id
from ..library.types import class_description, type_description
from .lookups import Facts

Json = dict[str, Any]


def moment(at: datetime | None) -> str | None:
    """``2022-10-12T16:13:28.579Z``."""
    if at is None:
        return None
    text = (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(timespec="milliseconds")
    return f"{text[:-6]}Z"


def _present(values: Json) -> Json:
    return {key: value for key, value in values.items() if value is not None and value != ""}


def document(row: Row[Any], facts: Facts, *, latest: bool = False) -> Json:
    """A row of ``rights.documents_query``; with ``latest``, also how it relates to the document's latest version."""
    # Lists show thousands: values that are used repeatedly are computed once.
    values = row._asdict()
    number, version, kind = values["number"], values["version"], values["class"]
    access = rights.level_of(row).word
    created, edited = values["created_at"], values["edited_at"]
    created_text = moment(created)
    edited_text = created_text if edited == created else moment(edited)
    shown = {
        **_PLAIN,
        "id": document_id(number, version),
        "document_number": number,
        "version": version,
        "name": values["name"],
        "type": values["type"],
        "type_description": type_description(values["type"]),
        "size": values["size"],
        "checksum": f"SHA256:{values['sha256'].upper()}",
        "class": kind,
        "class_description": class_description(kind),
        "create_date": created_text,
        "edit_date": edited_text,
        "edit_profile_date": edited_text,
        "file_create_date": _moment_or(values["file_created_at"], created, created_text),
        "file_edit_date": _moment_or(values["file_edited_at"], edited, edited_text),
        "activity_date": moment(values["activity_at"]) if facts.used else edited_text,
        "access": access,
        "effective_security": access,
        "default_security": rights.inherited(values) or values["default_security"],
        "parent_id": container_id(values["parent"]),
        "is_external": is_external(row, facts.now),
        "iwl": facts.iwl(number, version),
        **_workspace(values["workspace"], facts),
    }
    for key in ("author", "operator", "last_user"):
        shown[key] = values[key]
        shown[f"{key}_description"] = facts.full_name(values[key])
    if values["comment"]:
        shown["comment"] = values["comment"]
    if values["checked_out_by"] is not None:
        shown |= _check_out(row, facts)
    if (email := facts.emails.get((number, version))) is not None:
        shown |= _email(email)
    if latest:
        shown |= {
            "is_latest": version == values["latest"],
            "latest": str(values["latest"]),
            "latest_version": values["latest"],
        }
    # Always present: even an empty extension marks the object as a document.
    return shown | {"extension": values["extension"]}


#: Values that are the same for all documents, unless overridden.
_PLAIN = {
    "database": LIBRARY,
    "wstype": "document",
    "content_type": "D",
    "is_checked_out": False,
    "is_in_use": False,
    "in_use": False,
    "is_external_as_normal": False,
    "is_declared": False,
    "is_archived": False,
    "is_hipaa": False,
    "is_related": False,
    "is_restorable": True,
    "indexable": True,
    "has_attachment": False,
}


#: Values that are the same for all workspaces, which have a profile like documents.
_PLAIN_WORKSPACE = {
    "version": 1,
    "size": 0,
    "is_checked_out": False,
    "in_use": False,
    "is_hipaa": False,
    "is_declared": False,
    "indexable": True,
}


def _moment_or(at: datetime | None, usual: datetime, text: str | None) -> str | None:
    """``at`` as text; ``text`` if ``at`` is ``None`` or equal to ``usual``."""
    return text if at is None or at == usual else moment(at)


def _check_out(row: Row[Any], facts: Facts) -> Json:
    return _present(
        {
            "is_checked_out": True,
            "is_in_use": True,
            "in_use": True,
            "in_use_by": row.checked_out_by,
            "in_use_by_description": facts.full_name(row.checked_out_by),
            "checkout_date": moment(row.checked_out_at),
            "checkout_due_date": moment(row.checked_out_due),
            "checkout_path": row.checked_out_path,
            "checkout_comment": row.checked_out_comment,
        }
    )


def _email(email: Row[Any]) -> Json:
    return _present(
        {
            "from": email.sender,
            "to": email.recipients,
            "cc": email.cc,
            "bcc": email.bcc,
            "subject": email.subject,
            "conversation_id": email.conversation,
            "sent_date": moment(email.sent_at),
            "received_date": moment(email.received_at),
        }
    )


def is_external(row: Row[Any], now: datetime) -> bool:
    """Whether the document was sent and its link works: it is published, and hasn't just expired."""
    if row.state != State.PUBLISHED:
        return False
    return row.link_expires_at is None or row.link_expires_at > now


def _workspace(number: int | None, facts: Facts) -> Json:
    if number is None or number not in facts.workspaces:
        return {}
    return {"workspace_id": container_id(number), "workspace_name": facts.workspaces[number]}


def container(row: Row[Any], facts: Facts) -> Json:
    """A row of ``rights.containers_query``: a workspace or a folder."""
    level = rights.level_of(row)
    has_folders, has_documents = facts.contents.get(row.number, (False, False))
    workspace = row.kind == "workspace"
    shown = {
        "id": container_id(row.number),
        "database": LIBRARY,
        "wstype": row.kind,
        "name": row.name,
        "description": row.description,
        "owner": row.owner,
        "owner_description": facts.full_name(row.owner),
        "edit_date": moment(row.edited_at),
        "activity_date": moment(row.activity_at if facts.used else row.edited_at),
        "default_security": row.default_security,
        "effective_security": level.word,
        "has_security": row.default_security != "inherit",
        "has_documents": has_documents,
        "has_subfolders": has_folders,
        "is_external": False,
        "is_external_as_normal": False,
        "is_container_saved_search": False,
        "is_content_saved_search": False,
        "is_hidden": False,
        "subtype": "work",
        **_workspace(row.workspace, facts),
    }
    if workspace:
        shown |= {
            **_PLAIN_WORKSPACE,
            "class": "WEBDOC",
            "class_description": class_description("WEBDOC"),
            "create_date": moment(row.created_at),
            "edit_profile_date": moment(row.edited_at),
            "file_create_date": moment(row.created_at),
            "file_edit_date": moment(row.edited_at),
            "document_number": row.number,
            "iwl": facts.iwl(row.number, 1),
        }
        for key in ("author", "operator"):
            shown |= {key: row.owner, f"{key}_description": facts.full_name(row.owner)}
    else:
        shown |= {
            "folder_type": "regular",
            "view_type": row.view_type,
            "parent_id": container_id(row.parent) if row.parent else None,
            "inherited_default_security": rights.inherited(row._mapping),
        }
    if row.view_type == SHARE_VIEW:
        shown |= {"has_documents": True, "imanage_share_eid": row.share_id}
    return _present(shown)


def mixed(rows: Iterable[Row[Any]], facts: Facts) -> Iterator[Json]:
    """Folders and documents of one list."""
    return (container(row, facts) if "kind" in row._mapping else document(row, facts) for row in rows)


def activity(row: Row[Any], facts: Facts) -> Json:
    """A row of ``history``."""
    shown = {
        "id": str(row.id),
        "activity": row.activity,
        "activity_code": ACTIVITY_CODES.get(row.activity, ACTIVITY_CODES["MODIFY"]),
        "activity_date": moment(row.at),
        "application_id": row.application,
        "application_name": row.application,
        "database": LIBRARY,
        "document_number": row.number,
        "version": row.version,
        "document_id": document_id(row.number, row.version),
        "user": row.user,
        "user_fullname": facts.full_name(row.user),
        "location": row.location,
        "comments": row.comments,
        "duration": row.duration or 0,
        "pages_printed": 0,
        "has_journal": False,
    }
    return _present(shown)


def user(name: str, row: Row[Any] | None) -> Json:
    """A person, with their row of ``users`` if they still exist."""
    full_name, email = (row.full_name, row.email) if row is not None else (None, None)
    shown = {
        "id": name,
        "full_name": full_name or name,
        "email": email,
        "login": row is not None,
        "wstype": "user",
    }
    return _present(shown)


async def trustees(connection: AsyncConnection, row: Row[Any]) -> list[Json]:
    """The people whom the rule of ``row`` (a document or a container) names, with their levels of access."""
    named: list[Json] = []
    if row.acl not in (None, rights.PUBLIC):
        query = (
            select(users.c.name, users.c.full_name, acl_users.c.level)
            .join(users, users.c.id == acl_users.c.user_id)
            .where(acl_users.c.acl == row.acl, users.c.removed_at.is_(None))
            .order_by(users.c.name)
        )
        for name, full_name, level in await connection.execute(query):
            entry = {
                "id": name,
                "name": full_name or name,
                "type": "user",
                "access_level": level,
                "access": int(rights.Level[level.upper()]),
                "allow_logon": True,
                "is_external": False,
            }
            named.append(entry)
    return named
