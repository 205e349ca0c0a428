"""``sentlinks get``: fetch a copy of a sent document, as its owner or a member."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..rules.errors import InvalidValue, NotFound
from ..rules.missing import IN_TRASH
from ..rules.text import printable
from .base import common
from .base.common import CommandSession
from .base.options import DOCUMENT_ID, output_option
from .base.outcomes import Result
from .base.output import emit, say
from .base.progress import bar, progress
from .base.short_ids import whole_document

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..wire.share import Document


@click.command("get")
@click.argument("id_", type=DOCUMENT_ID, metavar="ID")
@output_option
@common.remote
def get_command(session: CommandSession, id_: str, output: Path | None) -> int:
    """Fetch a copy of a sent document.

    This is not counted as a download, and never overwrites a file.
    """
    place = output if output is not None else Path()
    with common.writing():
        _check(place)
    id_ = whole_document(session, id_)

    async def body(share: ShareClient) -> tuple[Document, Path]:
        from ..clients.fetch import fetch

        with common.about(id_):
            document = await share.document(id_)
            if document.deleted_at:
                raise NotFound("document.in_trash", IN_TRASH)
        name = printable(document.name)
        with progress() as paint:
            path = await fetch(
                share, document, place, lambda done: paint(lambda: f"{bar(done, document.size)}  {name}")
            )
        return document, path

    with common.writing():
        document, path = session.share(body)
    if session.json:
        emit({"documents": [Result(document.id, document).fields() | {"path": str(path.absolute())}]})
    else:
        say(str(path))
    return 0


def _check(place: Path) -> None:
    """Check that the file can be written, before anything is downloaded. Raises :class:`InvalidValue`."""
    from ..clients.fetch import check_free

    folder = place if place.is_dir() else place.absolute().parent
    if folder != place:
        check_free(place)
    if not folder.is_dir():
        shown = printable(str(place))
        raise InvalidValue(
            "output.folder", f"The folder for {shown} doesn't exist; create it first.", "output"
        )
    if not os.access(folder, os.W_OK):
        raise InvalidValue("output.folder", f"You can't write to {printable(str(folder))}.", "output")
