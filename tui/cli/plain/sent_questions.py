"""Asking which of the documents that were sent are meant, and reading them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...rules.display import counted, day_and_time
from ...rules.errors import Failed
from ...rules.ids import fewest_digits
from ...rules.sent_text import (
    downloads_text,
    external_text,
    recipients_text,
    sent_times,
    wrong_passwords_text,
)
from ..base.nothing_sent import nothing_sent
from ..base.output import say
from .asking import Questions

if TYPE_CHECKING:
    from ...clients.share import ShareClient
    from ...wire.folders import Folder
    from ...wire.share import Document
    from ..base.common import CommandSession

_CURRENT, _ALL = "The current one", "All of them"


def ask_sent(session: CommandSession, questions: Questions) -> tuple[str, ...]:
    """The ids of sent documents. Raises :class:`Failed` if there are none."""

    async def read(share: ShareClient) -> list[Document]:
        found = [document async for page in share.all_document_pages() for document in page.documents]
        if not found:
            raise Failed("links.none", await nothing_sent(share))
        return found

    found = session.share(read)
    chosen = questions.some("Which documents?", [_short(document) for document in found])
    return tuple(found[number].id for number in chosen)


def ask_folder(session: CommandSession, questions: Questions) -> tuple[str | None, bool]:
    """The id of the folder to list, ``None`` for the current one, and whether it is all; asks only if there are
    several."""

    async def read(share: ShareClient) -> tuple[list[Folder], str | None]:
        current = (await share.current_folder()).folder
        return await share.folders(), current.id if current else None

    folders, current = session.share(read)
    others = [folder for folder in folders if folder.id != current]
    if not others:
        return None, False
    chosen = questions.choice("Which folder?", [_CURRENT, _ALL, *(folder.name for folder in others)])
    return (others[chosen - 2].id if chosen > 1 else None), chosen == 1


def _short(document: Document) -> str:
    """A document in a list to choose from."""
    to = recipients_text(document.recipients)
    return f"{document.name}, {_state(document)}, sent {_times(document)}{f', to {to}' if to else ''}"


def _times(document: Document) -> str:
    return sent_times(day_and_time(document.sent_at), day_and_time(document.resent_at))


def _state(document: Document) -> str:
    return external_text(document.published, document.why_off)


def read_out(documents: Sequence[Document]) -> None:
    """Print documents with their links, so that they can be read line by line."""
    digits = fewest_digits([document.id for document in documents])
    say(f"{counted(len(documents), 'document')}.")
    for number, document in enumerate(documents, 1):
        say(f"{number}. {document.name}")
        expires = f"expires {day_and_time(document.expires_at)}" if document.expires_at else "does not expire"
        to = recipients_text(document.recipients)
        parts = [
            _state(document),
            _downloads(document),
            expires if document.published else "",
            _password(document),
            f"sent {_times(document)}",
            f"to {to}" if to else "",
            f"ID {document.id[:digits]}",
        ]
        say(f"{', '.join(filter(None, parts))}.")
        if document.url:
            say(document.url)


def _downloads(document: Document) -> str:
    since = " since it was sent again" if document.resent_at is not None else ""
    return f"{downloads_text(document.downloads, document.downloads_permitted)} downloads{since}"


def _password(document: Document) -> str:
    if document.locked:
        return "locked after wrong passwords"
    if document.throttled:
        return wrong_passwords_text(document.wrong_passwords)
    return "with a password" if document.has_password else "no password"
