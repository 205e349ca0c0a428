"""What ``sentlinks --version`` prints: the releases of client and server, or all that it runs on."""

from __future__ import annotations

import platform
import re
import sqlite3
import ssl
from importlib import metadata

from .. import __version__
from ..rules.errors import Problem
from ..rules.text import printable

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def version_text(verbose: bool) -> str:
    """``sentlinks 1.0.0`` and, if a server is configured or the local one runs, a line with its release.

    ``verbose`` has a line each for Python, the system, and every required package in place of that.
    """
    lines = [f"sentlinks {__version__}"]
    if not verbose and (line := _server_line()):
        lines.append(line)
    if verbose:
        lines += [
            f"Python {platform.python_version()} ({platform.python_implementation()})",
            f"{platform.system()} {platform.release()} {platform.machine()}",
            f"SQLite {sqlite3.sqlite_version}",
            ssl.OPENSSL_VERSION,
            *(f"{name} {version}" for name, version in needed_packages()),
        ]
    return "\n".join(lines)


def _server_line() -> str:
    """``server 1.0.0 (https://links.example.com)``; empty if there is none to ask. The local one isn't started."""
    from .. import config
    from ..local_server import local_server

    try:
        settings = config.load()
        chosen = settings.server()
        running = local_server.look(settings.data) if chosen is None else None
    except Problem:
        # The version of this program is wanted even then; every other command says what is wrong.
        return ""
    if running is not None:
        return f"server {printable(running.version)} ({printable(running.url)})"
    if chosen is None:
        return ""
    from ..clients.release import release_at

    release = release_at(chosen.value)
    return f"server {release or 'not reached'} ({printable(chosen.value)})"


def needed_packages() -> list[tuple[str, str]]:
    """The name and installed version of each required package; those needed only for tests are left out."""
    found = []
    for requirement in metadata.requires("sentlinks") or ():
        name = _NAME.match(requirement)
        if name is None or "extra ==" in requirement:
            continue
        try:
            found.append((name[0], metadata.version(name[0])))
        except metadata.PackageNotFoundError:
            found.append((name[0], "is not installed"))
    return sorted(found)
