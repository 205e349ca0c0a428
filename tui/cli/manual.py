"""The manual pages: sentlinks(1), and one for each command, from the same declarations as their help."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import click

from .. import guides
from .base.help_format import EXAMPLES, GROUPS

EXIT_STATUSES = (
    ("0", "everything succeeded"),
    ("1", "something failed; the output says what succeeded"),
    ("2", "the command line, or a value in it, was wrong"),
    ("3", "refused by the policy"),
    ("4", "not signed in, throttled, or not allowed"),
    ("5", "no such document, folder or person"),
    ("6", "the server can't be reached"),
    ("75", "smart-attach --sendmail sent nothing; try again"),
    ("130, 143", "interrupted, terminated"),
)
_ENVIRONMENT = (
    ("SENTLINKS_HOME", "one folder for configuration, data and state"),
    ("SENTLINKS_SERVER", "the server that publishes the links"),
    ("SENTLINKS_TOKEN", "an access token for it"),
    ("NO_COLOR", "no colour"),
)
_TITLE = re.compile(r"[^A-Z0-9-]")


def write(group: click.Context, folder: Path) -> int:
    """Write all pages into ``folder``, which is made if it isn't there. Returns their number."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"sentlinks": _main_page(group)}
    for context in _commands(group):
        pages[context.command_path.replace(" ", "-")] = _page(context)
    for name, lines in pages.items():
        (folder / f"{name}.1").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(pages)


def _commands(parent: click.Context) -> Iterator[click.Context]:
    command = parent.command
    assert isinstance(command, click.Group)
    for name in command.list_commands(parent):
        found = command.get_command(parent, name)
        if found is None or found.hidden:
            continue
        context = found.make_context(name, [], parent=parent, resilient_parsing=True)
        yield context
        if isinstance(found, click.Group):
            yield from _commands(context)


def _head(name: str, about: str) -> list[str]:
    stamp = os.environ.get("SOURCE_DATE_EPOCH")
    day = date.fromtimestamp(int(stamp)) if stamp else date.today()  # noqa: DTZ011, DTZ012
    return [
        f".Dd {day:%B} {day.day}, {day.year}",
        f".Dt {_TITLE.sub('', name.upper())} 1",
        ".Os",
        ".Sh NAME",
        f".Nm {name}",
        f".Nd {_text(about.rstrip('.'))}",
    ]


def _main_page(group: click.Context) -> list[str]:
    lines = _head("sentlinks", "send documents to outsiders as secure links")
    lines += [".Sh SYNOPSIS", ".Nm", ".Op Ar COMMAND Op Ar ARGUMENTS"]
    lines += [".Sh DESCRIPTION", *_paragraphs(group.command.help or "")]
    known = {context.info_name: context.command for context in _commands(group) if context.parent is group}
    for title, names in GROUPS.items():
        lines += [f".Ss {title}", ".Bl -tag -width smart-attach"]
        for name in names:
            lines += [f".It Cm {name}", _text(known[name].get_short_help_str(200))]
        lines.append(".El")
    lines += [".Ss Guides", "Each is shown by", ".Nm Cm help Ar GUIDE .", ".Bl -tag -width configuration"]
    for topic in guides.TOPICS:
        lines += [f".It Cm {topic}", _text(guides.title(topic))]
    lines.append(".El")
    lines += [".Sh ENVIRONMENT", *_list("Ev", _ENVIRONMENT), ".Sh EXIT STATUS", *_list("", EXIT_STATUSES)]
    return lines


def _page(context: click.Context) -> list[str]:
    command = context.command
    name = context.command_path.replace(" ", "-")
    lines = _head(name, command.get_short_help_str(200))
    lines += [".Sh SYNOPSIS", f".Nm {context.command_path}"]
    lines += [f".Ar {_text(piece)}" for piece in command.collect_usage_pieces(context)]
    lines += [".Sh DESCRIPTION", *_paragraphs(command.help or "")]
    options = [param for param in command.get_params(context) if isinstance(param, click.Option)]
    records = [record for option in options if (record := option.get_help_record(context))]
    if records:
        lines += [".Bl -tag -width Ds"]
        for shown, text in records:
            lines += [f".It {_text(shown)}", *_filled(text)]
        lines.append(".El")
    lines += [".Sh EXIT STATUS", "See sentlinks(1)."]
    if examples := EXAMPLES.get(context.command_path.partition(" ")[2]):
        lines += [".Sh EXAMPLES", ".Bd -literal -offset indent", *map(_text, examples), ".Ed"]
    return lines


def _list(macro: str, entries: Sequence[tuple[str, str]]) -> list[str]:
    lines = [".Bl -tag -width SENTLINKS_SERVER"]
    for name, text in entries:
        lines += [f".It {macro} {name}".replace("  ", " "), _text(text)]
    return [*lines, ".El"]


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.replace("\b\n", "").strip().split("\n\n")):
        if number:
            yield ".Pp"
        yield from _filled(paragraph)


def _filled(text: str) -> Iterator[str]:
    """A text as lines of at most 78 characters, each sentence on a new one."""
    for sentence in re.split(r"(?<=[.?!])\s+(?=[A-Z“\"])", " ".join(text.split())):
        for line in textwrap.wrap(sentence, 74, break_long_words=False, break_on_hyphens=False):
            yield _text(line)


def _text(line: str) -> str:
    """A line whose characters all stand for themselves."""
    line = line.replace("\\", "\\e")
    line = re.sub(r"(?<![\w])-(?=-?\w)", r"\\-", line)
    return f"\\&{line}" if line.startswith((".", "'")) else line
