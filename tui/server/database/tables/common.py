"""What there is once, for both sides: people and their tokens, the policy, which bytes are kept."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
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
    text,
)

from .base import Moment, metadata

installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key_check", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    # The public half of the key that signs the heads of the audit; the other is in the data folder.
    Column("signing_key", LargeBinary),
    # The newest seal of the audit, with a mac of its own.
    Column("anchor_sequence", Integer),
    Column("anchor_seal", LargeBinary),
    Column("anchor_mac", LargeBinary),
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
    # access: good until revoked or unused for long; first: that of the data folder; grant: a Work token of half an
    # hour; refresh: renews a grant
    Column("kind", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("used_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("idle_seconds", Integer),
    Column("revoked_at", Moment),
    # A grant, its refresh token and all that follow from it, which end together.
    Column("family", String(32), index=True),
    # When the person signed in that it came of, with what ("app", "command line", an OAuth client's id), and the
    # network address of its last use.
    Column("begun_at", Moment),
    Column("program", String(255)),
    Column("address", String(64)),
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
    # How the file stood (Blobs.stamp) when it was read and found to be another.
    Column("damaged", String(128)),
)

# Bytes that nothing refers to any more and that are still to be removed, also after a crash in between.
dead_blobs = Table(
    "dead_blobs",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("since", Moment, nullable=False),
)

# Wrong passwords at the sign-in; the network "*" counts those of all networks on a name, the name "*" those of a
# network on all names. Of these two, the hour ends at wait_until.
wrong_sign_ins = Table(
    "wrong_sign_ins",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("network", String(64), primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("last_at", Moment, nullable=False, index=True),
    Column("wait_until", Moment),
)

# Sign-ins that were refused since the hour began that is told in one, for each chain of the audit and network.
refused_sign_ins = Table(
    "refused_sign_ins",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("network", String(64), primary_key=True),
    Column("since", Moment, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
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
