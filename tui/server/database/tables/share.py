"""The tables of Share: folders, and what was sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    false,
    text,
)

from ....rules.link_settings import FLAGS
from .base import Moment, metadata, partial_index


def _link_settings() -> list[Column[Any]]:
    """The settings of a link: a send has them, and each of its documents takes them over."""
    return [
        Column("password_hash", String(255)),
        Column("expires_at", Moment),
        Column("downloads_permitted", Integer),
        *(Column(name, Boolean, nullable=False, server_default=false()) for name in FLAGS),
        # Whom the links are for, one address a line: the sender's note.
        Column("recipients", Text),
    ]


#: The names of these columns.
LINK_SETTINGS = tuple(column.name for column in _link_settings())

folders = Table(
    "folders",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    # The container that shows this folder in Work.
    Column("container", ForeignKey("containers.number"), nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("confirmed_at", Moment),
    Column("deleted_at", Moment),
)

# Each user's current folder. The generation increases with every change, so that a client that read it before the
# change has to read it again.
current_folders = Table(
    "current_folders",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("folder_id", ForeignKey("folders.id")),
    Column("generation", Integer, nullable=False),
)

members = Table(
    "members",
    metadata,
    Column("folder_id", ForeignKey("folders.id"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True, index=True),
    Column("added_at", Moment, nullable=False),
)

sends = Table(
    "sends",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("folder_id", ForeignKey("folders.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    # When the send began that this one continues.
    Column("began_at", Moment),
    *_link_settings(),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("send_id", ForeignKey("sends.id"), nullable=False, index=True),
    Column("blob_key", String(64), nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("metadata", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("published_as", String(32)),
    # Announced but not published: few, compared with all that were published within a week.
    partial_index("ix_uploads_unfinished", "expires_at", "size", where="published_as IS NULL"),
)

sent_documents = Table(
    "sent_documents",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("folder_id", ForeignKey("folders.id"), nullable=False),
    Column("owner_id", ForeignKey("users.id"), nullable=False),
    Column("send_id", ForeignKey("sends.id"), nullable=False, index=True),
    # Its document number in Work.
    Column("number", BigInteger, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("blob", ForeignKey("blobs.key"), index=True),
    Column("source", Text, nullable=False),
    Column("sent_at", Moment, nullable=False),
    # Where it stands in lists by the time sent (share/positions.py).
    Column("position", BigInteger, nullable=False, server_default=text("0")),
    # published, unpublished, trashed, purged; the rules are in rules/state.py
    Column("state", String(16), nullable=False),
    Column("reason", String(16)),
    Column("address_hash", LargeBinary, unique=True),
    Column("address_sealed", LargeBinary),
    # Increases whenever the settings change, which ends what was granted under earlier ones.
    Column("settings", Integer, nullable=False),
    *_link_settings(),
    Column("downloads", Integer, nullable=False, server_default=text("0")),
    # Downloads of which the recipient received all bytes.
    Column("delivered", Integer, nullable=False, server_default=text("0")),
    Column("last_download_at", Moment),
    Column("locked_at", Moment),
    # When it was moved to the trash; kept when that is undone.
    Column("deleted_at", Moment),
    Column("purged_at", Moment),
    # When it was unpublished by hand, or by the deletion of that moment; kept when unpublishing is undone, and while it
    # is in the trash, if deleting it is undone; cleared by any other change and by the last download permitted.
    Column("unpublished_at", Moment),
    # Who or what ended its link, if that is by hand, from rules/state.py; empty if that was before this was recorded.
    Column("ended_by", String(16)),
    # The idempotency key that it was published under, by which an interrupted client finds it again.
    Column("key", String(255)),
    # The name of the workspace in Work that it was sent from, and of the document there.
    Column("matter", Text),
    Column("source_name", Text),
    # What filters look in (rules/sent_filter.py): source with matter, and recipients, regardless of case; those beyond
    # what an index takes are in the rest. And whether there were downloads: unlike their number, that seldom changes.
    Column("source_key", Text),
    Column("recipients_key", Text),
    Column("recipients_rest", Text),
    Column("collected", Boolean, nullable=False, server_default=false()),
    Index("ix_sent_documents_positions", "folder_id", "position", "id"),
    Index("ix_sent_documents_by_name", "folder_id", "name_key", "id"),
    Index("ix_sent_documents_state", "folder_id", "state"),
    Index("ix_sent_documents_own_positions", "owner_id", "position", "id"),
    Index("ix_sent_documents_trash", "owner_id", "state", "deleted_at", "id"),
    Index("ix_sent_documents_due", "state", "expires_at"),
    # All that filters ask for, so that they needn't read the rows of those that don't fit.
    Index(
        "ix_sent_documents_filters",
        "folder_id",
        "position",
        "id",
        "state",
        "reason",
        "collected",
        "name_key",
        "source_key",
        "recipients_key",
    ),
    partial_index("ix_sent_documents_many_recipients", "id", where="recipients_rest IS NOT NULL"),
    partial_index("ix_sent_documents_locked", "locked_at", "id", where="locked_at IS NOT NULL"),
    # The addresses that a person has sent to.
    partial_index("ix_sent_documents_recipients", "owner_id", "sent_at", where="recipients IS NOT NULL"),
)

# Permissions to read a document's bytes, each paid for by a counted download.
grants = Table(
    "grants",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("document_id", ForeignKey("sent_documents.id"), nullable=False),
    Column("settings", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    # Where the button was pressed; NULL in grants from before this was recorded.
    Column("network", String(64)),
    # Bytes that recipients took; and the same plus what requests under way have reserved.
    Column("bytes_given", BigInteger, nullable=False, server_default=text("0")),
    Column("bytes_reserved", BigInteger, nullable=False, server_default=text("0")),
    # When a request under way was last seen.
    Column("busy_at", Moment),
    # Which bytes of the file arrived: JSON pairs of the first byte and the one after the last.
    Column("pieces", Text),
    # When all of them had; and how many bytes the grant gives in all, from then on.
    Column("delivered_at", Moment),
    Column("bytes_permitted", BigInteger),
    # When the download was subtracted from the count again, because the file was damaged.
    Column("undone_at", Moment),
    # How many a network has had of a link lately.
    Index("ix_grants_presses", "document_id", "network", "created_at"),
)

# Events that the audit records once for each grant and network.
grant_events = Table(
    "grant_events",
    metadata,
    Column("hash", ForeignKey("grants.hash", ondelete="CASCADE"), primary_key=True),
    Column("network", String(64), primary_key=True),
    Column("event", String(32), primary_key=True),
)

wrong_passwords = Table(
    "wrong_passwords",
    metadata,
    Column("document_id", ForeignKey("sent_documents.id"), primary_key=True),
    Column("network", String(64), primary_key=True),
    # The settings that the attempts were made against; changed settings reset the count.
    Column("settings", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("last_at", Moment, nullable=False, index=True),
    Column("wait_until", Moment),
    # Identifies the last attempt if it is repeated (Keys.attempt); NULL if its press had no id.
    Column("attempt", LargeBinary),
)

# When the audit last recorded that a link was opened, for each network; only for a minute, so that more openings in
# that time aren't recorded (``openings.ONCE_IN``). The audit has all that were.
views = Table(
    "views",
    metadata,
    Column("document_id", ForeignKey("sent_documents.id"), primary_key=True),
    Column("network", String(64), primary_key=True),
    Column("event", String(32), primary_key=True),
    Column("at", Moment, nullable=False, index=True),
)

# Deliveries that a user is still to be notified of.
notifications = Table(
    "notifications",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    # The document's name at that time.
    Column("name", Text, nullable=False),
    Column("at", Moment, nullable=False, index=True),
    # Where it was delivered to.
    Column("address", String(64)),
)
