"""Sealing: the newest rows of all chains, in one chain of the installation."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ..context import Context
from ..database.tables import audit_heads, sealed_heads, seals
from ..keys import new_id

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Heads in one seal; what is more waits for the next one, which follows at once.
_MOST = 1000


class Head(NamedTuple):
    subject: str
    sequence: int
    mac: bytes


class Anchor(NamedTuple):
    """The newest seal that this machine has made, kept outside the database."""

    sequence: int
    mac: bytes


def seal_mac(context: Context, before: bytes, sequence: int, at: datetime, heads: Iterable[Head]) -> bytes:
    """The mac of a seal over ``heads`` (in the order of their subjects) that follows one with mac ``before``."""
    parts = [before, str(sequence).encode(), str((at - _EPOCH) // timedelta(microseconds=1)).encode()]
    for head in heads:
        parts += [head.subject.encode(), str(head.sequence).encode(), head.mac]
    return context.keys.audit_mac(b"seal", *parts)


async def seal(context: Context) -> int:
    """Seals the heads that moved since the last seal and answers their number.

    To be run every minute and at a clean end. Several processes may run it at once.
    """
    total = 0
    while True:
        try:
            count = await _seal_some(context)
        except IntegrityError:
            # Another process has made this seal.
            return total
        total += count
        if count < _MOST:
            return total


async def _seal_some(context: Context) -> int:
    async with context.database.write() as connection:
        moved = await connection.execute(
            select(audit_heads.c.subject, audit_heads.c.sequence, audit_heads.c.mac)
            .where(audit_heads.c.sequence > audit_heads.c.sealed)
            .limit(_MOST)
            # A chain that is being appended to is left to the next seal.
            .with_for_update(skip_locked=True)
        )
        heads = sorted(Head(*row) for row in moved)
        if not heads:
            return 0
        last = (await connection.execute(select(seals).order_by(seals.c.sequence.desc()).limit(1))).first()
        sequence, before = (last.sequence + 1, last.mac) if last else (1, b"")
        at = context.clock()
        mac = seal_mac(context, before, sequence, at, heads)
        await connection.execute(insert(seals).values(sequence=sequence, at=at, mac=mac))
        await connection.execute(insert(sealed_heads), [{"seal": sequence, **h._asdict()} for h in heads])
        await _mark(connection, heads)
    await asyncio.to_thread(_write_anchor, anchor_path(context), Anchor(sequence, mac))
    return len(heads)


async def _mark(connection: AsyncConnection, heads: Sequence[Head]) -> None:
    await connection.execute(
        update(audit_heads)
        .where(audit_heads.c.subject.in_([h.subject for h in heads]))
        .values(sealed=audit_heads.c.sequence)
    )


def anchor_path(context: Context) -> Path:
    """Where this machine keeps the newest seal that it has made."""
    return context.settings.data / "audit.seal"


def _write_anchor(path: Path, anchor: Anchor) -> None:
    known = read_anchor(path)
    if known is not None and known.sequence >= anchor.sequence:
        return
    temporary = path.with_name(f".{path.name}-{new_id()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({"sequence": anchor.sequence, "mac": anchor.mac.hex()}, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)


def read_anchor(path: Path) -> Anchor | None:
    """The anchor kept in the file at ``path``; ``None`` where there is none yet. Raises ``ValueError``."""
    try:
        kept = json.loads(path.read_text())
        return Anchor(int(kept["sequence"]), bytes.fromhex(kept["mac"]))
    except FileNotFoundError:
        return None
    except (KeyError, TypeError, AttributeError, OSError) as error:
        raise ValueError(str(error)) from error
