"""Options that several commands have."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...files.user_files import with_home
from ...override import override
from ...rules.errors import InvalidValue
from ...rules.similar import with_question
from ...rules.text import printable
from ...terminal.plain import be_plain

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem
    from click.types import OptionHelpExtra


class Choice(click.Choice[str]):
    """Words to choose from; for another one, it says which was probably meant."""

    @override
    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        return with_question(super().get_invalid_choice_message(value, ctx), str(value), self.choices)


class Id(click.ParamType[str]):
    """An id or a name, as it is typed, but none that is blank; ``command`` is the one that lists those that there are.

    A script's empty variable names nothing, so nothing is done.
    """

    def __init__(self, command: str, name: str = "id", offer: str = "", wanted: str = "") -> None:
        """``offer``: what of ``completions.py`` a shell offers, limited to what fits the filter ``wanted``."""
        self.name = name
        self._command = command
        self._offer = offer
        self._wanted = wanted

    @override
    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        # Only a shell that completes needs it.
        from . import completions

        match self._offer:
            case "documents":
                return completions.documents(ctx, incomplete, self._wanted)
            case "trashed":
                return completions.trashed(ctx, incomplete)
            case "folders":
                return completions.folders(ctx, incomplete)
        return []

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not str(value).strip():
            what = "ID" if self.name == "id" else self.name
            message = f"The {what} is empty; {self._command} lists the {what}s there are."
            raise InvalidValue(f"{self.name}.empty", message, self.name)
        return str(value)


DOCUMENT_ID = Id("sentlinks links", offer="documents")
#: The same, of which a shell offers only those that the command is for.
PUBLISHED_ID = Id("sentlinks links", offer="documents", wanted="is:on")
SLOWED_ID = Id("sentlinks links", offer="documents", wanted="is:attacked")
TRASHED_ID = Id("sentlinks trash list", offer="trashed")
FOLDER_ID = Id("sentlinks folders list", offer="folders")


def offer_recipients(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """The addresses that one has sent to, for an option that takes some."""
    from .completions import recipients

    return recipients(context, parameter, incomplete)


class GivenPath(click.Path):
    """A path; an empty one isn't the current folder, as it is to :class:`Path`."""

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        if not str(value):
            what = f"The path of {param.get_error_hint(ctx)}" if param else "The path"
            raise InvalidValue("path.empty", f"{what} is empty; name a file or a folder.", "path")
        path = with_home(str(value))
        super().convert(path, param, ctx)
        return Path(path)


class WholeNumber(click.IntRange):
    """A whole number in a range; error messages call it that."""

    name = "whole number"


class Option(click.Option):
    """An option whose help says its default: ``show_default`` has it in words if it depends on something."""

    @override
    def get_help_extra(self, ctx: click.Context) -> OptionHelpExtra:
        extra = super().get_help_extra(ctx)
        if isinstance(self.show_default, str):
            # Without click's parentheses around it.
            extra["default"] = self.show_default
        if isinstance(self.type, WholeNumber):
            extra["range"] = f"{self.type.min} to {self.type.max}"
        return extra


data_option = click.option(
    "--data",
    cls=Option,
    type=GivenPath(),
    metavar="DIR",
    show_default="the local server's",
    help="The server's data folder.",
)
database_option = click.option(
    "--database-url",
    cls=Option,
    metavar="URL",
    show_default="SQLite in the data folder",
    help="The server's database.",
)
store_option = click.option(
    "--store",
    cls=Option,
    metavar="URL",
    show_default="the data folder",
    help="Where documents are kept: s3://bucket/prefix.",
)
server_option = click.option(
    "--server",
    cls=Option,
    metavar="URL",
    show_default="the configured one, else the local one",
    help="The server to use.",
)


def _be_plain(_context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        be_plain()


plain_option = click.option(
    "--plain",
    is_flag=True,
    expose_value=False,
    callback=_be_plain,
    help="For a screen reader: ask one thing after another, and paint nothing over. As with ACCESSIBLE=1.",
)
no_mouse_option = click.option(
    "--no-mouse", is_flag=True, help="Don't use the mouse in the app; your terminal selects text with it."
)


class _OutputPath(GivenPath):
    """A file, or a folder that exists. A slash at the end, which a :class:`Path` drops, says that a folder is meant."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = super().convert(value, param, ctx)
        if str(value).endswith(os.sep) and not path.is_dir():
            raise InvalidValue(
                "output.folder", f"There is no folder {printable(str(path))}; create it first.", "output"
            )
        return path


output_option = click.option(
    "--output",
    type=_OutputPath(),
    cls=Option,
    metavar="PATH",
    show_default="the current folder",
    help="The file to write, or the folder to write it into.",
)
