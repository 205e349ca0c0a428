"""The anchor of the audit: which seal is the newest, so that it is noticed if seals are cut off.

It is stored twice: in the database, and in the data folder of each machine (``audit.seal``). The latter may be behind
the newest seal, but isn't restored along with the database. Each has its own MAC, and both always exist: a missing
anchor is as bad as a wrong one. Neither advances from a seal that no longer exists. ``data_folders`` records which data
folders have one.

Limits: if someone restores database and data folder *together* to an earlier state, nothing left there shows what came
after it; with several machines, the anchors of the others do. If someone removes all audit files from a data folder, it
counts as a new one; all that shows is a row in the installation's chain, which administrators can see. Only heads that
are stored elsewhere (``heads``) are proof. And anyone who has the key can forge everything.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.state import Event
from ..base.files import write_private
from ..context import Context
from ..database.tables import audit_heads, installation, seals, stored, users
from .chain import INSTALLATION, append, head_mac, subject
from .first_states import record_states

log = logging.getLogger("sentlinks")
_BATCH = 1000
_FILE = "audit.seal"


class Anchor(NamedTuple):
    """The newest known seal; ``sequence`` is 0 before the first one."""

    sequence: int
    mac: bytes


NONE_YET = Anchor(0, b"")


def anchor_mac(context: Context, anchor: Anchor) -> bytes:
    """The MAC that proves that the server wrote ``anchor``."""
    return context.keys.audit_mac(b"anchor", str(anchor.sequence).encode(), anchor.mac)


# ---------------------------------------------------------------- in the data folder


def anchor_path(context: Context) -> Path:
    """The file in which this machine stores the newest seal that it has made."""
    return context.settings.data / _FILE


def read_file(context: Context) -> Anchor | None:
    """Read the data folder's anchor; ``None`` if there is none. Raises ``ValueError`` if the server didn't write it."""
    stored = _read(anchor_path(context))
    if stored is None:
        return None
    anchor, mac = stored
    if mac is None or not hmac.compare_digest(mac, anchor_mac(context, anchor)):
        raise ValueError("it was changed")
    return anchor


def _read(path: Path) -> tuple[Anchor, bytes | None] | None:
    try:
        stored = json.loads(path.read_text())
        mac = bytes.fromhex(stored["anchor"]) if "anchor" in stored else None
        return Anchor(int(stored["sequence"]), bytes.fromhex(stored["mac"])), mac
    except FileNotFoundError:
        return None
    except (KeyError, TypeError, AttributeError, OverflowError, OSError) as error:
        raise ValueError(str(error)) from error


def read_claim(context: Context) -> Anchor | None:
    """Read the data folder's anchor without checking its MAC; ``None`` if there is none or it can't be read."""
    try:
        stored = _read(anchor_path(context))
    except ValueError:
        return None
    return stored[0] if stored else None


def was_used(data: Path) -> bool:
    """Whether the data folder belonged to an installation that was in use; one left by an interrupted first start has
    no seals yet."""
    try:
        stored = _read(data / _FILE)
    except ValueError:
        return True
    return stored is not None and stored[0].sequence > 0


def write_file(context: Context, anchor: Anchor) -> None:
    """Write ``anchor`` to the data folder, replacing an older one."""
    stored = {
        "sequence": anchor.sequence,
        "mac": anchor.mac.hex(),
        "anchor": anchor_mac(context, anchor).hex(),
    }
    write_private(anchor_path(context), json.dumps(stored))


def _advance_file(context: Context, anchor: Anchor) -> None:
    # Another process of this machine may have written a later one.
    known = read_file(context)
    if known is not None and known.sequence < anchor.sequence:
        write_file(context, anchor)


# ---------------------------------------------------------------- in the database


async def read_stored(context: Context, connection: AsyncConnection, *, lock: bool = False) -> Anchor | None:
    """The anchor in the database; ``None`` if it is missing or the server didn't write it. ``lock`` locks it until the
    transaction ends."""
    columns = installation.c.anchor_sequence, installation.c.anchor_seal, installation.c.anchor_mac
    query = select(*stored(columns))
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    return None if row is None else verified(context, row.anchor_sequence, row.anchor_seal, row.anchor_mac)


def verified(context: Context, sequence: Any, seal: Any, mac: Any) -> Anchor | None:
    """The anchor with these columns; ``None`` if it is missing, malformed, or its MAC is wrong."""
    if not (isinstance(sequence, int) and isinstance(seal, bytes) and isinstance(mac, bytes)):
        return None
    anchor = Anchor(sequence, seal)
    return anchor if hmac.compare_digest(mac, anchor_mac(context, anchor)) else None


async def keep(context: Context, connection: AsyncConnection, anchor: Anchor) -> None:
    """Store ``anchor`` in the database."""
    await connection.execute(
        update(installation).values(
            anchor_sequence=anchor.sequence,
            anchor_seal=anchor.mac,
            anchor_mac=anchor_mac(context, anchor),
        )
    )


async def newest(connection: AsyncConnection) -> Anchor:
    """The newest seal in the database."""
    last = (
        await connection.execute(select(*stored(seals.c)).order_by(seals.c.sequence.desc()).limit(1))
    ).first()
    return Anchor(last.sequence, last.mac) if last else NONE_YET


#: Built once: ``Database.first`` keeps it.
_SEAL = select(*stored([seals.c.mac])).where(seals.c.sequence == bindparam("sequence"))


async def seal_exists(context: Context, connection: AsyncConnection, anchor: Anchor) -> bool:
    """Whether the seal that ``anchor`` names exists by now; the snapshot that ``connection`` reads may be older."""
    if anchor == NONE_YET:
        return True
    row = await context.database.first_by_now(connection, _SEAL, {"sequence": anchor.sequence})
    return row is not None and row.mac == anchor.mac


class Advance:
    """Advances both anchors to a new seal: the database's in the same transaction, the file's after the commit."""

    def __init__(self, context: Context, last: Anchor, new: Anchor) -> None:
        self._context = context
        self._last = last
        self._new = new
        self._file = False

    async def in_transaction(self, connection: AsyncConnection) -> None:
        """Advance the database's anchor, with the seal; if seals are missing it stays, and the log says so."""
        stored = await read_stored(self._context, connection)
        if stored == self._last:
            await keep(self._context, connection, self._new)
        else:
            log.error("seals of the audit or their anchor are missing; check with: sentlinks audit --verify")
        try:
            known = await asyncio.to_thread(read_file, self._context)
        except ValueError:
            known = None
        self._file = known is not None and await seal_exists(self._context, connection, known)
        if not self._file:
            log.error("audit.seal is missing or doesn't match; check with: sentlinks audit --verify")

    async def afterwards(self) -> None:
        """Advance the file's anchor, if it was one of the seals that are there."""
        if self._file:
            await asyncio.to_thread(_advance_file, self._context, self._new)


# ---------------------------------------------------------------- beginning


async def begin(context: Context, connection: AsyncConnection) -> None:
    """Create the first anchor of an installation, and what it covers: the chains of the installation and of each
    person, MACs for heads written by earlier versions, and rows with the states of its documents.

    Must run in the transaction that records that this was done, so that no one can make it happen again.
    """
    await _seal_heads(context, connection)
    await _begin_chains(context, connection)
    await record_states(context, connection)
    last = await newest(connection)
    await keep(context, connection, last)
    # A file written by an earlier version is taken over as it is, even if the seal that it names no longer exists.
    write_file(context, read_claim(context) or last)


async def _seal_heads(context: Context, connection: AsyncConnection) -> None:
    named = (
        update(audit_heads)
        .where(audit_heads.c.subject == bindparam("named"))
        .values(head_mac=bindparam("made"))
    )
    last = ""
    query = select(audit_heads).order_by(audit_heads.c.subject).limit(_BATCH)
    while True:
        rows = (await connection.execute(query.where(audit_heads.c.subject > last))).all()
        if not rows:
            return
        made = [
            {"named": row.subject, "made": head_mac(context, row.subject, row.sequence, row.mac)}
            for row in rows
        ]
        await connection.execute(named, made)
        last = rows[-1].subject


async def _has_people(connection: AsyncConnection) -> bool:
    return (await connection.execute(select(users.c.id).limit(1))).first() is not None


async def _begin_chains(context: Context, connection: AsyncConnection) -> None:
    since = (await connection.execute(select(installation.c.created_at))).scalar_one()
    details = {"since": since.isoformat(), **({} if await _has_people(connection) else {"guarded": True})}
    await append(context, connection, INSTALLATION, Event.INSTALLED, details=details)
    for row in (await connection.execute(select(users))).all():
        chain = subject("person", row.id)
        details = {"person": row.name, "admin": row.admin}
        await append(context, connection, chain, Event.PERSON_ADDED, details=details, at=row.created_at)
        if row.removed_at is not None:
            await append(
                context,
                connection,
                chain,
                Event.PERSON_REMOVED,
                details={"person": row.name},
                at=row.removed_at,
            )
