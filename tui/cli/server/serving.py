"""The app and the servers: ``sentlinks`` itself, ``demo``, ``serve``, ``server status`` and ``server stop``."""

from __future__ import annotations

import getpass
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from ... import config
from ...rules import accounts, names
from ...rules.at_rest import WORDS, AtRest, at_rest_of
from ...rules.display import counted
from ...rules.errors import InvalidValue, Problem
from ...rules.text import without_password
from ...terminal.frame import first_frame
from ..base.options import (
    GivenPath,
    Option,
    WholeNumber,
    data_option,
    database_option,
    no_mouse_option,
    store_option,
)
from ..base.output import emit, say, tell
from .open_app import need_terminal

if TYPE_CHECKING:
    from ...local_server.local_server import Running
    from ...server.base.firm import Firm
    from ...server.base.mailer import Mailer
    from ...server.base.settings import Budgets, Settings
    from ...wire.readiness import Readiness

_MOST_PORT = 65535
#: The tour that comes with the program.
_OWN_TOUR = Path(__file__).parents[2] / "tour" / "tour.toml"
_HOST = "127.0.0.1"
#: As many as a link may have of downloads.
_MOST_PRESSES = 1_000_000
_DATABASES = ("sqlite", "postgresql", "postgres")


@click.command("demo")
@no_mouse_option
@click.option(
    "--tour",
    cls=Option,
    type=GivenPath(),
    metavar="[FILE]",
    is_flag=False,
    flag_value=str(_OWN_TOUR),
    show_default="the program's own, without FILE",
    help="Play the main job with captions, by the steps of FILE.",
)
@click.option(
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
@click.option("--host", cls=Option, metavar="H", show_default=_HOST, help="The address to listen on.")
@click.option(
    "--port",
    cls=Option,
    type=WholeNumber(0, _MOST_PORT),
    metavar="N",
    show_default=str(config.DEFAULT_PORT),
    help="The port; 0 picks a free one.",
)
@data_option
@database_option
@store_option
@click.option(
    "--public-url",
    cls=Option,
    metavar="URL",
    show_default="where it listens",
    help="The public address that links begin with.",
)
@click.option(
    "--user",
    cls=Option,
    metavar="NAME",
    show_default="your user name on this machine",
    help="The first administrator, on fresh data.",
)
@click.option(
    "--full-name",
    cls=Option,
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


def server_settings(settings: config.Config, options: dict[str, Any] | None = None) -> Settings:
    """The settings to start a server with; ``options`` override the configuration. Raises :class:`InvalidValue`."""
    from ...server.base.settings import KEPT_BYTES, UNFINISHED_BYTES, Settings, parse_proxies

    given = {key: value for key, value in (options or {}).items() if value is not None}

    def value(key: str, default: Any = None) -> Any:
        return given[key] if key in given else settings.value(key, default)

    return Settings(
        data=Path(value("data", settings.places.data)).absolute(),
        host=value("host", _HOST),
        port=_port(value("port", config.DEFAULT_PORT)),
        database_url=_database(value("database_url")),
        store=_store(value("store")),
        public_url=_public(value("public_url")),
        user=_person(value("user")),
        full_name=accounts.full_name(value("full_name", "")),
        proxies=parse_proxies(value("proxies", "")),
        budgets=_budgets(value("connections_per_address"), value("presses_per_hour")),
        kept_bytes=_bytes("kept_bytes", value("kept_bytes", KEPT_BYTES)),
        unfinished_bytes=_bytes("unfinished_bytes", value("unfinished_bytes", UNFINISHED_BYTES)),
        firm=_firm(settings),
        mailer=_mailer(settings),
    )


def _firm(settings: config.Config) -> Firm:
    from ...mail.templates import read_template
    from ...server.base import firm
    from ...server.base.logo import read_logo

    mail_text, mail_html = settings.value("firm_mail_template"), settings.value("firm_mail_html")
    logo, zone = settings.value("firm_logo"), settings.value("time_zone")
    light, dark = settings.value("firm_color"), settings.value("firm_color_dark")
    return firm.Firm(
        name=firm.line(settings.value("firm_name", ""), "firm_name"),
        contact=firm.line(settings.value("firm_contact", ""), "firm_contact"),
        logo=read_logo(Path(logo)) if logo else None,
        color=firm.color(light, dark=False) if light else "",
        color_dark=firm.color(dark, dark=True) if dark else "",
        zone=firm.time_zone(zone) if zone else firm.system_time_zone(),
        mail_text=read_template(mail_text) if mail_text else "",
        mail_html=read_template(mail_html, html=True) if mail_html else "",
    )


def _mailer(settings: config.Config) -> Mailer | None:
    url = settings.value("notify_smtp_url")
    if url is None:
        return None
    from ...server.base.mailer import parse_mailer

    password = settings.value("notify_password", "")
    return parse_mailer(url, settings.value("notify_from", ""), password)


def _budgets(connections: int | None, presses: int | None) -> Budgets:
    from ...server.base.settings import Budgets

    budgets = Budgets()
    if connections is not None:
        if connections < 1:
            raise InvalidValue(
                "connections.invalid", "connections_per_address must be a whole number of 1 or more."
            )
        budgets = replace(budgets, connections_per_address=connections)
    if presses is not None:
        if not 0 <= presses <= _MOST_PRESSES:
            raise InvalidValue(
                "presses.invalid",
                f"presses_per_hour must be a whole number from 0 (any number) to {_MOST_PRESSES:,}.",
            )
        budgets = replace(budgets, presses_per_hour=presses)
    return budgets


def _port(number: int) -> int:
    if not 0 <= number <= _MOST_PORT:
        raise InvalidValue("port.invalid", f"port must be a whole number from 0 to {_MOST_PORT}.")
    return number


def _bytes(key: str, number: int) -> int:
    if number < 0:
        raise InvalidValue("bytes.invalid", f"{key} must be a whole number of bytes.")
    return number


def _database(url: str | None) -> str | None:
    if url is not None and urlsplit(url).scheme.split("+")[0] not in _DATABASES:
        raise InvalidValue(
            "database.unknown",
            "That database can't be used; write sqlite:///PATH or postgresql://USER@HOST/NAME.",
        )
    return url


def _store(url: str | None) -> str | None:
    if url is None:
        return None
    from ...server.blobs.s3.address import endpoint_of, parse_store

    endpoint_of(os.environ)
    return parse_store(url).url


def _public(url: str | None) -> str | None:
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
        # A name and a password would be in every link.
        good = good and parts.username is None and parts.port != 0 and url.isprintable() and " " not in url
    except ValueError:
        good = False
    if not good:
        raise InvalidValue(
            "public_url.unknown",
            f"{without_password(url)} is not an address that links can begin with; write one like https://links.example.com.",
        )
    return url.rstrip("/")


def _person(name: str | None) -> str:
    if name is not None:
        return accounts.kept_name(name)
    try:
        return accounts.kept_name(names.clean(getpass.getuser()))
    except (OSError, KeyError, InvalidValue):  # a container's user ID without a name
        return "USER"


# ---------------------------------------------------------------- the local server


@click.group("server")
def server_command() -> None:
    """The local server that the app starts."""


_json = click.option("--json", "json_", is_flag=True, help="Print one JSON document on standard output.")


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
