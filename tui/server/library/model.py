"""The arguments of the library's actions: people, containers, and versions to be added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Actor:
    """A person: the id of their account, and their name in Work."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class TargetContainer:
    """A container, as far as its new contents need to know it."""

    number: int
    acl: int
    workspace: int


@dataclass(frozen=True, slots=True)
class Email:
    """The header of an e-mail; people as they are written there, separated by commas."""

    sender: str | None = None
    recipients: str | None = None
    cc: str | None = None
    bcc: str | None = None
    subject: str | None = None
    conversation: str | None = None
    sent_at: datetime | None = None
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to be added. ``name`` is without the extension; ``size`` in bytes, ``sha256`` in hexadecimal."""

    name: str
    extension: str
    type: str
    document_class: str
    author: str
    operator: str
    size: int
    sha256: str
    blob: str
    created_at: datetime
    edited_at: datetime
    comment: str | None = None
    file_created_at: datetime | None = None
    file_edited_at: datetime | None = None
    email: Email | None = None

    def row(self, number: int, version: int) -> dict[str, Any]:
        """Its values in the table ``versions``, by column."""
        return {
            "number": number,
            "version": version,
            "name": self.name,
            "extension": self.extension,
            "type": self.type,
            "class": self.document_class,
            "author": self.author,
            "operator": self.operator,
            "last_user": self.operator,
            "comment": self.comment,
            "size": self.size,
            "sha256": self.sha256,
            "blob": self.blob,
            "created_at": self.created_at,
            "edited_at": self.edited_at,
            "file_created_at": self.file_created_at or self.created_at,
            "file_edited_at": self.file_edited_at or self.edited_at,
            # All rows of a bulk insert have the same columns.
            "checked_out_id": None,
            "checked_out_by": None,
            "checked_out_at": None,
            "checked_out_comment": None,
        }

    @property
    def blob_row(self) -> dict[str, Any]:
        """The values of its bytes in the table ``blobs``, by column."""
        return {
            "key": self.blob,
            "size": self.size,
            "sha256": self.sha256,
            "created_at": self.created_at,
        }
