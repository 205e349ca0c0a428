"""Which data folders have an anchor of the audit, so that one that has lost it isn't mistaken for a new one.

Each has an id (``audit.folder``, next to ``audit.seal``), and the installation's chain has a row for each. If the
database is in the data folder (SQLite), there can't be another one and no id is needed: a missing anchor stays missing.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.state import Event
from ..base.files import write_private
from ..base.keys import new_id
from ..context import Context
from ..database.tables import audit
from . import anchors
from .chain import INSTALLATION, append, details_of, lock_chain

log = logging.getLogger("sentlinks")
_ID = re.compile(r"[!-~]{1,64}")


async def join(context: Context, connection: AsyncConnection) -> None:
    """Give a data folder that is new to the installation the database's anchor, and record it in the audit.

    A folder that has an id but no anchor has lost its anchor, so it gets none.
    """
    ident, anchored = _read_id(context), anchors.anchor_path(context).exists()
    if ident is not None and not anchored:
        log.error("audit.seal is missing in the data folder; check with: sentlinks audit --verify")
        return
    if ident is not None and await _is_known(connection, ident):
        return
    await lock_chain(connection, INSTALLATION)
    if not anchored:
        anchor = await anchors.read_stored(context, connection)
        if anchor is None:
            return
        anchors.write_file(context, anchor)
    await add(context, connection, ident)


async def add(context: Context, connection: AsyncConnection, ident: str | None = None) -> None:
    """Record in the audit that this data folder has an anchor, which must exist by then."""
    if context.database.sqlite:
        return
    ident = ident or _read_id(context) or _make_id(context)
    if not await _is_known(connection, ident):
        details = {"folder": ident}
        await append(context, connection, INSTALLATION, Event.DATA_FOLDER_ADDED, details=details)


async def _is_known(connection: AsyncConnection, ident: str) -> bool:
    query = select(audit.c.details).where(
        audit.c.subject == INSTALLATION, audit.c.event == str(Event.DATA_FOLDER_ADDED)
    )
    rows = (await connection.execute(query)).scalars()
    return any(details_of(details).get("folder") == ident for details in rows)


def _path(context: Context) -> Path:
    return context.settings.data / "audit.folder"


def _read_id(context: Context) -> str | None:
    """The id of the data folder; ``None`` without a file, and empty, which no row has, if the file is malformed."""
    try:
        text = _path(context).read_text(errors="replace").strip()
    except FileNotFoundError:
        return None
    return text if _ID.fullmatch(text) else ""


def _make_id(context: Context) -> str:
    ident = new_id()
    write_private(_path(context), ident)
    return ident
