"""The group of all commands, each imported when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from ...terminal.plain import be_plain
from ..server.open_app import open_app
from .help_format import GROUPS, add_examples
from .options import no_mouse_option, option

_SETTINGS = {"max_content_width": 100, "help_option_names": ["-h", "--help"]}
#: Every command and the module that holds it. Their order in the help is that of ``help_format.GROUPS``.
COMMANDS = {
    "demo": "server.serving",
    "serve": "server.serving",
    "server": "server.serving",
    "admin": "server.admin",
    "send": "send.send",
    "sends": "send.sends",
    "inspect": "send.inspect",
    "smart-attach": "mail.smart_attach",
    "links": "links",
    "unpublish": "links",
    "delete": "links",
    "resend": "send.resend",
    "mail": "mail.mail",
    "get": "get",
    "trash": "trash",
    "folders": "folders",
    "favorites": "favorites",
    "import": "library",
    "find": "library",
    "checkout": "library",
    "checkin": "library",
    "release": "library",
    "watch": "watch.watch",
    "audit": "audit",
    "unlock": "links",
    "policy": "policy",
    "user": "people",
    "login": "sign_in",
    "logout": "sign_in",
    "whoami": "sign_in",
    "sessions": "sessions",
    "template": "mail.template",
    "doctor": "checks.doctor",
    "completion": "completion",
    "help": "help",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for names in GROUPS.values() for name in names if name in COMMANDS]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        module = COMMANDS.get(name)
        if module is None:
            return None
        command: click.Command = getattr(
            import_module(f"tui.cli.{module}"), f"{name.replace('-', '_')}_command"
        )
        add_examples(command, name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            # click looks for similar ones only among those that are loaded.
            raise click.NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, names in GROUPS.items():
            with formatter.section(title):
                rows = [(name, self.get_command(ctx, name)) for name in names]
                formatter.write_dl(
                    [(name, command.get_short_help_str(70)) for name, command in rows if command]
                )
        formatter.write_paragraph()
        formatter.write_text("sentlinks help lists the guides, too; sentlinks help GUIDE shows one.")


@click.group(cls=_Commands, invoke_without_command=True, context_settings=_SETTINGS)
@option("--version", "version", is_flag=True, help="Show the releases of program and server, and exit.")
@option("--verbose", is_flag=True, help="With --version: list the system and all packages instead.")
@no_mouse_option
@option("--plain", is_flag=True, help="For a screen reader: instead of the app, ask one thing after another.")
@click.pass_context
def group(ctx: click.Context, version: bool, verbose: bool, no_mouse: bool, plain: bool) -> int | None:
    """Send documents to people outside your organisation as secure links.

    Without a command, opens the app.
    """
    if version:
        from ..versions import version_text

        click.echo(version_text(verbose))
        ctx.exit()
    if verbose:
        raise click.UsageError("--verbose works only with --version.")
    if plain:
        be_plain()
    if ctx.invoked_subcommand is not None:
        if no_mouse:
            raise click.UsageError(
                "--no-mouse works only for the app: sentlinks --no-mouse, or sentlinks demo --no-mouse."
            )
        return None
    if plain:
        from ..plain.menu import ask_command

        return int(group.main(ask_command(), prog_name="sentlinks", standalone_mode=False, obj=ctx.obj) or 0)
    return open_app(no_mouse=no_mouse)
