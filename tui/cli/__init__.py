"""The command line: a group whose commands are imported when they are called.

``main`` is the way in: it turns whatever happens into a sentence on standard error (with ``--json`` also an
object on standard output) and an exit status.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import click

from .. import __version__

#: Every command and the module that holds it, in the order of the help.
COMMANDS = {
    "demo": "serving",
    "serve": "serving",
    "server": "serving",
    "send": "send",
    "links": "links",
    "unpublish": "links",
    "delete": "links",
    "resend": "resend",
    "get": "get",
    "trash": "trash",
    "folders": "folders",
    "favorites": "favorites",
    "audit": "audit",
    "unlock": "links",
    "policy": "policy",
    "user": "people",
    "login": "people",
    "logout": "people",
    "whoami": "people",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        module = COMMANDS.get(name)
        if module is None:
            return None
        command: click.Command = getattr(import_module(f"{__name__}.{module}"), f"{name}_command")
        return command


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"max_content_width": 100})
@click.version_option(__version__, message="sentlinks %(version)s")
@click.pass_context
def group(ctx: click.Context) -> int | None:
    """Send documents to outsiders as secure links.

    Without a command: opens the app.
    """
    if ctx.invoked_subcommand is not None:
        return None
    from .serving import open_app

    return open_app()


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line and answers its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    from .ending import run

    return run(lambda: group.main(given, prog_name="sentlinks", standalone_mode=False), as_json(given))


def as_json(arguments: Sequence[str]) -> bool:
    """Whether ``--json`` is among the options, known also where the command line cannot be read."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in options
