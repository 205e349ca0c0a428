"""``sentlinks folders``: the user's folders in Share."""

from __future__ import annotations

import click

from . import common
from .common import Session
from .links import moment
from .output import emit, table, tell


@click.group("folders")
def folders_command() -> None:
    """Folders in Share.

    Yours, and those of others that you are a member of.
    """


@folders_command.command("list")
@common.remote
def list_folders(session: Session) -> None:
    """List the folders."""
    found = session.share(lambda share: share.folders())
    if session.json:
        emit({"folders": [folder.model_dump(mode="json") for folder in found]})
    elif not found:
        tell("There is no folder yet; the first send makes one.")
    else:
        rows = [
            (
                f.name,
                f.role if f.role == "owner" else f"{f.role} ({f.owner})",
                "yes" if f.current else "no",
                str(f.documents),
                str(f.published),
                moment(f.created_at),
                f.id,
            )
            for f in found
        ]
        table(("NAME", "ROLE", "CURRENT", "DOCUMENTS", "PUBLISHED", "MADE", "ID"), rows)
