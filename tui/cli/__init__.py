"""The command line: a group whose commands are imported when they are called.

``main`` is the way in: it turns whatever happens into a sentence on standard error (with ``--json`` also an
object on standard output) and an exit status.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from .ending import run


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line and answers its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    return run(lambda: _command(given), as_json(given))


def _command(given: list[str]) -> object:
    if not given and not os.environ.get("_SENTLINKS_COMPLETE"):
        # The app alone: it is on the screen sooner without what reads command lines.
        from .opening import open_app

        return open_app()
    from .group import group

    return group.main(given, prog_name="sentlinks", standalone_mode=False)


def as_json(arguments: Sequence[str]) -> bool:
    """Whether ``--json`` is among the options, known also where the command line cannot be read."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in options
