"""The tables of Work: containers, documents, and who may see them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, text

from .base import BIG, Moment, metadata, partial_index

# Who may do what with containers and documents: each refers to a rule. With rule 0, everyone may read and write; the
# others are rows here: what everyone may do (read, or nothing), and what the users in acl_users may do. What belongs
# to Share has no rule (NULL): the owner and members of its folder may read it.
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

# Number of items in a container (0: the library itself, which holds the workspaces) under each rule.
counters = Table(
    "counters",
    metadata,
    Column("parent", BigInteger, primary_key=True, autoincrement=False),
    Column("acl", BigInteger, primary_key=True, autoincrement=False),
    Column("containers", BigInteger, nullable=False),
    Column("documents", BigInteger, nullable=False),
)


def _listing(name: str, *columns: str) -> Index:
    """An index for reading lists, without deleted rows."""
    return partial_index(name, *columns, where="deleted_at IS NULL")


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
    # The owner, who never changes (a trigger enforces it), and their name. NULL: made by a version of the program that
    # didn't record the owner.
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
    # For users who see most of a container, under many rules.
    _listing("ix_containers_names", "parent", "name_key", "number", "acl"),
    _listing("ix_containers_kinds", "kind", "name_key", "number", "acl"),
    sqlite_autoincrement=True,
)

documents = Table(
    "documents",
    metadata,
    Column("number", BIG, primary_key=True, autoincrement=True),
    Column("parent", ForeignKey("containers.number"), nullable=False),
    # The highest version that exists, and the highest that ever did: numbers are never reused.
    Column("latest", Integer, nullable=False),
    Column("last_version", Integer, nullable=False, server_default=text("1")),
    # Copied from the latest version, for sorted lists and for the list of classes that a user can see.
    Column("name_key", Text, nullable=False),
    Column("class", String(64)),
    Column("edited_at", Moment, nullable=False),
    # The owner, as in containers.
    Column("owner_id", ForeignKey("users.id")),
    Column("default_security", String(16), nullable=False),
    Column("acl", BigInteger),
    Column("deleted_at", Moment),
    # Its row in SQLite's full-text index: the later the edit, the greater the number.
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
    # The name has no extension; the extension has no dot; type is Work's alias (WORDX).
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
    # Set while it is in the library's trash, from which it can be restored.
    Column("deleted_at", Moment),
    Column("deleted_by", String(255)),
    partial_index("ix_versions_trash", "deleted_at", where="deleted_at IS NOT NULL"),
    partial_index(
        "ix_versions_checked_out", "checked_out_by", "checked_out_at", where="checked_out_by IS NOT NULL"
    ),
)

# The headers of versions that are e-mails.
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

# Values that programs store with a version, under names of their choice.
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
    # From the same sequence as the numbers of containers.
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
    # Work's own names: NEWDOCUMENT, NEWDOCVER, VIEW, EXPORT, SHARED, ...
    Column("activity", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("application", String(64), nullable=False),
    Column("location", String(255)),
    Column("comments", Text),
    Column("duration", Integer),
    Index("ix_history_document", "number", "at"),
    sqlite_autoincrement=True,
)
