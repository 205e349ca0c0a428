"""The messages of Share, our own protocol under ``/share/v1``.

Times are RFC 3339 in UTC, sizes in bytes, digests in lower-case hexadecimal.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from .message import Message, Sha256


class Me(Message):
    """Who the token belongs to. ``version`` is the program's on the server."""

    user: str
    admin: bool
    version: str
    #: Where links lead: the beginning of their addresses.
    public_url: str
    #: Versions of Work on this server can be published without their bytes (:class:`PublishVersion`).
    versions: bool = False
    #: The server's clock, so that spans and expiries are shown rightly where this machine's is off.
    now: datetime


class Ref(Message):
    id: str
    name: str


class Source(Message):
    """Where a document was sent from.

    ``label`` is ``ACTIVE!453.1`` for a version of Work, ``file:NAME`` for a file of the sender's machine.
    """

    label: Annotated[str, StringConstraints(min_length=1, max_length=1024)]


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
    """What Share knows of the caller's current folder.

    ``generation`` rises with each change of it; ``confirmed`` tells whether its shortcut was ever seen.
    """

    generation: int
    folder: Folder | None
    confirmed: bool
    #: Where the folder was deleted: the id that Work listed it under, which its shortcut still leads to.
    gone_work_id: str | None = None


class EnsureFolder(Message):
    """Asks for the folder that a send goes to.

    ``generation`` is the one read before the shortcuts were read from Work, ``shortcut`` whether one of them
    led to the current folder (or, where there is none, to a folder of that name that is gone). ``zone_offset``
    is the user's offset from UTC in minutes, for the date in a folder's name.
    """

    generation: int
    shortcut: bool
    zone_offset: Annotated[int, Field(ge=-1440, le=1440)] = 0


class ConfirmShortcut(Message):
    folder: str
    generation: int


class OpenSend(Message):
    """Opens a send with its settings, which hold for all of its documents.

    A field that is left out takes the policy's default; ``null`` says *none*. ``zone_offset`` is the user's
    offset from UTC in minutes: the policy's longest expiry is met by any moment of its last day there.
    """

    folder: str
    password: Annotated[str, Field(max_length=4096)] | None = None
    expires_at: AwareDatetime | None = None
    downloads_permitted: Annotated[int, Field(strict=True)] | None = None
    zone_offset: Annotated[int, Field(ge=-1440, le=1440)] = 0


class Send(Message):
    """An opened send: uploads and publishing name it by ``id``; it never tells the password."""

    id: str
    folder: Ref
    has_password: bool
    expires_at: datetime | None
    downloads_permitted: int | None
    created_at: datetime


class Publish(Message):
    """Publishes one upload of a send as a document with a link.

    ``upload`` is its id, ``sha256`` what the client computed over the bytes that it meant to send.
    """

    upload: str
    name: Annotated[str, StringConstraints(max_length=1024)]
    sha256: Sha256
    source: Source


class PublishVersion(Message):
    """Publishes a version of Work that lies on the same server, without sending its bytes.

    ``version`` is its id (``ACTIVE!453.1``), ``sha256`` the digest that it was listed with.
    """

    version: Annotated[str, StringConstraints(max_length=64)]
    name: Annotated[str, StringConstraints(max_length=1024)]
    sha256: Sha256


class SendUpload(Message):
    """An upload of a send. ``offset`` bytes of ``size`` have arrived; one that is ``published`` is a document."""

    id: str
    size: int
    offset: int
    published: bool
    expires_at: datetime


class SentUnder(Message):
    """A document of a send as it is now, and the idempotency ``key`` that it was published under. ``document`` is
    ``null`` where it was removed for good since."""

    key: str | None
    document: Document | None


class SendState(Message):
    """What there is of a send: for a client that was interrupted, and goes on."""

    send: Send
    documents: list[SentUnder]
    uploads: list[SendUpload]


class UploadsEnded(Message):
    """How many unfinished uploads were ended."""

    ended: int


class Resend(Message):
    """New settings for a document that was sent. What is left out is kept; ``null`` removes it."""

    password: Annotated[str, Field(max_length=4096)] | None = None
    expires_at: AwareDatetime | None = None
    downloads_permitted: Annotated[int, Field(strict=True)] | None = None
    new_address: bool = False
    zone_offset: Annotated[int, Field(ge=-1440, le=1440)] = 0


class UndoUnpublish(Message):
    """Undoes an unpublishing by hand: the one of the moment ``unpublished_at``, as the document told it."""

    unpublished_at: AwareDatetime


class Document(Message):
    """A document of a Secure Sent Links folder, as its owner sees it (a member sees no ``url``)."""

    id: str
    #: The id that Work lists it under (``ACTIVE!912.1``).
    work_id: str
    name: str
    folder: Ref
    url: str | None
    size: int
    sha256: str
    published: bool
    #: ``by hand``, ``expired``, ``limit``; ``null`` while published.
    reason: str | None
    has_password: bool
    #: Wrong passwords have locked the link: each network has one try a minute.
    locked: bool
    #: After wrong passwords, some recipient has to wait before each further try.
    throttled: bool = False
    expires_at: datetime | None
    downloads_permitted: int | None
    downloads: int
    #: Those of which the recipient was given all bytes.
    delivered: int = 0
    last_download_at: datetime | None
    sent_at: datetime
    source: str
    deleted_at: datetime | None = None
    #: When it was unpublished by hand, while nothing else has happened to it.
    unpublished_at: datetime | None = None


class Documents(Message):
    """A page. ``cursor`` is left out (``null``) on the last one; ``total`` counts all pages."""

    documents: list[Document]
    cursor: str | None = None
    total: int


class Folders(Message):
    folders: list[Folder]


class FolderDeleted(Message):
    """``deleted`` documents went to the trash with the folder."""

    deleted: int


class Member(Message):
    """``id`` is the member's name, which is what they are added and removed by."""

    id: str
    name: str
    added_at: datetime


class Members(Message):
    members: list[Member]


class AddMember(Message):
    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]


class Purged(Message):
    """How many documents were removed for good."""

    purged: int


class PolicyBody(Message):
    """The policy as a flat object, ``null`` where unset."""

    password_required: bool | None = None
    password_min_length: int | None = None
    password_classes: int | None = None
    expires_required: bool | None = None
    expires_default: str | None = None
    expires_max: str | None = None
    downloads_required: bool | None = None
    downloads_default: int | None = None
    downloads_max: int | None = None
    folder_name: str | None = None
    grant_seconds: int | None = None
    password_refused: list[str] | None = None


#: Keys of the policy with their new values: as typed, or in their own kind; empty or ``null`` unsets.
PolicyChange = Annotated[
    dict[
        Annotated[str, StringConstraints(max_length=64)],
        Annotated[str, StringConstraints(max_length=500_000)]
        | Annotated[bool, Field(strict=True)]
        | Annotated[int, Field(strict=True, ge=0, le=10**9)]
        | Annotated[list[Annotated[str, StringConstraints(max_length=1024)]], Field(max_length=20_000)]
        | None,
    ],
    Field(max_length=32),
]
