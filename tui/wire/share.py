"""The messages of Share, this project's own protocol under ``/share/v1``: sends, links, and who is signed in.

Times are RFC 3339 in UTC, sizes in bytes, digests in lower-case hexadecimal.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from .carried import CarriesReport
from .link_fields import Addresses, LinkFields, RequestedWithPassword
from .message import Message, SentMoment, Sha256

#: The most bytes of documents in one batch, for servers that don't say how many they take.
BATCH_BYTES = 4 * 1024 * 1024


class Me(Message):
    """The user that the token belongs to, and the server's ``version`` of the program."""

    user: str
    #: What recipients see as the sender's name, if it isn't the user's.
    full_name: str | None = None
    admin: bool
    version: str
    #: The base URL of links.
    public_url: str
    #: Whether versions in Work on this server can be published without uploading them (:class:`PublishVersion`).
    versions: bool = False
    #: Whether the server can notify the user by e-mail: it has a mail server, and the user has an address.
    notifications: bool = False
    #: The most bytes of documents that the server takes in one batch.
    batch_bytes: int = BATCH_BYTES
    #: The server's time, so that durations and expiries are shown correctly if this machine's clock is off.
    now: datetime

    @property
    def sender(self) -> str:
        """The user as recipients see them."""
        return self.full_name or self.user


class Ref(Message):
    """A document or a folder: its id, and the name to be shown."""

    id: str
    name: str


class IdsFound(Message):
    """What of the caller's own has an id that begins as was asked for."""

    documents: list[Ref]
    folders: list[Ref]


class Source(Message):
    """Where a document was sent from.

    ``label`` is ``ACTIVE!453.1`` for a version in Work, ``file:NAME`` for a file on the sender's machine. Of a version,
    ``name`` is what the document is called there, and ``matter`` the name of the workspace that it is in, if known.
    """

    label: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    name: Annotated[str, StringConstraints(max_length=1024)] | None = None
    matter: Annotated[str, StringConstraints(max_length=1024)] | None = None


class OpenSend(RequestedWithPassword):
    """Opens a send with settings that apply to all of its documents.

    An omitted field uses the policy's default; ``null`` means *none*. ``recipients`` are whom the links are for, as the
    sender's note: it restricts nothing, and only the sender sees it. ``zone_offset`` is the user's offset from UTC in
    minutes: the policy's longest expiry includes the whole of its last day there. ``continues`` is the id of the
    caller's send that this one is in place of: their documents are listed together.
    """

    folder: str
    recipients: Addresses = Field(default_factory=list)
    continues: Annotated[str, StringConstraints(max_length=64)] | None = None


class Send(LinkFields):
    """An opened send, which uploads and publish requests refer to by ``id``. It never contains the password."""

    id: str
    folder: Ref
    created_at: datetime


class SetRecipients(Message):
    """Replaces the recipients of a send: of all its documents, or only of those with the ids in ``documents``. An empty
    list removes them."""

    recipients: Addresses
    documents: (
        Annotated[list[Annotated[str, StringConstraints(max_length=64)]], Field(max_length=1000)] | None
    ) = None


class RecipientsSet(Message):
    """The recipients in their canonical form, and how many documents had others before."""

    recipients: list[str]
    changed: int


class EarlierRecipients(Message):
    """The addresses that the caller has sent to, those used most and most recently first; and the domains of the
    caller's own addresses."""

    recipients: list[str]
    own_domains: list[str] = Field(default_factory=list)


#: The greatest place of a document in its send that lists tell from others.
MOST_ORDERED = 2**20 - 1
#: Where a document stands among those of its send, from 0; without it, lists have it where it arrived.
Order = Annotated[int, Field(ge=0, le=MOST_ORDERED, strict=True)]


class Publish(Message):
    """Publishes one upload of a send as a document with a link.

    ``upload`` is the upload's id, ``sha256`` the digest that the client computed over the bytes that it read.
    """

    upload: str
    name: Annotated[str, StringConstraints(max_length=1024)]
    sha256: Sha256
    source: Source
    order: Order | None = None
    carries: CarriesReport | None = None


class PublishVersion(Message):
    """Publishes a version in Work that is stored on the same server, without uploading its bytes.

    ``version`` is its id (``ACTIVE!453.1``), ``sha256`` the digest that it was listed with.
    """

    version: Annotated[str, StringConstraints(max_length=64)]
    name: Annotated[str, StringConstraints(max_length=1024)]
    sha256: Sha256
    order: Order | None = None
    carries: CarriesReport | None = None


class SendUpload(Message):
    """An upload of a send. ``offset`` bytes of ``size`` have arrived; ``published`` ones have become documents."""

    id: str
    size: int
    offset: int
    published: bool
    expires_at: datetime


class SentUnder(Message):
    """A document of a send as it is now, and the idempotency ``key`` that it was published under. ``document`` is
    ``null`` if it was permanently removed."""

    key: str | None
    document: Document | None


class SendState(Message):
    """The state of a send, for a client that resumes it after an interruption."""

    send: Send
    documents: list[SentUnder]
    uploads: list[SendUpload]


class UploadsEnded(Message):
    """The number of unfinished uploads that were ended."""

    ended: int


class Resend(RequestedWithPassword):
    """New settings for a sent document. Omitted fields are kept; ``null`` removes a setting, and so does an empty list
    of ``recipients``. A new address has no recipients but those that are given with it."""

    recipients: Addresses | None = None
    new_address: bool = False


class StoppedLink(Message):
    """A document that an administrator has unpublished. ``owner`` is its sender's name."""

    id: str
    owner: str
    #: Whether its link worked until now.
    published: bool


class UndoUnpublish(Message):
    """Undoes an unpublishing by hand. ``unpublished_at`` is the value of the document's field."""

    unpublished_at: SentMoment


class Document(LinkFields):
    """A document in a Secure Sent Links folder, as its owner sees it (members don't see ``url``)."""

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
    #: Wrong passwords have locked the link: each network has one attempt a minute.
    locked: bool
    #: After wrong passwords, some recipient has to wait before each further attempt.
    throttled: bool = False
    #: While it is locked, or some recipient has to wait: how many wrong passwords there were, and when the last of
    #: those who wait may try again.
    wrong_passwords: int = 0
    next_try_at: datetime | None = None
    downloads: int
    #: Downloads of which the recipient was sent all bytes.
    delivered: int = 0
    #: The send that it belongs to, which only its owner sees.
    send_id: str | None = None
    last_download_at: datetime | None
    sent_at: datetime
    #: When it was sent again for the last time, from which on its downloads are counted.
    resent_at: datetime | None = None
    source: str
    #: What the document in Work was called that it was sent from, if that is known.
    source_name: str | None = None
    #: The name of the workspace in Work that it was sent from, if that is known.
    matter: str | None = None
    #: When it was moved to the trash, as long as it is there.
    deleted_at: datetime | None = None
    #: When it was unpublished by hand, if nothing else has happened to it since.
    unpublished_at: datetime | None = None
    #: Of a link that was ended ``by hand``: by its ``owner``, by the ``deletion`` of the document, or by an
    #: ``administrator``; ``null`` if that isn't known.
    ended_by: str | None = None

    @property
    def why_off(self) -> str | None:
        """Why the link doesn't work, for the functions of ``rules/sent_text.py``: ``reason``, or what is known of one
        that is by hand."""
        return (self.reason and self.ended_by) or self.reason


class UndoDelete(Message):
    """Undoes a deletion. ``deleted_at`` is the value of the document's field."""

    deleted_at: SentMoment


class Documents(Message):
    """A page. ``cursor`` is omitted (``null``) on the last one; ``total`` counts the documents of all pages; it
    isn't known (``null``) on the first of several pages with a filter."""

    documents: list[Document]
    cursor: str | None = None
    total: int | None


class DownloadsOfDay(Message):
    """The downloads that were counted on a day."""

    day: date
    downloads: int


class DownloadsByDay(Message):
    """The days one after the other, also those without downloads; oldest first."""

    days: list[DownloadsOfDay]


class Purged(Message):
    """The number of documents that were permanently removed."""

    purged: int
