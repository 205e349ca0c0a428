"""Checking an installation for damage and loss, beside its server or without one. Changes nothing of it, except that
documents whose bytes turn out to be damaged are noted as such."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ...rules.check_results import Check, bad, ok
from ...rules.errors import Failed
from ...rules.text import printable
from ..base.settings import Settings
from ..context import Context
from ..database.engine import database_file
from ..health.audit_state import check_audit
from ..health.clocks import check_clock
from ..health.database import check_changes, check_postgres, check_sqlite
from ..health.documents import ReadSoFar, check_documents
from ..health.left_over import check_left_over
from ..health.room import check_disks
from ..health.store import check_store
from .installation import open_to_look, prepare_folder


async def check_installation(
    settings: Settings, *, seconds: float | None, report: Callable[[ReadSoFar], None]
) -> AsyncIterator[Check]:
    """Rows as they are found. ``seconds`` is how long documents are read (``None``: until all were)."""
    try:
        prepare_folder(settings.data)
    except Failed as error:
        yield bad("data folder", error.message)
    else:
        yield ok("data folder", f"{settings.data} can be used.")
    for found in check_disks(settings.data):
        yield found
    if settings.database_url is None:
        yield await check_sqlite(database_file(settings.data))
    try:
        # What is wrong with its folder was said, and doesn't keep the rest from being looked at.
        context = await open_to_look(settings, checks_folder=False)
    except Failed as error:
        yield bad("installation", error.message)
        return
    try:
        async for found in _check_contents(context, seconds, report):
            yield found
    finally:
        await context.close()


async def _check_contents(
    context: Context, seconds: float | None, report: Callable[[ReadSoFar], None]
) -> AsyncIterator[Check]:
    parts: dict[str, AsyncIterator[Check]] = {
        "changes": check_changes(context),
        "store": check_store(context),
        "audit": check_audit(context),
        "left over": _alone(check_left_over(context)),
        "documents": check_documents(context, seconds=seconds, report=report),
    }
    if not context.database.sqlite:
        parts = {"clock": check_clock(context), "database": _alone(check_postgres(context)), **parts}
    for name, part in parts.items():
        try:
            async for found in part:
                yield found
        except (SQLAlchemyError, OSError, Failed) as error:
            # What the database can't give out any more; the others are looked at all the same.
            why = error.message if isinstance(error, Failed) else _first_line(error)
            yield bad(name, f"This can't be checked: {why}", "Put right what is named above first.")


async def _alone(check: Awaitable[Check]) -> AsyncIterator[Check]:
    yield await check


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return f"{printable(str(cause).partition(chr(10))[0]).rstrip('.')}."
