"""``sentlinks admin``: what administrators do on the server's machine, with its data folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ... import config
from ...rules.check_results import Check, CheckState
from ..audit_accept import check_data
from ..base.options import data_option, database_option, option, store_option
from ..base.output import emit, say
from ..checks.check_lines import show
from .move_store import be_gentle, move_store_command
from .rotate_key import rotate_key_command

if TYPE_CHECKING:
    from ...server.base.settings import Settings
    from ...server.library.plain_bytes import SealingState


@click.group("admin")
def admin_command() -> None:
    """Look after an installation, on its server's machine."""


admin_command.add_command(rotate_key_command)
admin_command.add_command(move_store_command)


@admin_command.command("check")
@data_option
@database_option
@store_option
@option(
    "--for",
    "span",
    metavar="SPAN",
    show_default="until all were read",
    help="How long documents are read (30m, 2h); the next check goes on from there.",
)
@option("--json", "json_", is_flag=True, help="Print one JSON document on standard output.")
def check_command(
    data: Path | None, database_url: str | None, store: str | None, span: str | None, json_: bool
) -> int:
    """Look for damage and loss: for a daily job.

    Reads the database, the audit, and the bytes of all documents, beside the server or without it, and takes at most
    half of the disk's time. What was interrupted goes on from where it was. The exit status is 1 if something is
    damaged, missing or full.
    """
    import asyncio

    from .server_settings import server_settings

    seconds = None if span is None else _seconds(span)
    settings = server_settings(config.load(), {"data": data, "database_url": database_url, "store": store})
    check_data(settings, with_key=False)
    be_gentle()
    found = asyncio.run(_checks(settings, seconds, shown=not json_))
    if json_:
        emit({"checks": [check.fields() for check in found]})
    return int(any(check.state is CheckState.BAD for check in found))


def _seconds(span: str) -> float:
    from ...rules.dates import parse_span
    from ...rules.typed_values import telling_none

    with telling_none(span, "To read all documents, leave it out."):
        return parse_span(span).total_seconds()


async def _checks(settings: Settings, seconds: float | None, *, shown: bool) -> list[Check]:
    from ...rules.display import size_text
    from ...server.installation.check import check_installation
    from ..base.progress import progress

    found = []
    with progress() as paint:

        def line(done: int, total: int) -> str:
            return f"Reading documents: {size_text(done)} of {size_text(total)}"

        checks = check_installation(
            settings, seconds=seconds, report=lambda at: paint(lambda: line(at.done, at.total))
        )
        async for check in checks:
            found.append(check)
            if shown:
                show(check)
    return found


@admin_command.command("seal")
@data_option
@database_option
@store_option
@option("--begin", "begins", is_flag=True, help="Begin to encrypt documents; this can't be undone.")
@option("--json", "json_", is_flag=True, help="Print one JSON document on standard output.")
def seal_command(
    data: Path | None, database_url: str | None, store: str | None, begins: bool, json_: bool
) -> int:
    """Show whether documents are encrypted, or begin with it.

    A new installation encrypts all documents. One of an earlier version does so once it was begun: new documents at
    once, the others one after another while it serves. First end all servers of earlier versions on this data: they
    can't read encrypted documents.
    """
    import asyncio

    from ...server.installation.sealing import look
    from .server_settings import server_settings

    settings = server_settings(config.load(), {"data": data, "database_url": database_url, "store": store})
    check_data(settings)
    found = asyncio.run(look(settings, begins=begins))
    if json_:
        emit({"sealing": found.sealing, "left": found.left, "left_bytes": found.left_bytes})
    else:
        say(_how_far(found))
    return 0


def _how_far(found: SealingState) -> str:
    from ...rules.display import counted, size_text

    left = f"{counted(found.left, 'document')} ({size_text(found.left_bytes)})"
    if found.sealing is None:
        return f"Documents aren't encrypted: {left}. To begin: sentlinks admin seal --begin"
    if not found.left:
        return "All documents are encrypted."
    return f"New documents are encrypted, and the others while the server runs: {left} left."
