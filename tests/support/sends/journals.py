"""Journals of sends as tests write, damage and find them."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tui.rules.link_settings import LinkSettings
from tui.sending.journal.journal import FOLDER, Journal
from tui.sending.journal.journal_contents import Contents
from tui.sending.journal.unfinished import UnfinishedSend, unfinished_sends
from tui.wire.share import Document, Ref, Send

NOW = datetime.now(UTC)


def sent(name: str) -> Document:
    """A document that was published from the file ``name``."""
    return Document(
        id=name, work_id="ACTIVE!9.1", name=name, folder=Ref(id="f", name="Folder"), url=f"http://x/s/{name}",
        size=1, sha256="0" * 64, published=True, reason=None, has_password=False, locked=False, expires_at=None,
        downloads_permitted=None, downloads=0, last_download_at=None, sent_at=NOW, source=f"file:{name}",
    )  # fmt: skip


SEND = Send(
    id="s", folder=Ref(id="f", name="Folder"), has_password=False, expires_at=None, downloads_permitted=None,
    created_at=NOW,
)  # fmt: skip


def source(file: str) -> dict[str, Any]:
    """What a row is sent from."""
    return {"file": file, "name": "a.txt", "label": "file:a.txt", "size": 1}


def begun(state: Path, *names: str, user: str = "ANNA", server: str = "local", **settings: Any) -> Journal:
    """The journal of a send that has just begun, of files in ``/home``."""
    journal = Journal(state, server, user)
    rows = [(source(f"/home/{name}"), name, f"key of {name}") for name in names]
    journal.begin(rows, LinkSettings(**settings), NOW)
    return journal


def left_behind(journal: Journal) -> Journal:
    """As the journal is left when its process ends."""
    os.close(journal._file.handle)
    return journal


def found(state: Path, now: datetime = NOW) -> list[UnfinishedSend]:
    """ANNA's unfinished sends."""
    return unfinished_sends(state, "local", "ANNA", now)


def published(contents: Contents) -> list[Document]:
    """The published documents, in the order of the rows."""
    return [entry.document for entry in contents.entries if entry.document is not None]


def files(state: Path) -> list[Path]:
    """The files of all journals."""
    return sorted((state / FOLDER).iterdir())


def damage(journal: Journal, where: tuple[str | int, ...], value: Any) -> None:
    """Replaces a value of the journal's plan."""
    empty, first, *rest = journal.path.read_bytes().split(b"\n")
    line = json.loads(first)
    place = line["plan"]
    for key in where[:-1]:
        place = place[key]
    place[where[-1]] = value
    journal.path.write_bytes(b"\n".join([empty, json.dumps(line).encode(), *rest]))
