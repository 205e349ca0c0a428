"""The anchor of the audit: which seal is the newest, so that seals that are cut off are missed.

It is kept twice: in the database, and in the data folder of each machine (``audit.seal``), which has not always seen
the newest one but cannot be put back together with the database. Each has a mac of its own, and there is always one:
an anchor that is missing is as bad as one that does not fit. Neither moves on from a seal that is not there. Which
data folders have one is in ``data_folders``.

What cannot be known here: whoever puts back database and data folder *together*, as both were at an earlier moment,
leaves nothing behind that tells of what came after it; with several machines, the anchors of the others do. Whoever
takes everything of the audit out of a data folder makes it a new one: that is a row in the chain of the installation,
to be seen by administrators, and no more. Only heads that are kept elsewhere (``heads``) tell for sure. And who has
the key can write whatever they like.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.state import Event
from ..context import Context
from ..database.tables import audit_heads, installation, seals, users
from ..files import write_private
from .chain import INSTALLATION, append, head_mac, subject
from .first_states import record_states

log = logging.getLogger("sentlinks")
_BATCH = 1000


class Anchor(NamedTuple):
    """The newest seal that was known; before the first one its number is 0."""

    sequence: int
    mac: bytes


NONE_YET = Anchor(0, b"")


def anchor_mac(context: Context, anchor: Anchor) -> bytes:
    """What shows that the server has written ``anchor``."""
    return context.keys.audit_mac(b"anchor", str(anchor.sequence).encode(), anchor.mac)


# ---------------------------------------------------------------- in the data folder


def anchor_path(context: Context) -> Path:
    """Where this machine keeps the newest seal that it has made."""
    return context.settings.data / "audit.seal"


def read_file(context: Context) -> Anchor | None:
    """The anchor of the data folder; ``None`` where there is none. Raises ``ValueError`` where it is not ours."""
    kept = _read(anchor_path(context))
    if kept is None:
        return None
    anchor, mac = kept
    if mac is None or not hmac.compare_digest(mac, anchor_mac(context, anchor)):
        raise ValueError("it was changed")
    return anchor


def _read(path: Path) -> tuple[Anchor, bytes | None] | None:
    try:
        kept = json.loads(path.read_text())
        mac = bytes.fromhex(kept["anchor"]) if "anchor" in kept else None
        return Anchor(int(kept["sequence"]), bytes.fromhex(kept["mac"])), mac
    except FileNotFoundError:
        return None
    except (KeyError, TypeError, AttributeError, OSError) as error:
        raise ValueError(str(error)) from error


def read_claim(context: Context) -> Anchor | None:
    """What the file of the data folder says, whoever wrote it; ``None`` where it says nothing."""
    try:
        kept = _read(anchor_path(context))
    except ValueError:
        return None
    return kept[0] if kept else None


def was_used(context: Context) -> bool:
    """Whether the data folder has been that of an installation that was in use: a start that was broken off has left
    no seal yet."""
    try:
        kept = _read(anchor_path(context))
    except ValueError:
        return True
    return kept is not None and kept[0].sequence > 0


def write_file(context: Context, anchor: Anchor) -> None:
    """Puts ``anchor`` into the data folder, over an older one."""
    kept = {
        "sequence": anchor.sequence,
        "mac": anchor.mac.hex(),
        "anchor": anchor_mac(context, anchor).hex(),
    }
    write_private(anchor_path(context), json.dumps(kept))


def _advance_file(context: Context, anchor: Anchor) -> None:
    # Another process of this machine may have written a later one.
    known = read_file(context)
    if known is not None and known.sequence < anchor.sequence:
        write_file(context, anchor)


# ---------------------------------------------------------------- in the database


async def read_kept(context: Context, connection: AsyncConnection, *, hold: bool = False) -> Anchor | None:
    """The anchor of the database; ``None`` where it is missing or not the server's. With ``hold`` nobody else moves it
    until the transaction ends."""
    query = select(installation.c.anchor_sequence, installation.c.anchor_seal, installation.c.anchor_mac)
    row = (await connection.execute(query.with_for_update() if hold else query)).first()
    return None if row is None else checked(context, row.anchor_sequence, row.anchor_seal, row.anchor_mac)


def checked(context: Context, sequence: int | None, seal: bytes | None, mac: bytes | None) -> Anchor | None:
    """The anchor with that mac; ``None`` where it is missing or not the server's."""
    if sequence is None or seal is None or mac is None:
        return None
    anchor = Anchor(sequence, seal)
    return anchor if hmac.compare_digest(mac, anchor_mac(context, anchor)) else None


async def keep(context: Context, connection: AsyncConnection, anchor: Anchor) -> None:
    """Makes ``anchor`` that of the database."""
    await connection.execute(
        update(installation).values(
            anchor_sequence=anchor.sequence,
            anchor_seal=anchor.mac,
            anchor_mac=anchor_mac(context, anchor),
        )
    )


async def newest(connection: AsyncConnection) -> Anchor:
    """The newest seal that is there."""
    last = (await connection.execute(select(seals).order_by(seals.c.sequence.desc()).limit(1))).first()
    return Anchor(last.sequence, last.mac) if last else NONE_YET


async def is_there(connection: AsyncConnection, anchor: Anchor) -> bool:
    """Whether the seal that ``anchor`` names is there."""
    if anchor == NONE_YET:
        return True
    query = select(seals.c.mac).where(seals.c.sequence == anchor.sequence)
    return (await connection.execute(query)).scalar() == anchor.mac


class Advance:
    """Moves both anchors on to a new seal: the database's with it, the file's once that is durable."""

    def __init__(self, context: Context, last: Anchor, new: Anchor) -> None:
        self._context = context
        self._last = last
        self._new = new
        self._file = False

    async def in_transaction(self, connection: AsyncConnection) -> None:
        kept = await read_kept(self._context, connection)
        if kept == self._last:
            await keep(self._context, connection, self._new)
        else:
            log.error("seals of the audit or their anchor are missing; look with: sentlinks audit --verify")
        try:
            known = await asyncio.to_thread(read_file, self._context)
        except ValueError:
            known = None
        self._file = known is not None and await is_there(connection, known)
        if not self._file:
            log.error("audit.seal is missing or does not fit; look with: sentlinks audit --verify")

    async def afterwards(self) -> None:
        if self._file:
            await asyncio.to_thread(_advance_file, self._context, self._new)


# ---------------------------------------------------------------- beginning


async def begin(context: Context, connection: AsyncConnection) -> None:
    """Gives an installation that has none its anchor, and what is to be anchored: a chain for itself and for each
    person, macs for the heads that an earlier version has made, and rows with the states of its documents.

    Within the transaction that writes down that this was done, so that nobody can have it done again.
    """
    await _seal_heads(context, connection)
    await _begin_chains(context, connection)
    await record_states(context, connection)
    last = await newest(connection)
    await keep(context, connection, last)
    # What an earlier version has seen is taken over as it is, whether or not it is still there.
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


async def _begin_chains(context: Context, connection: AsyncConnection) -> None:
    since = (await connection.execute(select(installation.c.created_at))).scalar_one()
    await append(context, connection, INSTALLATION, Event.INSTALLED, details={"since": since.isoformat()})
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
