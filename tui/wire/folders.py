"""Share's messages about Secure Sent Links folders and their members."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .message import Message


class Folder(Message):
    """A Secure Sent Links folder. ``work_id`` is the id that Work lists it under (``ACTIVE!777``)."""

    id: str
    name: str
    work_id: str
    owner: str
    role: Literal["owner", "member"] = "owner"
    current: bool
    created_at: datetime
    documents: int = 0
    published: int = 0


class CurrentFolder(Message):
    """What Share knows about the caller's current folder.

    ``generation`` increases with each change of it; ``confirmed`` says whether its shortcut was ever seen.
    """

    generation: int
    folder: Folder | None
    confirmed: bool
    #: If the folder was deleted: the id that Work listed it under, which its shortcut still points to.
    gone_work_id: str | None = None


class EnsureFolder(Message):
    """Asks for the folder that a send goes to.

    ``generation`` is the one read before the shortcuts were read from Work, ``shortcut`` whether one of them points to
    the current folder (or, if there is none, to the deleted one). ``zone_offset`` is the user's offset from UTC in
    minutes, for the date in a folder's name.
    """

    generation: int
    shortcut: bool
    zone_offset: Annotated[int, Field(ge=-1440, le=1440)] = 0


class ConfirmShortcut(Message):
    """The caller has seen or made the shortcut of their current folder, as it was at that generation."""

    folder: str
    generation: int


class Folders(Message):
    """The folders that a user owns or was added to."""

    folders: list[Folder]


class FolderDeleted(Message):
    """``deleted`` is the number of documents that went to the trash with the folder."""

    deleted: int


class Member(Message):
    """A member. ``id`` is the name that they are added and removed by."""

    id: str
    name: str
    added_at: datetime


class Members(Message):
    """Whom the folder's owner has added to it."""

    members: list[Member]


class AddMember(Message):
    """The user to add, by name."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
