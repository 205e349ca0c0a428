"""The message of ``sentlinks smart-attach``: its attachments are published, and links take their place."""

from __future__ import annotations

import mmap
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ...config.private import private_folder
from ...rules import typed_values
from ...rules.address_book import united
from ...rules.addresses import MOST_RECIPIENTS
from ...rules.errors import InvalidValue
from ...rules.link_settings import FLAGS
from ...rules.text import printable
from ...rules.typed_settings import TYPED
from ..base.output import tell
from ..base.signals import Handlers
from ..send import delivery, fields
from ..send.recipients import look_at_recipients

if TYPE_CHECKING:
    from ...clients.share import ShareClient
    from ...clients.work import WorkClient
    from ...mail.smart.splice import ReadMessage
    from ...rules.address_headers import FoundAddresses
    from ...rules.odd_recipients import RecipientsNote
    from ...wire.share import Document
    from ..base.common import CommandSession

_STEP = 1024 * 1024
#: Prefix of the folders that hold attachments while they are sent, and the seconds after which such a folder counts as
#: left behind.
_PREFIX, _LEFT_OVER = "attachments-", 86_400


@dataclass(frozen=True, slots=True)
class TypedOptions:
    """The options as typed."""

    over: str | None
    nested: bool
    given: dict[str, Any]

    def read(self) -> Options:
        """Check the options. Raises :class:`InvalidValue`."""
        over = 0
        if self.over is not None:
            with typed_values.telling_none(self.over, "For attachments of any size, leave it out."):
                over = typed_values.parse_size(self.over)
        return Options(over, self.nested, fields.read_fields(**self.given))


@dataclass(frozen=True, slots=True)
class Options:
    """The same, checked."""

    over: int
    nested: bool
    fields: fields.Fields


@dataclass(frozen=True, slots=True)
class NewMessage:
    """The message with its links, in pieces."""

    pieces: Callable[[], Iterator[bytes]]
    documents: list[Document]
    recipients_notes: Sequence[RecipientsNote] = ()


@contextmanager
def spooled(stream: BinaryIO) -> Iterator[BinaryIO]:
    """A temporary file with all that a stream gives: what isn't a file can't be mapped into memory."""
    with tempfile.TemporaryFile() as spool:
        shutil.copyfileobj(stream, spool, _STEP)
        spool.flush()
        yield spool


def with_links(
    session: CommandSession, raw: mmap.mmap, chosen: Options, envelope: Sequence[str] | None = None
) -> NewMessage:
    """Publish the attachments and replace them with their links. ``envelope``: whom a mail program sends the message
    to, maybe besides those that it names; it isn't told that an address is new.

    If something goes wrong, what was published so far is unpublished again. Raises :class:`Problem`.
    """
    from ...mail.draft import DraftLink
    from ...mail.smart.choosing import choose
    from ...mail.smart.parts import read
    from ...mail.smart.splice import ReadMessage

    root = read(raw)
    message = ReadMessage(raw, root, choose(raw, root, chosen.over, chosen.nested))
    settings = _with_header(chosen.fields, message.settings)
    for sentence in message.choice.left:
        tell(sentence)
    documents: list[Document] = []
    odd: list[RecipientsNote] = []
    if message.choice.attachments:
        settings = replace(settings, recipients=_kept(message.recipients))
        # Try it with an empty link first: if the text can't take links, nothing is published.
        message.changes([DraftLink("", "")])
        documents, odd = _published(session, message, settings, envelope)
    changes = message.changes([DraftLink.of(document) for document in documents])
    return NewMessage(lambda: message.written(changes), documents, odd)


def _kept(found: FoundAddresses) -> tuple[str, ...]:
    """The recipients that are kept with the links; tells which are not."""
    if found.others:
        more = f" (and {len(found.others) - 1:,} more)" if len(found.others) > 1 else ""
        tell(f"Not kept with the links, since it is not an e-mail address: {found.others[0]}{more}")
    if len(found.addresses) > MOST_RECIPIENTS:
        tell(f"Of {len(found.addresses):,} recipients, the first {MOST_RECIPIENTS} are kept with the links.")
    return found.addresses[:MOST_RECIPIENTS]


def _with_header(given: fields.Fields, text: str) -> fields.Fields:
    """The fields, overridden by the message's own header. Raises :class:`InvalidValue`."""
    values: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        key, _, value = (piece.strip() for piece in part.partition("="))
        if values.setdefault(key, value) != value:
            both = printable(f"{key}={values[key]} and {key}={value}")
            raise InvalidValue(
                "message.settings", f"The header X-Sentlinks has both {both}; write one of them."
            )
        if key == "expires":
            none = TYPED[key].is_none(value)
            given = replace(given, expires=None if none else value, no_expires=none)
        elif key == "downloads":
            none = TYPED[key].is_none(value)
            permitted = None if none else typed_values.parse_downloads(value)
            given = replace(given, downloads=permitted, no_downloads=none)
        elif key in FLAGS and value in ("yes", "no"):
            given = replace(given, flags={**given.flags, key: value == "yes"})
        else:
            flags = "; ".join(f"{name}=yes" for name in FLAGS)
            raise InvalidValue(
                "message.settings",
                f"The header X-Sentlinks has {printable(part)}; write expires=7d; downloads=3; {flags} (or none for "
                "the first two, no for the rest).",
            )
    return given


def _published(
    session: CommandSession, message: ReadMessage, given: fields.Fields, envelope: Sequence[str] | None
) -> tuple[list[Document], list[RecipientsNote]]:
    """The documents with the links, and what is odd about whom they go to."""
    from ...mail.smart.content import pieces
    from ...sending.attachments import send_all

    state = private_folder(session.config.places.state)
    _forget_old(state)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=state) as folder:
        files = []
        for number, part in enumerate(message.choice.attachments):
            path = Path(folder) / str(number)
            with path.open("xb") as file:
                file.writelines(pieces(message.raw, part))
            files.append((path, part.name or _name(part.media_type, number)))

        named = message.recipients.addresses
        # They aren't kept with the links.
        hidden = united([named, message.hidden_recipients, envelope or ()])[len(named) :]
        odd: list[RecipientsNote] = []

        async def body(share: ShareClient, work: WorkClient) -> tuple[list[Document], str | None]:
            from ..send.link_settings import settings_of

            # Nobody is asked: a mail program waits.
            odd.extend(
                await look_at_recipients(
                    session, share, named, asks=False, hidden=hidden, tells_new=envelope is None
                )
            )
            settings, made = await settings_of(session, share, given, (await share.me()).now)
            return await send_all(share, work, files, settings, Handlers), made

        documents, made = session.both(body)
    if made:
        delivery.tell_password(made)
    return documents, odd


def _forget_old(state: Path) -> None:
    """Remove attachments that killed commands left behind."""
    for folder in state.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > _LEFT_OVER:
                shutil.rmtree(folder, ignore_errors=True)


def _name(kind: str, number: int) -> str:
    import mimetypes

    return f"attachment-{number + 1}{mimetypes.guess_extension(kind) or ''}"


def tell_links(done: NewMessage) -> None:
    """Print the links on standard error: they are published, and nothing else shows them."""
    for document in done.documents:
        tell(f"{printable(document.name)}: {document.url}")
