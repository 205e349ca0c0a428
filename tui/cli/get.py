"""``sentlinks get``: a document of a folder, for its owner and the folder's members."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..rules import names
from ..rules.errors import Failed, InvalidValue
from ..rules.text import printable
from . import common
from .common import Result, Session
from .output import emit, say
from .progress import bar, progress

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..wire.share import Document


@click.command("get")
@click.argument("id_", metavar="ID")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The file to write, or the folder to write it into (the current one).",
)
@common.remote
def get_command(session: Session, id_: str, output: Path | None) -> int:
    """Fetch a document of a folder. It is not counted, and never written over an existing file."""
    folder = output if output is None or output.is_dir() else None
    if output is not None and folder is None:
        _check_free(output)

    async def body(share: ShareClient) -> tuple[Document, Path]:
        document = await share.document(id_)
        path = output if output is not None and folder is None else _in_folder(folder, document)
        _check_free(path)
        await _fetch(share, document, path)
        return document, path

    document, path = session.share(body)
    if session.json:
        row = Result(document.id, document).fields() | {"path": str(path.absolute())}
        emit({"documents": [row]})
    else:
        say(str(path))
    return 0


def _in_folder(folder: Path | None, document: Document) -> Path:
    # The server's names hold no separators; that is not left to it.
    return (folder or Path()) / names.clean(document.name)


def _check_free(path: Path) -> None:
    shown = printable(str(path))
    if os.path.lexists(path):
        raise InvalidValue(
            "output.exists", f"{shown} is there already; name another place with --output.", "output"
        )
    if not path.absolute().parent.is_dir():
        raise InvalidValue("output.folder", f"The folder that {shown} should go into is not there.", "output")


async def _fetch(share: ShareClient, document: Document, path: Path) -> None:
    """Writes the document beside ``path`` and gives it that name once it is whole."""
    partial = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise InvalidValue(
            "output.unwritable",
            f"{printable(str(path))} cannot be written: {error.strerror}; name another place with --output.",
            "output",
        ) from error
    try:
        with os.fdopen(handle, "wb") as file:
            digest = hashlib.sha256()

            def line() -> str:
                return f"{bar(file.tell(), document.size)}  {printable(document.name)}"

            async with share.content(document.id) as content:
                with progress() as paint:
                    async for piece in content.chunks:
                        file.write(piece)
                        digest.update(piece)
                        paint(line)
        if digest.hexdigest() != document.sha256:
            raise Failed(
                "content.damaged",
                f"{printable(document.name)} arrived damaged; nothing is kept, fetch it again.",
            )
        _put(partial, path)
    except OSError as error:
        raise Failed(
            "output.failed", f"{printable(str(path))} cannot be written: {error.strerror}."
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _put(partial: Path, path: Path) -> None:
    """Gives the file its name, unless something has come there in the meantime."""
    try:
        with suppress(PermissionError, NotImplementedError):
            os.link(partial, path)
            return
        # A disk without hard links: the name is taken first, then filled.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        partial.replace(path)
    except FileExistsError:
        raise InvalidValue(
            "output.exists",
            f"{printable(str(path))} is there already; name another place with --output.",
            "output",
        ) from None
