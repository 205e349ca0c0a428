"""The command line: a click group whose commands are imported only when they are called.

``main`` is the entry point. It turns every outcome into an exit status, and errors into a sentence on standard error
(with ``--json`` also into an object on standard output).
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence

from .base.exit_status import is_completing, run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status."""
    began = time.monotonic()
    _keep_own_rights()
    given = list(sys.argv[1:] if arguments is None else arguments)
    return run(lambda: _command(given, began), as_json(given))


def _keep_own_rights() -> None:
    """Correct a umask that takes the user's own rights away: what is written could be used by nobody but root then."""
    mask = os.umask(0o077)
    os.umask(mask & ~0o700)


def _command(given: list[str], began: float) -> object:
    if not given and not is_completing():
        # Only the app: it appears sooner without importing the command-line parser.
        from .server.open_app import open_app

        return open_app()
    from .base.group import group

    return group.main(given, prog_name="sentlinks", standalone_mode=False, obj=began)


def as_json(arguments: Sequence[str]) -> bool:
    """Whether ``--json`` is among the options; works even if the command line can't be parsed."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in options
