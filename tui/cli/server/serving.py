"""The app and the servers: ``sentlinks`` itself, ``demo``, ``serve``, ``server status`` and ``server stop``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ... import config
from ...rules.at_rest import WORDS, AtRest, at_rest_of
from ...rules.display import counted
from ...rules.errors import Problem
from ...terminal.frame import first_frame
from ..base.options import (
    GivenPath,
    WholeNumber,
    data_option,
    database_option,
    no_mouse_option,
    option,
    store_option,
)
from ..base.output import emit, say, tell
from .open_app import need_terminal
from .server_settings import HOST, MOST_PORT, server_settings

if TYPE_CHECKING:
    from ...local_server.local_server import Running
    from ...wire.readiness import Readiness

#: The tour that comes with the program.
_OWN_TOUR = Path(__file__).parents[2] / "tour" / "tour.toml"


@click.command("demo")
@no_mouse_option
@option(
    "--tour",
    type=GivenPath(),
    metavar="[FILE]",
    is_flag=False,
    flag_value=str(_OWN_TOUR),
    show_default="the program's own, without FILE",
    help="Play the main job with captions, by the steps of FILE.",
)
@option(
    "--record",
    type=GivenPath(),
    metavar="FILE",
    help="With --tour: record it in a new file, .cast (asciicast) or .svg (a moving picture).",
)
def demo_command(no_mouse: bool, tour: Path | None, record: Path | None) -> int:
    """Open the app on sample matters.

    You are DJONES, on a throw-away server. At the end the server is removed, with its documents and their links.
    """
    if record is not None and tour is None:
        raise click.UsageError("--record works only with --tour.")
    if tour is not None:
        from .tour import run_tour

        return run_tour(tour, record)
    need_terminal("The demo")
    from .demo import run_demo

    with first_frame(os.environ):
        return run_demo(no_mouse=no_mouse)


@click.command("serve")
@option("--host", metavar="H", show_default=HOST, help="The address to listen on.")
@option(
    "--port",
    type=WholeNumber(0, MOST_PORT),
    metavar="N",
    show_default=str(config.DEFAULT_PORT),
    help="The port; 0 picks a free one.",
)
@data_option
@database_option
@store_option
@option(
    "--public-url",
    metavar="URL",
    show_default="where it listens",
    help="The public address that links begin with.",
)
@option(
    "--user",
    metavar="NAME",
    show_default="your user name on this machine",
    help="The first administrator, on fresh data.",
)
@option(
    "--full-name",
    metavar="TEXT",
    show_default="their user name",
    help="The name of that administrator that recipients see.",
)
def serve_command(**options: Any) -> int:
    """Run a server in the foreground.

    What isn't given comes from the configuration, else is the default shown.

    With a new data folder, it creates one administrator and writes their access token to the file "token" in that
    folder.
    """
    settings = server_settings(config.load(), options)
    from ...server.__main__ import run

    run(settings)
    return 0


# ---------------------------------------------------------------- the local server


@click.group("server")
def server_command() -> None:
    """The local server that the app starts."""


_json = option("--json", "json_", is_flag=True, help="Print one JSON document on standard output.")


@server_command.command("status")
@_json
def status(json_: bool) -> None:
    """Show whether the local server is running, and where."""
    from ...local_server import local_server

    settings = config.load()
    running = local_server.look(settings.data)
    troubles, at_rest, is_moving = _looked_at(running) if running else ([], None, False)
    left = _left(settings) if at_rest is AtRest.SEALING else None
    to_move = _left_to_move(settings) if is_moving else None
    if json_:
        shown = {"troubles": troubles, "at_rest": at_rest, "left": left, "left_to_move": to_move}
        emit(_fields(settings, running) | shown)
        return
    if running:
        say(f"The local server is running (process {running.pid}): {running.url}")
        say(f"Data: {running.data}")
        say(f"Log: {local_server.log_file(settings)}")
    else:
        say("The local server is not running.")
    for trouble in troubles:
        say(f"Trouble: {trouble}")
    if to_move is not None:
        say(f"Documents are being moved to another store: {counted(to_move, 'document')} left.")
    if at_rest is not None:
        say(WORDS[at_rest] + (f" {counted(left, 'document')} left." if left is not None else ""))


def _looked_at(running: Running) -> tuple[list[str], AtRest | None, bool]:
    """What the local server says is wrong with it, or why it doesn't say; how documents lie there, if it says; and
    whether they are being moved to another store."""
    import asyncio

    from ...clients.connection import open_http
    from ...clients.readiness import readiness_of
    from ...clients.target import Target

    async def ask() -> Readiness:
        async with open_http(Target(running.url, socket=Path(running.socket))) as http:
            return await readiness_of(http)

    try:
        found = asyncio.run(ask())
    except Problem as problem:
        return [problem.message], None, False
    at_rest = at_rest_of(found.at_rest) if found.status == "ok" else None
    is_moving = any(each.id == "move" for each in found.troubles)
    return [each.detail for each in found.troubles], at_rest, is_moving


def _left(settings: config.Config) -> int | None:
    """How many of the local server's documents are yet to be encrypted, if that can be read."""
    import asyncio

    from ...server.installation.sealing import look

    try:
        return asyncio.run(look(server_settings(settings))).left
    except Problem:
        return None


def _left_to_move(settings: config.Config) -> int | None:
    """How many of the local server's documents are yet to be moved to another store, if they are being moved."""
    import asyncio

    from ...server.installation.store_change import look

    try:
        found = asyncio.run(look(server_settings(settings)))
    except Problem:
        return None
    return None if found is None else found.left


_STOPPED = (
    "The local server has stopped, and its links don't open. A command starts it again: sentlinks links"
)


@server_command.command("stop")
@_json
def stop(json_: bool) -> None:
    """Stop the local server. Its links don't work until it runs again."""
    from ...local_server import local_server

    settings = config.load()
    stopped = local_server.stop(settings)
    if json_:
        emit(_fields(settings, None) | {"stopped": stopped is not None})
    else:
        tell(_STOPPED if stopped else "The local server is not running.")


def _fields(settings: config.Config, running: Running | None) -> dict[str, Any]:
    from ...local_server import local_server

    return {
        "running": running is not None,
        "pid": running.pid if running else None,
        "url": running.url if running else None,
        "version": running.version if running else None,
        "data": str(settings.data),
        "log": str(local_server.log_file(settings)),
    }
