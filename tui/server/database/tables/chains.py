"""The audit: chains of rows, and the seals over them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table, Text, UniqueConstraint, text

from .base import BIG, Moment, metadata, partial_index

#: Rows in the index that counts a link's wrong passwords since it was last unlocked or sent again.
ABOUT_TRIES = text("event IN ('wrong password', 'unlocked', 'resent')")

# A chain for each document (subject "document:ID"), folder or person; each row's MAC covers the row before.
audit = Table(
    "audit",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("subject", String(64), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("event", String(32), nullable=False),
    Column("actor", String(255)),
    Column("address", String(64)),
    Column("agent", Text),
    Column("details", Text, nullable=False),
    # What the document became, if the row records a change to it.
    Column("state", LargeBinary),
    Column("mac", LargeBinary, nullable=False),
    UniqueConstraint("subject", "sequence", name="uq_audit_chain"),
    partial_index("ix_audit_tries", "subject", "at", where=ABOUT_TRIES.text),
    sqlite_autoincrement=True,
)

# The last row of each chain, so that appending to it is one short statement.
audit_heads = Table(
    "audit_heads",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Column("head_mac", LargeBinary),
    # The last row that a seal covers.
    Column("sealed", Integer, nullable=False, server_default=text("0")),
    partial_index("ix_audit_heads_unsealed", "subject", where="sequence <> sealed"),
)

# One chain for the installation: each seal covers the heads that have moved since the previous one.
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
