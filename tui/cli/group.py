"""The group of all commands, each imported when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from .. import __version__
from .opening import open_app

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
    "import": "library",
    "find": "library",
    "checkout": "library",
    "checkin": "library",
    "release": "library",
    "audit": "audit",
    "unlock": "links",
    "policy": "policy",
    "user": "people",
    "login": "sign_in",
    "logout": "sign_in",
    "whoami": "sign_in",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        module = COMMANDS.get(name)
        if module is None:
            return None
        command: click.Command = getattr(import_module(f".{module}", __package__), f"{name}_command")
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
    return open_app()
