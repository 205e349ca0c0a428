"""The lines of a journal's file (``journal.py``), as they are checked when they are read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field

from ...wire.link_fields import Addresses, RequestedFields
from ...wire.message import Message
from ...wire.share import Document, Send


def _without_nul(path: str) -> str:
    if "\0" in path:
        raise ValueError("no file has such a path")
    return path


#: So far from the limits of the calendar that it can be shown in any time zone.
_Moment = Annotated[
    AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(9000, 1, 1, tzinfo=UTC))
]
_Count = Annotated[int, Field(strict=True, ge=0)]


class SourceRecord(Message):
    """Where a document comes from: a ``file``, or the version ``work`` of the Work server ``server``."""

    file: Annotated[str, AfterValidator(_without_nul)] = ""
    work: str = ""
    server: str = ""
    name: str
    label: str
    size: _Count
    #: What a file was like when the send began.
    version: Any = None


class JournalRow(Message):
    """A row of the plan: its source, its link name, and the idempotency key by which it is published only once."""

    source: SourceRecord
    name: str
    #: It is sent as a header.
    key: Annotated[str, Field(pattern=r"^[ -~]{1,255}$")]


class Sender(Message):
    """Whose send it is: only that user, on that server, may resume it."""

    server: str
    user: str


class JournalSettings(RequestedFields):
    """The fields of ``OpenSend`` without the password, those that were set; and whether there is a password, and
    whether we generated it."""

    expires_at: _Moment | None = None
    recipients: Addresses = Field(default_factory=list)
    has_password: bool = False
    made: bool = False


class PlanLine(Message):
    """The first line: everything that the send was begun with, except the password."""

    by: Sender
    at: _Moment
    settings: JournalSettings
    rows: list[JournalRow]


class UploadBegun(Message):
    """An upload that the server may know by now: ``version`` is the content's token at that time."""

    row: _Count
    #: Chosen by the client.
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    size: _Count
    version: Any


class Published(Message):
    """A row that is done, with the document as the server answered."""

    row: _Count
    document: Document
    #: The source had other content by then than when the send began.
    changed: bool = False


class Process(Message):
    """The process that has the journal, to tell others that it is under way."""

    id: Annotated[int, Field(strict=True, gt=0)]
    in_background: bool
    #: Where it has that id (``process_ids.realm``).
    realm: str = ""


class JournalLine(Message):
    """A line, with one of these."""

    plan: PlanLine | None = None
    opened: Send | None = None
    upload: UploadBegun | None = None
    published: Published | None = None
    shown: list[_Count] | None = None
    #: The user has noted the password that we generated.
    noted: Annotated[bool, Field(strict=True)] = False
    process: Process | None = None
