"""``sentlinks admin move-store``: all documents in another store, while they are used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from ... import config
from ..audit_accept import check_data, operator_name
from ..base.exit_status import INTERRUPTED
from ..base.options import data_option, database_option, option
from ..base.output import emit, tell

if TYPE_CHECKING:
    from ...server.base.settings import Settings
    from ...server.installation.store_change import MoveDone
    from ...server.installation.store_pieces import MoveTold


class _Store(click.ParamType[str]):
    """The data folder or an S3 store; what else it isn't is told by whoever connects to it."""

    name = "store"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem[str]]:
        words = ("folder", "s3://")
        return [click.shell_completion.CompletionItem(word) for word in words if word.startswith(incomplete)]


@click.command("move-store")
@click.argument("source", metavar="FROM", type=_Store())
@click.argument("target", metavar="TO", type=_Store())
@data_option
@database_option
@option(
    "--leave-damaged", "leaves_damaged", is_flag=True, help="End it even if damaged documents can't be moved."
)
@option("--json", "json_", is_flag=True, help="Print one JSON document on standard output.")
def move_store_command(
    source: str, target: str, data: Path | None, database_url: str | None, leaves_damaged: bool, json_: bool
) -> int:
    """Move all documents to another store, while they are used.

    FROM and TO are "folder" (the data folder) or an S3 store like s3://bucket/prefix. Each piece is authenticated
    before and after it is copied, and then deleted from FROM. Links go on working. What was interrupted goes on when
    this is run again; to turn round, name the stores the other way.

    All servers must be able to use TO: start them again first with the environment that it needs (AWS_...), but with
    the store as it was. Afterwards, name TO as their store.
    """
    import asyncio
    from dataclasses import replace

    from ...server.installation.store_change import store_named
    from .server_settings import server_settings

    settings = server_settings(config.load(), {"data": data, "database_url": database_url})
    here, there = store_named(source), store_named(target)
    settings = replace(settings, store=here)
    check_data(settings)
    be_gentle()
    try:
        done = asyncio.run(_move(settings, here, there, leaves_damaged))
    except KeyboardInterrupt:
        _end_at_once(json_)
    if json_:
        emit(done._asdict())
    else:
        tell(_how_it_ended(done, here, there))
    return 0


def _end_at_once(as_json: bool) -> NoReturn:
    """End the process without waiting for its threads: one that asks a store which doesn't answer has up to half a
    minute yet. What is half done goes on from there, as after a kill."""
    import os
    import sys
    from contextlib import suppress

    message = "Interrupted. To go on, run this again."
    tell(message)
    if as_json:
        emit({"error": {"code": "interrupted", "message": message}})
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(INTERRUPTED)


def be_gentle() -> None:
    """Let everything else on this machine go first."""
    import os
    from contextlib import suppress

    with suppress(OSError):
        os.nice(10)


async def _move(settings: Settings, source: str | None, target: str | None, leaves_damaged: bool) -> MoveDone:
    from ...server.installation.store_change import move_store
    from ..base.progress import progress

    with progress() as paint:

        def report(told: MoveTold) -> None:
            paint(lambda: _line(told))

        return await move_store(
            settings, source, target, operator_name(), report, leaves_damaged=leaves_damaged
        )


def _line(told: MoveTold) -> str:
    from ...rules.display import size_text

    if told.waits_for:
        return f"Waiting for {told.waits_for}"
    return f"Moving documents: {size_text(told.size)}, {size_text(told.left)} left"


def _how_it_ended(done: MoveDone, source: str | None, target: str | None) -> str:
    from ...rules.display import counted, size_text

    where, behind = (store or "the data folder" for store in (target, source))
    told = [f"All documents are in {where}; {size_text(done.size)} were moved."]
    if done.damaged:
        told = [
            f"The documents are in {where}; {size_text(done.size)} were moved.",
            f"{counted(done.damaged, 'document')} stayed behind, being damaged or missing: see sentlinks admin check",
        ]
    if done.left_over:
        told.append(f"{counted(done.left_over, 'other file')} stayed in {behind}: no document needs them.")
    told.append(
        f"Now name it as the servers' store: --store {target}, or store in the configuration file."
        if target
        else "Now leave --store out for the servers, and store out of the configuration file."
    )
    return "\n".join(told)
