"""Public clients of iManage Work: how they request, and what they read from each kind of entry."""

from __future__ import annotations

import re
from typing import Any

from tests.support.servers.server import ServerProcess
from tests.support.users.work import (
    CONTAINER_ID,
    DOCUMENT_ID,
    MOMENT,
    PASSWORD,
    Worker,
    add_person,
    no_absent,
)

Json = dict[str, Any]

#: The address that the oldest clients use.
OLDEST = "/api/v2/customers/1/libraries/ACTIVE"

#: What clients read from each kind of entry, and what it must be.
DOCUMENT: Json = {
    "id": DOCUMENT_ID, "wstype": "document", "database": "ACTIVE", "document_number": int, "version": int,
    "name": str, "extension": str, "type": str, "type_description": str, "size": int,
    "checksum": re.compile(r"SHA256:[0-9A-F]{64}"),
    "class": str, "class_description": str, "content_type": "D", "author": str, "author_description": str,
    "operator": str, "operator_description": str, "last_user": str, "last_user_description": str,
    "create_date": MOMENT, "edit_date": MOMENT, "edit_profile_date": MOMENT, "file_create_date": MOMENT,
    "file_edit_date": MOMENT, "activity_date": MOMENT, "access": str, "effective_security": str,
    "default_security": str, "is_checked_out": bool, "is_in_use": bool, "in_use": bool, "is_external": bool,
    "is_external_as_normal": bool, "is_declared": bool, "is_archived": bool, "is_related": bool,
    "is_restorable": bool, "indexable": bool, "has_attachment": bool,
    "iwl": re.compile(r"iwl:dms=.+&&lib=ACTIVE&&num=\d+&&ver=\d+"),
    "workspace_id": CONTAINER_ID, "workspace_name": str,
}  # fmt: skip
CONTAINER: Json = {
    "id": CONTAINER_ID, "database": "ACTIVE", "name": str, "owner": str, "owner_description": str, "edit_date": MOMENT,
    "activity_date": MOMENT, "default_security": str, "effective_security": str, "has_documents": bool,
    "has_subfolders": bool, "has_security": bool, "is_external": bool, "is_external_as_normal": bool,
    "is_container_saved_search": bool, "is_content_saved_search": bool, "is_hidden": bool, "subtype": "work",
    "workspace_id": CONTAINER_ID, "workspace_name": str,
}  # fmt: skip
WORKSPACE: Json = CONTAINER | {
    "wstype": "workspace", "author": str, "class": str, "create_date": MOMENT, "document_number": int, "version": 1,
    "iwl": str,
}  # fmt: skip
FOLDER: Json = CONTAINER | {
    "wstype": "folder", "folder_type": "regular", "view_type": "document", "parent_id": CONTAINER_ID,
}  # fmt: skip
SHORTCUT: Json = {
    "id": CONTAINER_ID, "database": "ACTIVE", "name": str, "owner": str, "owner_description": str,
    "edit_date": MOMENT, "default_security": str, "wstype": re.compile(r"\w+_shortcut"), "target": dict,
}  # fmt: skip
ACTIVITY: Json = {
    "id": str, "activity": str, "activity_code": int, "activity_date": MOMENT, "application_id": str,
    "application_name": str, "database": "ACTIVE", "document_id": DOCUMENT_ID, "document_number": int,
    "version": int, "user": str, "user_fullname": str, "duration": int, "pages_printed": int, "has_journal": bool,
}  # fmt: skip
OPERATIONS = (
    "archive", "copy", "create_new_version", "declare", "delete", "freeze", "lock", "move", "relate", "replace",
    "restore", "set_security", "undeclare", "unfreeze", "unlock", "update",
)  # fmt: skip


def has(entry: Json, shape: Json) -> None:
    """``entry`` has every field of the shape, with a matching value."""
    no_absent(entry)
    for key, wanted in shape.items():
        assert key in entry, f"{key} is missing of {sorted(entry)}"
        value = entry[key]
        if isinstance(wanted, re.Pattern):
            assert wanted.fullmatch(value), (key, value)
        elif isinstance(wanted, type):
            assert type(value) is wanted, (key, value)
        else:
            assert value == wanted, (key, value)


class Client:
    """A client that signs in with a password and uses one base path."""

    def __init__(self, server: ServerProcess, header: str = "X-Auth-Token", **form: str) -> None:
        self.http = server.guest()
        fields = {"username": "bsmith", "password": PASSWORD, "grant_type": "password", **form}
        answer = self.http.post("/auth/oauth2/token", data=fields)
        assert answer.status_code == 200, answer.text
        self.tokens: Json = answer.json()
        token = self.tokens["access_token"]
        self.http.headers[header] = f"Bearer {token}" if header == "Authorization" else token
        self.base = ""

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def get(self, path: str, **params: Any) -> Json:
        answer = self.http.get(
            path if path.startswith(("/", "http")) else f"{self.base}/{path}", params=params or None
        )
        assert answer.status_code == 200, f"{answer.request.url} {answer.text}"
        found: Json = answer.json()
        return found


def items(answer: Json) -> list[Json]:
    """The entries of a list, wherever the answer has them."""
    data = answer["data"]
    found: list[Json] = data["results"] if isinstance(data, dict) and "results" in data else data
    return found


def make_matter(server: ServerProcess) -> Json:
    """Makes a workspace with a folder of two documents, one of which has three versions."""
    add_person(server, "BSMITH")
    with Worker(server) as work:
        space = work.workspace("Smith v. Jones", description="A dispute")
        folder = work.folder(space, "Papers")
        work.folder(folder, "Drafts")
        letter = work.upload(folder, "Letter", b"one", "docx")
        for content in (b"two", b"three"):
            letter = work.new_version(letter["id"], "Letter", content, "docx", comment="By courier")
        work.upload(folder, "Courier receipt", b"%PDF", "pdf")
        work.upload(space, "Loose", b"loose", "txt")
    return {"space": space, "folder": folder, "number": letter["document_number"]}


def names(items: list[Json]) -> list[str]:
    """The names of the entries, in alphabetical order."""
    return sorted(item["name"] for item in items)
