"""Work's side: containers, documents, and who may see them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, text

from .base import BIG, Moment, metadata

# Who may do what with containers and documents: each of them names a rule. Rule 0 is everyone's to read and write;
# the others are rows here: what everyone may (read, or nothing), and what the people in acl_users may. What belongs
# to Share has none (NULL): owner and members of its folder may read it.
acls = Table(
    "acls",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
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
    Column("number", BIG, primary_key=True, autoincrement=True),
    # workspace, folder
    Column("kind", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("parent", ForeignKey("containers.number")),
    Column("workspace", ForeignKey("containers.number")),
    # Whose it is, written once (a trigger holds that), and what they are called. NULL: an earlier version of the
    # program did not keep it.
    Column("owner_id", ForeignKey("users.id")),
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
    Column("number", BIG, primary_key=True, autoincrement=True),
    Column("parent", ForeignKey("containers.number"), nullable=False),
    # The greatest version that is there, and the greatest that ever was: numbers are not given twice.
    Column("latest", Integer, nullable=False),
    Column("last_version", Integer, nullable=False, server_default=text("1")),
    # Of the latest version, for lists in order, and for the classes that somebody sees.
    Column("name_key", Text, nullable=False),
    Column("class", String(64)),
    Column("edited_at", Moment, nullable=False),
    # Whose it is, as of containers.
    Column("owner_id", ForeignKey("users.id")),
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
    _listing("ix_documents_classes", "acl", "class"),
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
    Column("checked_out_id", ForeignKey("users.id")),
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
    Column("number", BIG, primary_key=True, autoincrement=False),
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
    Column("id", BIG, primary_key=True, autoincrement=True),
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
