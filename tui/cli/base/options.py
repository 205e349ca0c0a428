"""Options that several commands have."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ...files.user_files import with_home
from ...override import override
from ...rules.errors import InvalidValue
from ...rules.similar import with_question
from ...rules.text import printable, shortened, without_password
from ...terminal.plain import be_plain

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem
    from click.types import OptionHelpExtra


F = TypeVar("F", bound=Callable[..., Any])
#: How much of a value a message repeats.
_SHOWN = 100


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
    """An option of a command. If it takes one value, it refuses a second, different one.

    Its help says its default: ``show_default`` has it in words if it depends on something.
    """

    @property
    def _takes_one(self) -> bool:
        return not (self.multiple or self.count) and (not self.is_flag or bool(self.secondary_opts))

    @override
    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        if not self._takes_one:
            super().add_to_parser(parser, ctx)
            return
        # Each value is kept: the parser itself would keep the last one, and drop the others unsaid.
        if not self.is_flag:
            parser.add_option(obj=self, opts=self.opts, dest=self.name, action="append", nargs=self.nargs)
            return
        for names, meant in ((self.opts, True), (self.secondary_opts, False)):
            parser.add_option(obj=self, opts=names, dest=self.name, action="append_const", const=meant)

    @override
    def handle_parse_result(
        self, ctx: click.Context, opts: Mapping[str, Any], args: list[str]
    ) -> tuple[Any, list[str]]:
        values = opts.get(self.name or "")
        if self._takes_one and isinstance(values, list):
            if not ctx.resilient_parsing and any(value != values[0] for value in values):
                raise click.UsageError(self._several(values), ctx)
            opts = {**opts, self.name or "": values[-1]}
        return super().handle_parse_result(ctx, opts, args)

    def _several(self, values: Sequence[Any]) -> str:
        name = max(self.opts, key=len)
        if self.is_flag:
            return f"Give {name} or {max(self.secondary_opts, key=len)}, not both."
        # Imported only on failure.
        from ...rules.display import joined

        told = joined([_shown(value) for value in dict.fromkeys(values)])
        return f"{name} is given different values, {told}; give one."

    @override
    def get_help_extra(self, ctx: click.Context) -> OptionHelpExtra:
        extra = super().get_help_extra(ctx)
        if isinstance(self.show_default, str):
            # Without click's parentheses around it.
            extra["default"] = self.show_default
        if isinstance(self.type, WholeNumber):
            extra["range"] = f"{self.type.min} to {self.type.max}"
        return extra


def _shown(value: Any) -> str:
    """A value as it is named in a message; ``value`` isn't text if the option's own was left out."""
    text = value if isinstance(value, str) else " ".join(value) if isinstance(value, tuple) else "none"
    return shortened(without_password(text), _SHOWN) or "''"


def option(*names: str, **settings: Any) -> Callable[[F], F]:
    """``click.option`` with an :class:`Option`: that of every command."""
    return click.option(*names, cls=Option, **settings)


data_option = option(
    "--data",
    type=GivenPath(),
    metavar="DIR",
    show_default="the local server's",
    help="The server's data folder.",
)
database_option = option(
    "--database-url",
    metavar="URL",
    show_default="SQLite in the data folder",
    help="The server's database.",
)
store_option = option(
    "--store",
    metavar="URL",
    show_default="the data folder",
    help="Where documents are kept: s3://bucket/prefix.",
)
server_option = option(
    "--server",
    metavar="URL",
    show_default="the configured one, else the local one",
    help="The server to use.",
)


def _be_plain(_context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        be_plain()


plain_option = option(
    "--plain",
    is_flag=True,
    expose_value=False,
    callback=_be_plain,
    help="For a screen reader: ask one thing after another, and paint nothing over. As with ACCESSIBLE=1.",
)
no_mouse_option = option(
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


output_option = option(
    "--output",
    type=_OutputPath(),
    metavar="PATH",
    show_default="the current folder",
    help="The file to write, or the folder to write it into.",
)
