"""Tables that Work and Share have in common: users and their tokens, the policy, which bytes are stored."""

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
)

from .base import Moment, metadata, partial_index

installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key_check", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    # The public half of the key that signs the heads of the audit; the private half is in the data folder.
    Column("signing_key", LargeBinary),
    # The newest seal of the audit, with its own MAC.
    Column("anchor_sequence", Integer),
    Column("anchor_seal", LargeBinary),
    Column("anchor_mac", LargeBinary),
    # Whether the bytes of documents are sealed (Sealing): NULL, as in an installation made by an earlier version,
    # "begun" for new ones and one after another of those that lie plain, "done" for all of them.
    Column("sealing", String(8)),
    # What the S3 store of the documents has been marked with; NULL as long as they are in the data folder.
    Column("store_id", String(32)),
    # Its address; NULL also if it was set up by a version that didn't note it.
    Column("store_url", Text),
)

# The move of all documents to another store: one row, NULL as long as there is none.
store_moves = Table(
    "store_moves",
    metadata,
    Column("id", Integer, primary_key=True),
    # How far it is (MoveStep).
    Column("step", String(8)),
    # What no other move has.
    Column("tag", String(32)),
    # What stores are known by (moves.StorePlace), and their addresses; NULL for the data folder.
    Column("source_id", String(32)),
    Column("source_url", Text),
    Column("target_id", String(32)),
    Column("target_url", Text),
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
    # When the last e-mail about deliveries was begun.
    Column("notified_at", Moment),
    partial_index("uq_users_present_name", "name", unique=True, where="removed_at IS NULL"),
    # Not unique: names in the library may belong to users who have been removed.
    Index("ix_users_name", "name"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    # access: valid until revoked or unused for a long time; first: the data folder's; grant: a half-hour Work token;
    # refresh: renews a grant
    Column("kind", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("used_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("idle_seconds", Integer),
    Column("revoked_at", Moment),
    # Shared by a grant, its refresh token and all tokens derived from it; they end together.
    Column("family", String(32), index=True),
    # When the sign-in behind it began, the program ("app", "command line", an OAuth client's id), and the network
    # address of its last use.
    Column("begun_at", Moment),
    Column("program", String(255)),
    Column("address", String(64)),
)

# Authorization codes, given to a user's browser for the program that opened it; valid once, for a short time.
sign_in_codes = Table(
    "sign_in_codes",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("client_id", String(255), nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("scope", String(64), nullable=False),
    # The code challenge (PKCE, S256), whose verifier must be given to redeem the code.
    Column("challenge", String(128)),
    Column("expires_at", Moment, nullable=False, index=True),
    # The family of the tokens issued for it; it ends if the code is presented a second time.
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
    # The file's stamp (Blobs.stamp) when its contents were found to be different.
    Column("damaged", String(128)),
    partial_index("ix_blobs_damaged", "key", where="damaged IS NOT NULL"),
)

# Blobs that nothing refers to any more and that still have to be removed, even after a crash in between.
dead_blobs = Table(
    "dead_blobs",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("since", Moment, nullable=False),
)

# The keys of sealed contents, by the key of their blob or upload; wrapped by the installation's key, whose id is given.
# What has no row here lies plain, from before sealing was begun.
sealed_contents = Table(
    "sealed_contents",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("wrapped_by", String(32), nullable=False, index=True),
    # Fixes the list of pieces as soon as a document has this content.
    Column("mac", LargeBinary),
)

# The pieces that a sealed content is stored as, in order; their names are the keys of what is stored.
sealed_pieces = Table(
    "sealed_pieces",
    metadata,
    Column("content", ForeignKey("sealed_contents.key"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("salt", LargeBinary, nullable=False),
    # How many bytes are stored (NULL while they are being written), and how many bytes of their text count.
    Column("stored", BigInteger),
    Column("used", BigInteger, nullable=False),
    # The store that it was moved to, or that it was stored in during a move; NULL for what was never moved.
    Column("store", String(32)),
)

# Which key wraps the keys of contents: one row, NULL as long as that is the one that the installation was made with.
wrapping = Table(
    "wrapping",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("wrapped_by", String(32)),
    # The one that the installation was made with, wrapped by it: links, tokens and the audit stay bound to that.
    Column("first_key", LargeBinary),
    # The one that takes its place as soon as it has wrapped all keys of contents, wrapped by it.
    Column("next_key", LargeBinary),
)

# The server processes, and which key they wrap with; one that was killed leaves its row.
processes = Table(
    "processes",
    metadata,
    Column("id", String(64), primary_key=True),
    # Where it can be reached by its number (process_ids.realm).
    Column("realm", String(128), nullable=False),
    Column("number", Integer, nullable=False),
    Column("version", String(64), nullable=False),
    Column("wraps_with", String(32), nullable=False),
    # Which step of a move to another store it has taken up, or why it can't.
    Column("store_seen", String(100)),
    Column("store_trouble", Text),
)

# Wrong passwords at sign-in; network "*" counts a name's over all networks, name "*" counts a network's over all names.
# In these totals, wait_until is the end of the hour that is counted.
wrong_sign_ins = Table(
    "wrong_sign_ins",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("network", String(64), primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("last_at", Moment, nullable=False, index=True),
    Column("wait_until", Moment),
)

# Sign-ins refused in the current hour, which the audit reports as one total, for each audit chain and network.
refused_sign_ins = Table(
    "refused_sign_ins",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("network", String(64), primary_key=True),
    Column("since", Moment, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
)

# The responses to requests that carried an idempotency key.
idempotency = Table(
    "idempotency",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    # Encrypted, since it may contain a link.
    Column("answer", LargeBinary),
    Column("created_at", Moment, nullable=False, index=True),
)
