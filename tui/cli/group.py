"""The group of all commands, each imported when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from .opening import open_app
from .options import no_mouse_option

#: Every command and the module that holds it, in the order of the help.
COMMANDS = {
    "demo": "serving",
    "serve": "serving",
    "server": "serving",
    "send": "send",
    "sends": "sends",
    "smart-attach": "smart_attach",
    "links": "links",
    "unpublish": "links",
    "delete": "links",
    "resend": "resend",
    "mail": "mail",
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
    "sessions": "sessions",
    "template": "template",
    "doctor": "doctor",
    "completion": "completion",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        module = COMMANDS.get(name)
        if module is None:
            return None
        command: click.Command = getattr(
            import_module(f".{module}", __package__), f"{name.replace('-', '_')}_command"
        )
        return command


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"max_content_width": 100})
@click.option("--version", "version", is_flag=True, help="Show the version and exit.")
@click.option("--verbose", is_flag=True, help="With --version: also list the system and all packages.")
@no_mouse_option
@click.pass_context
def group(ctx: click.Context, version: bool, verbose: bool, no_mouse: bool) -> int | None:
    """Send documents to people outside your organisation as secure links.

    Without a command, opens the app.
    """
    if version:
        from .versions import version_text

        click.echo(version_text(verbose))
        ctx.exit()
    if verbose:
        raise click.UsageError("--verbose works only with --version.")
    if ctx.invoked_subcommand is not None:
        if no_mouse:
            raise click.UsageError(
                "--no-mouse works only for the app: sentlinks --no-mouse, or sentlinks demo --no-mouse."
            )
        return None
    return open_app(no_mouse=no_mouse)
