"""What ``sentlinks --version`` prints; with ``--verbose`` also what it runs on, for bug reports."""

from __future__ import annotations

import platform
import re
import sqlite3
import ssl
from importlib import metadata

from .. import __version__

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def version_text(verbose: bool) -> str:
    """``sentlinks 1.0.0``; ``verbose`` adds a line each for Python, the system, and every required package."""
    lines = [f"sentlinks {__version__}"]
    if verbose:
        lines += [
            f"Python {platform.python_version()} ({platform.python_implementation()})",
            f"{platform.system()} {platform.release()} {platform.machine()}",
            f"SQLite {sqlite3.sqlite_version}",
            ssl.OPENSSL_VERSION,
            *(f"{name} {version}" for name, version in needed_packages()),
        ]
    return "\n".join(lines)


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
