"""Options that several commands have."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from ...rules.errors import InvalidValue
from ...rules.text import printable

no_mouse_option = click.option(
    "--no-mouse", is_flag=True, help="Don't use the mouse in the app; your terminal selects text with it."
)


class _OutputPath(click.Path):
    """A file, or a folder that exists. A slash at the end, which a :class:`Path` drops, says that a folder is meant."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(value)
        if str(value).endswith(os.sep) and not path.is_dir():
            raise InvalidValue(
                "output.folder", f"There is no folder {printable(str(path))}; create it first.", "output"
            )
        return path


output_option = click.option(
    "--output",
    type=_OutputPath(),
    metavar="PATH",
    help="The file to write, or the folder to write it into (the current one).",
)
