"""``sentlinks help``: a command's help, a guide, or what was found in them; and the manual pages."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from .. import guides
from ..rules.similar import near, question
from ..rules.text import printable
from ..terminal.ascii import shows_unicode, to_ascii
from ..terminal.plain import is_plain_terminal
from .base.options import GivenPath, option
from .base.output import say, tell

#: Searches show at most this many lines.
_MOST = 40
#: How much a word that is found has to resemble a guide or a command to be taken for it.
_MISTYPED = 0.85
#: How much, if nothing is found: *nonsense* isn't *sends*.
_MEANT = 0.7


@click.command("help")
@click.argument("words", nargs=-1, metavar="[COMMAND|GUIDE|WORDS...]")
@option(
    "--man",
    type=GivenPath(file_okay=False),
    metavar="DIR",
    help="Write the manual pages into a folder.",
)
@click.pass_context
def help_command(context: click.Context, words: tuple[str, ...], man: Path | None) -> int:
    """Show the help of a command, a guide, or a search.

    Without anything: all commands and guides. Words that are neither a command nor a guide are searched for in both.
    """
    group = context.find_root()
    if man is not None:
        return _write_manual(group, words, man)
    if not words:
        _show(f"{group.get_help()}\n\n{_guides()}")
        return 0
    command, guide = _command_help(group, words), _guide(words)
    if not (command or guide):
        return _search(group, " ".join(words))
    both = f"“{words[0]}” is a command and a guide. Here is the command; the guide is below it.\n\n"
    _show(f"{both}{command}\n{guide}" if command and guide else command or guide)
    return 0


def _guides() -> str:
    widest = max(map(len, guides.TOPICS))
    lines = [f"  {topic:<{widest}}  {guides.title(topic)}" for topic in guides.TOPICS]
    return "\n".join(["Guides (sentlinks help GUIDE):", *lines]) + "\n"


def _command_help(group: click.Context, words: tuple[str, ...]) -> str:
    """The help of the command that the words name, such as ``trash list``; empty if there is none."""
    context = group
    for word in words:
        command = context.command
        found = command.get_command(context, word) if isinstance(command, click.Group) else None
        if found is None:
            return ""
        context = found.make_context(word, [], parent=context, resilient_parsing=True)
    return context.get_help() + "\n"


def _guide(words: tuple[str, ...]) -> str:
    topic = words[0].casefold()
    if len(words) > 1 or topic not in guides.TOPICS:
        return ""
    from .guide_text import rendered

    width = shutil.get_terminal_size().columns
    has_styles = (
        sys.stdout.isatty()
        and not is_plain_terminal()
        and os.environ.get("TERM", "dumb") not in ("", "dumb", "unknown")
    )
    return rendered(guides.read(topic), width, styled=has_styles)


def _show(text: str) -> None:
    """Print a text: on a terminal with the user's pager, if it doesn't fit."""
    if sys.stdout.isatty():
        if not shows_unicode():
            text = to_ascii(text)
        if text.count("\n") >= shutil.get_terminal_size().lines:
            click.echo_via_pager(text)
            return
    click.echo(text.rstrip("\n"))


def _search(group: click.Context, words: str) -> int:
    """Show the lines of guides and of commands' help that have all the words."""
    from .base.group import COMMANDS

    lines = [f"{topic}: {line}" for topic, line in guides.found(words)]
    wanted = words.casefold().split()
    for name in COMMANDS:
        text = _command_help(group, (name,)).splitlines()
        found = [line.strip() for line in text if all(word in line.casefold() for word in wanted)]
        lines += [f"{name} --help: {line}" for line in found]
    meant = _meant(group, words, _MISTYPED if lines else _MEANT)
    if not lines:
        more = meant or "sentlinks help lists all commands and guides."
        tell(f"Nothing about {printable(words)}. {more}")
        return 5
    if meant:
        tell(meant)
    for line in lines[:_MOST]:
        say(line)
    if len(lines) > _MOST:
        tell(f"{len(lines) - _MOST} more lines; add a word.")
    return 0


def _meant(group: click.Context, words: str, least: float) -> str:
    """The question which commands or guides the words were probably meant to be; empty if they resemble none."""
    known = [*guides.TOPICS, *_paths(group, "")]
    return question([f"sentlinks help {each}" for each in near(words, known, least)])


def _paths(context: click.Context, above: str) -> Iterator[str]:
    """All commands below that of ``context``, as one types them: ``trash list``."""
    command = context.command
    assert isinstance(command, click.Group)
    for name in command.list_commands(context):
        path = f"{above} {name}".strip()
        yield path
        found = command.get_command(context, name)
        if isinstance(found, click.Group):
            yield from _paths(click.Context(found, context, name), path)


def _write_manual(group: click.Context, words: tuple[str, ...], folder: Path) -> int:
    from .manual import write

    if words:
        raise click.UsageError("--man writes all pages; leave out the words.")
    count = write(group, folder)
    tell(f"Wrote {count} manual pages into {printable(str(folder))}. Read one with: man -l FILE")
    return 0
