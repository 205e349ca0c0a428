"""The tables of both sides. Facts live here; bytes live in ``blobs/``.

Moments are whole microseconds since 1970 (UTC), which every database compares alike.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware ``datetime``, kept as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    # In place of process_result_value, which takes two calls a value: lists read thousands of them.
    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], datetime | None]:
        return _moment


def _moment(value: int | None) -> datetime | None:
    return None if value is None else _EPOCH + value * _MICROSECOND


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Numbers of documents and containers are handed out in order and never twice.
_BIG = BigInteger().with_variant(Integer, "sqlite")

installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key_check", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("full_name", String(255)),
    Column("email", String(255)),
    Column("admin", Boolean, nullable=False),
    Column("password_hash", String(255)),
    Column("created_at", Moment, nullable=False),
    Column("removed_at", Moment),
    Index(
        "uq_users_present_name",
        "name",
        unique=True,
        sqlite_where=text("removed_at IS NULL"),
        postgresql_where=text("removed_at IS NULL"),
    ),
    # Names in the library are also those of people who have gone.
    Index("ix_users_name", "name"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    # access: good until revoked or unused for long; grant: a Work token of half an hour; refresh: renews a grant
    Column("kind", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("used_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("idle_seconds", Integer),
    Column("revoked_at", Moment),
    # A grant, its refresh token and all that follow from it, which end together.
    Column("family", String(32), index=True),
)

# What a person's browser was given after signing in, for the program that sent it; good once, for a short while.
sign_in_codes = Table(
    "sign_in_codes",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("client_id", String(255), nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("scope", String(64), nullable=False),
    # What the one who redeems it has to know the origin of (PKCE, S256).
    Column("challenge", String(128)),
    Column("expires_at", Moment, nullable=False, index=True),
    # What was given for it: ends where somebody comes with it a second time.
    Column("family", String(32)),
)

policy = Table(
    "policy",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("values", JSON, nullable=False),
)

blobs = Table(
    "blobs",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
)

# Bytes that nothing refers to any more and that are still to be removed, also after a crash in between.
dead_blobs = Table(
    "dead_blobs",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("since", Moment, nullable=False),
)

# Wrong passwords at the sign-in; the network "*" counts those of all networks.
wrong_sign_ins = Table(
    "wrong_sign_ins",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("network", String(64), primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("last_at", Moment, nullable=False, index=True),
    Column("wait_until", Moment),
)

# ---------------------------------------------------------------- Work

# Who may do what with containers and documents: each of them names a rule. Rule 0 is everyone's to read and write;
# the others are rows here: what everyone may (read, or nothing), and what the people in acl_users may. What belongs
# to Share has none (NULL): owner and members of its folder may read it.
acls = Table(
    "acls",
    metadata,
    Column("id", _BIG, primary_key=True, autoincrement=True),
    Column("everyone", String(16), index=True),
    sqlite_autoincrement=True,
)

acl_users = Table(
    "acl_users",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("acl", ForeignKey("acls.id"), primary_key=True, index=True),
    # read, read_write, full_access
    Column("level", String(16), nullable=False),
)

# How much is in a container (0: the library itself, which holds the workspaces) under each rule.
counters = Table(
    "counters",
    metadata,
    Column("parent", BigInteger, primary_key=True, autoincrement=False),
    Column("acl", BigInteger, primary_key=True, autoincrement=False),
    Column("containers", BigInteger, nullable=False),
    Column("documents", BigInteger, nullable=False),
)


def _listing(name: str, *columns: str) -> Index:
    """An index that lists are read from: what is deleted is not in it."""
    there = text("deleted_at IS NULL")
    return Index(name, *columns, sqlite_where=there, postgresql_where=there)


containers = Table(
    "containers",
    metadata,
    Column("number", _BIG, primary_key=True, autoincrement=True),
    # workspace, folder
    Column("kind", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("parent", ForeignKey("containers.number")),
    Column("workspace", ForeignKey("containers.number")),
    Column("owner", String(255), nullable=False),
    Column("description", Text),
    Column("default_security", String(16), nullable=False),
    Column("acl", BigInteger),
    # imanage_share for a Secure Sent Links folder, whose Share id is share_id
    Column("view_type", String(16), nullable=False),
    Column("share_id", String(32), unique=True),
    Column("created_at", Moment, nullable=False),
    Column("edited_at", Moment, nullable=False),
    Column("deleted_at", Moment),
    _listing("ix_containers_children", "parent", "acl", "name_key", "number"),
    _listing("ix_containers_kind", "kind", "acl", "name_key", "number"),
    # For those who see most of a place, under many rules.
    _listing("ix_containers_names", "parent", "name_key", "number", "acl"),
    _listing("ix_containers_kinds", "kind", "name_key", "number", "acl"),
    sqlite_autoincrement=True,
)


documents = Table(
    "documents",
    metadata,
    Column("number", _BIG, primary_key=True, autoincrement=True),
    Column("parent", ForeignKey("containers.number"), nullable=False),
    # The greatest version that is there, and the greatest that ever was: numbers are not given twice.
    Column("latest", Integer, nullable=False),
    Column("last_version", Integer, nullable=False, server_default=text("1")),
    # Of the latest version, for lists in order.
    Column("name_key", Text, nullable=False),
    Column("edited_at", Moment, nullable=False),
    Column("default_security", String(16), nullable=False),
    Column("acl", BigInteger),
    Column("deleted_at", Moment),
    # Its row in the full text index where that is SQLite's: what was edited later has a greater one.
    Column("search_id", BigInteger, unique=True),
    _listing("ix_documents_by_name", "parent", "acl", "name_key", "number"),
    _listing("ix_documents_by_edit", "parent", "acl", "edited_at", "number"),
    _listing("ix_documents_names", "parent", "name_key", "number", "acl"),
    _listing("ix_documents_edits", "parent", "edited_at", "number", "acl"),
    _listing("ix_documents_newest", "edited_at", "number", "acl"),
    _listing("ix_documents_rules", "acl", "edited_at", "number"),
    sqlite_autoincrement=True,
)

versions = Table(
    "versions",
    metadata,
    Column("number", ForeignKey("documents.number"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    # Without its extension; extension without its dot; type is Work's alias (WORDX).
    Column("name", Text, nullable=False),
    Column("extension", String(32), nullable=False),
    Column("type", String(32), nullable=False),
    Column("class", String(64), nullable=False),
    Column("author", String(255), nullable=False),
    Column("operator", String(255), nullable=False),
    Column("last_user", String(255), nullable=False),
    Column("comment", Text),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("blob", ForeignKey("blobs.key"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("edited_at", Moment, nullable=False),
    Column("file_created_at", Moment),
    Column("file_edited_at", Moment),
    Column("checked_out_by", String(255)),
    Column("checked_out_at", Moment),
    Column("checked_out_due", Moment),
    Column("checked_out_path", Text),
    Column("checked_out_comment", Text),
    # In the trash of the library, from which it can be brought back.
    Column("deleted_at", Moment),
    Column("deleted_by", String(255)),
    Index(
        "ix_versions_trash",
        "deleted_at",
        sqlite_where=text("deleted_at IS NOT NULL"),
        postgresql_where=text("deleted_at IS NOT NULL"),
    ),
    Index(
        "ix_versions_checked_out",
        "checked_out_by",
        "checked_out_at",
        sqlite_where=text("checked_out_by IS NOT NULL"),
        postgresql_where=text("checked_out_by IS NOT NULL"),
    ),
)

# What the header of a version says that is an e-mail.
emails = Table(
    "emails",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("sender", Text),
    Column("recipients", Text),
    Column("cc", Text),
    Column("bcc", Text),
    Column("subject", Text),
    Column("conversation", String(255)),
    Column("sent_at", Moment),
    Column("received_at", Moment),
)

# What programs keep about a version, by names of their own.
name_values = Table(
    "name_values",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", String(255), primary_key=True),
    Column("value", Text, nullable=False),
)

# The classes that documents have had, besides those that every library has.
classes = Table("classes", metadata, Column("id", String(64), primary_key=True))

recent = Table(
    "recent",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("number", ForeignKey("documents.number"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_recent_newest", "user_id", "at"),
)

favorites = Table(
    "favorites",
    metadata,
    # Drawn from the same numbers as containers.
    Column("number", _BIG, primary_key=True, autoincrement=False),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    # folder_shortcut, workspace_shortcut, document_shortcut, category
    Column("wstype", String(32), nullable=False),
    # my_favorites, my_matters
    Column("root", String(16), nullable=False, server_default=text("'my_favorites'")),
    Column("category", ForeignKey("favorites.number")),
    Column("target_number", BigInteger),
    Column("target_version", Integer),
    Column("created_at", Moment, nullable=False),
)

history = Table(
    "history",
    metadata,
    Column("id", _BIG, primary_key=True, autoincrement=True),
    Column("number", ForeignKey("documents.number"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("user", String(255), nullable=False),
    # Work's own words: NEWDOCUMENT, NEWDOCVER, VIEW, EXPORT, SHARED, ...
    Column("activity", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("application", String(64), nullable=False),
    Column("location", String(255)),
    Column("comments", Text),
    Column("duration", Integer),
    Index("ix_history_document", "number", "at"),
    sqlite_autoincrement=True,
)

# ---------------------------------------------------------------- Share

folders = Table(
    "folders",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    # The container of Work that shows this folder there.
    Column("container", ForeignKey("containers.number"), nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("confirmed_at", Moment),
    Column("deleted_at", Moment),
)

# Each user's current folder. The generation rises with every change, so that a client that looked
# before the change is told to look again.
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
    Column("password_hash", String(255)),
    Column("expires_at", Moment),
    Column("downloads_permitted", Integer),
    Column("created_at", Moment, nullable=False),
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
)

sent_documents = Table(
    "sent_documents",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("folder_id", ForeignKey("folders.id"), nullable=False),
    Column("owner_id", ForeignKey("users.id"), nullable=False),
    Column("send_id", ForeignKey("sends.id"), nullable=False, index=True),
    # The number that Work lists it under.
    Column("number", BigInteger, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("blob", ForeignKey("blobs.key"), index=True),
    Column("source", Text, nullable=False),
    Column("sent_at", Moment, nullable=False),
    # published, unpublished, trashed, purged; the rules are in rules/state.py
    Column("state", String(16), nullable=False),
    Column("reason", String(16)),
    Column("address_hash", LargeBinary, unique=True),
    Column("address_sealed", LargeBinary),
    # Rises with each new setting, so that what was given for earlier settings ends.
    Column("settings", Integer, nullable=False),
    Column("password_hash", String(255)),
    Column("expires_at", Moment),
    Column("downloads_permitted", Integer),
    Column("downloads", Integer, nullable=False, server_default=text("0")),
    Column("last_download_at", Moment),
    Column("locked_at", Moment),
    Column("deleted_at", Moment),
    Column("purged_at", Moment),
    Index("ix_sent_documents_listing", "folder_id", "sent_at", "id"),
    Index("ix_sent_documents_by_name", "folder_id", "name_key", "id"),
    Index("ix_sent_documents_state", "folder_id", "state"),
    Index("ix_sent_documents_owner", "owner_id", "sent_at", "id"),
    Index("ix_sent_documents_trash", "owner_id", "state", "deleted_at", "id"),
    Index("ix_sent_documents_due", "state", "expires_at"),
)

# Reading the bytes of a document that a counted download has paid for.
grants = Table(
    "grants",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("document_id", ForeignKey("sent_documents.id"), nullable=False, index=True),
    Column("settings", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    # Handed to the recipient; and that, plus what requests under way have set aside.
    Column("bytes_given", BigInteger, nullable=False, server_default=text("0")),
    Column("bytes_reserved", BigInteger, nullable=False, server_default=text("0")),
)

wrong_passwords = Table(
    "wrong_passwords",
    metadata,
    Column("document_id", ForeignKey("sent_documents.id"), primary_key=True),
    Column("network", String(64), primary_key=True),
    # The settings that the tries were made against: others forget them.
    Column("settings", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("last_at", Moment, nullable=False, index=True),
    Column("wait_until", Moment),
)

# When an opening of a link was last written to the audit, for each network.
views = Table(
    "views",
    metadata,
    Column("document_id", ForeignKey("sent_documents.id"), primary_key=True),
    Column("network", String(64), primary_key=True),
    Column("event", String(32), primary_key=True),
    Column("at", Moment, nullable=False, index=True),
)

#: What the index is over that counts the wrong passwords of a link since it was last unlocked or sent again.
ABOUT_TRIES = text("event IN ('wrong password', 'unlocked', 'resent')")

# A chain for each document (subject "document:ID") or folder or person; each row's mac covers the one before.
audit = Table(
    "audit",
    metadata,
    Column("id", _BIG, primary_key=True, autoincrement=True),
    Column("subject", String(64), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("event", String(32), nullable=False),
    Column("actor", String(255)),
    Column("address", String(64)),
    Column("agent", Text),
    Column("details", Text, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    UniqueConstraint("subject", "sequence", name="uq_audit_chain"),
    Index("ix_audit_tries", "subject", "at", sqlite_where=ABOUT_TRIES, postgresql_where=ABOUT_TRIES),
    sqlite_autoincrement=True,
)

# The last row of each chain, so that adding to it is one short statement.
audit_heads = Table(
    "audit_heads",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    # Up to which row a seal covers the chain.
    Column("sealed", Integer, nullable=False, server_default=text("0")),
    Index(
        "ix_audit_heads_unsealed",
        "subject",
        sqlite_where=text("sequence > sealed"),
        postgresql_where=text("sequence > sealed"),
    ),
)

# One chain of the installation: each seal covers the heads that had moved since the one before.
seals = Table(
    "seals",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("mac", LargeBinary, nullable=False),
)

sealed_heads = Table(
    "sealed_heads",
    metadata,
    Column("seal", ForeignKey("seals.sequence"), primary_key=True),
    Column("subject", String(64), primary_key=True, index=True),
    Column("sequence", Integer, nullable=False),
    Column("mac", LargeBinary, nullable=False),
)

# The answers to requests that carried an idempotency key.
idempotency = Table(
    "idempotency",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    # Sealed, since it may hold an address.
    Column("answer", LargeBinary),
    Column("created_at", Moment, nullable=False, index=True),
)
