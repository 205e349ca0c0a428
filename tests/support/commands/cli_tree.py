"""All commands of the command line."""

from __future__ import annotations

from collections.abc import Iterator

import click

from tui.cli.audit_accept import accept_command
from tui.cli.base.group import group


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its words: ``trash list``."""
    yield from _below(group, click.Context(group, info_name="sentlinks"), "")
    # Found by its word after ``audit``, whose argument is an id otherwise.
    yield "audit accept", accept_command


def _below(parent: click.Group, context: click.Context, path: str) -> Iterator[tuple[str, click.Command]]:
    for name in parent.list_commands(context):
        command = parent.get_command(context, name)
        assert command is not None
        words = f"{path} {name}".strip()
        if isinstance(command, click.Group):
            yield from _below(command, click.Context(command, info_name=name, parent=context), words)
        else:
            yield words, command
