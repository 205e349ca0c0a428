"""``sentlinks audit accept``: on the server's machine, for anyone who can use its data folder."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import config
from ..rules.errors import Failed
from ..rules.text import printable
from .base import common
from .base.options import data_option, database_option, option, store_option
from .base.output import emit, rfc3339, tell

if TYPE_CHECKING:
    from ..server.audit import Acceptance
    from ..server.base.settings import Settings


@click.command("accept")
@data_option
@database_option
@store_option
@option("--yes", is_flag=True, help="Don't ask for confirmation.")
@option("--json", "json_", is_flag=True, help="Print one JSON document on standard output.")
def accept_command(
    data: Path | None, database_url: str | None, store: str | None, yes: bool, json_: bool
) -> int:
    """Accept the audit as it is, on the server's machine.

    After a backup was restored, audit.seal was lost, or something was changed by hand in the database, the audit counts
    as intact from then on. Every later "audit --verify" says so. Rows of the audit that were changed or removed are not
    accepted.
    """
    import asyncio

    from .server.server_settings import server_settings

    settings = server_settings(config.load(), {"data": data, "database_url": database_url, "store": store})
    check_data(settings)
    if not yes:
        common.need_confirmation()
        common.confirm(
            "From now on, the audit and the database as they are count as intact, and what is missing at the audit's "
            "end stays missing. Did you look at what sentlinks audit --verify says?"
        )
    found = asyncio.run(_accept(settings, operator_name()))
    if json_:
        emit({"accepted": None if found is None else _fields(found)})
    elif found is None:
        tell("The audit is intact; there is nothing to accept.")
    else:
        tell(f"The audit was accepted as it was: {found.why}. It continues from seal {found.seal:,}.")
    return 0


def check_data(settings: Settings, *, with_key: bool = True) -> None:
    """Raise :class:`Failed` if a server would start with fresh data; ``with_key``: also if the key isn't there."""
    from ..server.database.engine import database_file

    path = settings.data
    has_key = (path / "key").exists() or bool(os.environ.get("SENTLINKS_KEY"))
    if (
        (with_key and not has_key)
        or not path.is_dir()
        or (settings.database_url is None and not database_file(path).exists())
    ):
        raise Failed(
            "data.none",
            f"There is no server data in {printable(str(path))}. Name its folder with --data.",
        )


def operator_name() -> str:
    """The user's login name on this machine."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user ID without a name
        return str(os.geteuid())


async def _accept(settings: Settings, operator: str) -> Acceptance | None:
    from ..server import audit
    from ..server.installation.installation import open_context

    context = await open_context(settings)
    try:
        return await audit.accept(context, operator)
    finally:
        await context.close()


def _fields(found: Acceptance) -> dict[str, Any]:
    return {
        "at": rfc3339(found.at),
        "operator": found.operator,
        "why": found.why,
        "before": found.before,
        "seal": found.seal,
    }
