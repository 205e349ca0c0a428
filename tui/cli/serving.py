"""The app and the servers: ``sentlinks`` itself, ``demo``, ``serve``, ``server status`` and ``server stop``."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from .. import config
from ..rules import names
from ..rules.errors import InvalidValue
from ..rules.text import printable
from ..terminal.frame import first_frame
from .opening import need_terminal
from .output import emit, say, tell

if TYPE_CHECKING:
    from ..local import Running
    from ..server.settings import Settings

_DATABASES = ("sqlite", "postgresql", "postgres")


@click.command("demo")
def demo_command() -> int:
    """Open the app on sample matters.

    You are DJONES, on a throw-away server. Everything is gone at the end: the server, its documents and
    their links.
    """
    need_terminal("The demo")
    from .demo import run_demo

    with first_frame(os.environ):
        return run_demo()


@click.command("serve")
@click.option("--host", metavar="H", help="The address to listen on (127.0.0.1).")
@click.option(
    "--port", type=click.IntRange(0, 65535), metavar="N", help="The port (8480); 0 takes a free one."
)
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="The data folder.")
@click.option("--database-url", metavar="URL", help="The database; SQLite in the data folder otherwise.")
@click.option("--store", metavar="URL", help="Where documents' bytes are kept; the data folder otherwise.")
@click.option("--public-url", metavar="URL", help="What links begin with, as recipients reach the server.")
@click.option("--user", metavar="NAME", help="The first administrator, on fresh data.")
def serve_command(**options: Any) -> int:
    """Run a server in the foreground.

    On fresh data it makes one administrator and writes an access token for them to the file token in the
    data folder.
    """
    settings = server_settings(config.load(), options)
    from ..server.__main__ import run

    run(settings)
    return 0


def server_settings(settings: config.Config, options: dict[str, Any] | None = None) -> Settings:
    """What a server is started with: ``options`` before the configuration. Raises :class:`InvalidValue`."""
    from ..server.settings import Settings, parse_proxies

    given = {key: value for key, value in (options or {}).items() if value is not None}

    def value(key: str, default: Any = None) -> Any:
        return given[key] if key in given else settings.value(key, default)

    return Settings(
        data=Path(value("data", settings.places.data)).absolute(),
        host=value("host", "127.0.0.1"),
        port=value("port", config.DEFAULT_PORT),
        database_url=_database(value("database_url")),
        store=_store(value("store")),
        public_url=_public(value("public_url")),
        user=_person(value("user")),
        proxies=parse_proxies(value("proxies", "")),
    )


def _database(url: str | None) -> str | None:
    if url is not None and urlsplit(url).scheme.split("+")[0] not in _DATABASES:
        raise InvalidValue(
            "database.unknown",
            "That is no database that can be used; write sqlite:///PATH or postgresql://USER@HOST/NAME.",
        )
    return url


def _store(url: str | None) -> str | None:
    if url is None:
        return None
    raise InvalidValue(
        "store.unknown",
        f"Documents cannot be kept in {printable(url)}; they are kept in the data folder, so leave --store out.",
    )


def _public(url: str | None) -> str | None:
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
        good = good and parts.port != 0 and url.isprintable() and " " not in url
    except ValueError:
        good = False
    if not good:
        raise InvalidValue(
            "public_url.unknown",
            f"{printable(url)} is no address that links can begin with; "
            "write one like https://links.example.com.",
        )
    return url.rstrip("/")


def _person(name: str | None) -> str:
    if name is not None:
        names.validate(name)
        return name.upper()
    try:
        return names.clean(getpass.getuser()).upper()
    except (OSError, KeyError):  # a container's number without a name
        return "USER"


# ---------------------------------------------------------------- the local server


@click.group("server")
def server_command() -> None:
    """The local server that the app starts."""


_json = click.option("--json", "json_", is_flag=True, help="Print one JSON document on standard output.")


@server_command.command("status")
@_json
def status(json_: bool) -> None:
    """Tell whether the local server runs, and where."""
    from .. import local

    settings = config.load()
    running = local.look(settings.data)
    if json_:
        emit(_fields(settings, running))
    elif running:
        say(f"The local server runs (process {running.pid}): {running.url}")
        say(f"Data: {running.data}")
        say(f"Log: {local.log_file(settings)}")
    else:
        say("The local server does not run.")


@server_command.command("stop")
@_json
def stop(json_: bool) -> None:
    """End the local server. Links that lead to it stop until it runs again."""
    from .. import local

    settings = config.load()
    stopped = local.stop(settings)
    if json_:
        emit(_fields(settings, None) | {"stopped": stopped is not None})
    else:
        tell("The local server has ended." if stopped else "The local server does not run.")


def _fields(settings: config.Config, running: Running | None) -> dict[str, Any]:
    from .. import local

    return {
        "running": running is not None,
        "pid": running.pid if running else None,
        "url": running.url if running else None,
        "version": running.version if running else None,
        "data": str(settings.data),
        "log": str(local.log_file(settings)),
    }
