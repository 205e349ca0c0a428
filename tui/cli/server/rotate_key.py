"""``sentlinks admin rotate-key``: another key in the place of the installation's, while it is used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ... import config
from ..audit_accept import check_data, operator_name
from ..base.options import data_option, database_option, option, store_option
from ..base.output import emit, tell

if TYPE_CHECKING:
    from ...server.base.settings import Settings
    from ...server.installation.key_change import KeyChange, Told


@click.command("rotate-key")
@data_option
@database_option
@store_option
@option("--json", "json_", is_flag=True, help="Print one JSON document on standard output.")
def rotate_key_command(data: Path | None, database_url: str | None, store: str | None, json_: bool) -> int:
    """Change the installation's key, while it is used.

    Encrypts the keys of all documents with a new key, beside the server or without it; the documents stay as they are.
    What was interrupted goes on when this is run again. A server that is started with the earlier key is refused
    afterwards.

    The new key takes the place of the file "key" in the data folder. If SENTLINKS_KEY gives the key, give the new one
    in SENTLINKS_NEW_KEY.
    """
    import asyncio

    from .server_settings import server_settings

    settings = server_settings(config.load(), {"data": data, "database_url": database_url, "store": store})
    check_data(settings)
    done = asyncio.run(_change(settings))
    if json_:
        emit({"rewrapped": done.rewrapped, "damaged": done.damaged})
    else:
        tell(_how_it_ended(done))
    return 0


async def _change(settings: Settings) -> KeyChange:
    from ...server.base.key_files import key_of_environment
    from ...server.installation.key_change import change_key
    from ..base.progress import progress

    with progress() as paint:

        def report(told: Told) -> None:
            paint(lambda: _line(told))

        return await change_key(settings, key_of_environment("SENTLINKS_NEW_KEY"), operator_name(), report)


def _line(told: Told) -> str:
    from ...rules.display import counted

    if told.waits_for:
        return f"Waiting for {counted(told.waits_for, 'server')} to take up the new key"
    return f"Encrypting keys with the new one: {counted(told.rewrapped, 'document')}, {told.left:,} left"


def _how_it_ended(done: KeyChange) -> str:
    import os

    from ...rules.display import counted

    told = [
        f"The key was changed: those of {counted(done.rewrapped, 'document')} are encrypted with the new one, and a "
        "server that is started with the earlier one is refused.",
        "Make a backup now, and keep the earlier key as long as the earlier backups.",
    ]
    if os.environ.get("SENTLINKS_KEY"):
        told.append("Set SENTLINKS_KEY to the new key before a server is started again.")
    if done.damaged:
        told.append(
            f"{counted(done.damaged, 'key')} couldn't be read and stayed as before: see sentlinks admin check"
        )
    return "\n".join(told)
