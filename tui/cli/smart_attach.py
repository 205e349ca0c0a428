"""``sentlinks smart-attach``: replace a message's attachments with links; also as a mail program's sendmail."""

from __future__ import annotations

import base64
import mmap
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..config.private import private_folder
from ..rules import options
from ..rules.errors import Failed, InvalidValue, Problem
from ..rules.text import printable
from . import common, delivery, fields
from .ending import unexpected
from .output import emit, tell
from .signals import Handlers

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..clients.work import WorkClient
    from ..mail.smart.splice import Message
    from ..wire.share import Document
    from .common import Session

#: "Try again later" (EX_TEMPFAIL): with this status, mail programs keep the message.
TRY_LATER = 75
_STEP = 1024 * 1024
#: Prefix of the folders that hold attachments while they are sent, and the seconds after which such a folder counts as
#: left behind.
_PREFIX, _LEFT_OVER = "attachments-", 86_400


class _TryLater(click.ClickException):
    exit_code = TRY_LATER


class _Command(click.Command):
    """With ``--sendmail``, every usage error ends with :data:`TRY_LATER`."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        as_sendmail = any(arg.partition("=")[0] == "--sendmail" for arg in args)
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            if as_sendmail:
                raise _TryLater(error.format_message()) from error
            raise


@click.command("smart-attach", cls=_Command)
@click.argument("arguments", nargs=-1, metavar="MESSAGE.eml", type=click.UNPROCESSED)
@click.option(
    "--sendmail",
    metavar="COMMAND",
    help="Act as a mail program's sendmail: read the message from standard input and pass the new one to COMMAND, "
    "with the arguments after --.",
)
@click.option("--over", metavar="SIZE", help="Only attachments larger than this, like 5MB.")
@click.option("--nested", is_flag=True, help="Also replace attached messages.")
@click.option(
    "--or-unchanged",
    is_flag=True,
    help="With --sendmail: if something goes wrong, send the message as it is, with its attachments.",
)
@fields.field_options
@common.remote
def smart_attach_command(
    session: Session,
    /,
    arguments: tuple[str, ...],
    sendmail: str | None,
    over: str | None,
    nested: bool,
    or_unchanged: bool,
    **given: Any,
) -> int:
    """Replace a message's attachments with secure links.

    The new message is printed on standard output. With --sendmail, it is passed to a mail program instead; if anything
    goes wrong, that isn't started and the exit status is 75.

    A header X-Sentlinks: expires=7d; downloads=3 sets these for one message, and is removed from it. The addresses in
    To and Cc, but not those in Bcc, are kept with the links as your note.
    """
    wanted = _TypedOptions(over, nested, given)
    if sendmail is not None:
        return _before_sendmail(session, sendmail, arguments, wanted, or_unchanged)
    if or_unchanged:
        raise click.UsageError("--or-unchanged works only with --sendmail.")
    if len(arguments) != 1:
        raise click.UsageError("Name one MESSAGE.eml.")
    chosen = wanted.read()
    with _opened(Path(arguments[0])) as raw:
        done = _replaced(session, raw, chosen)
        _print(session, done)
    return 0


@dataclass(frozen=True, slots=True)
class _TypedOptions:
    """The options as typed."""

    over: str | None
    nested: bool
    given: dict[str, Any]

    def read(self) -> _Options:
        """Check the options. Raises :class:`InvalidValue`."""
        over = options.parse_size(self.over) if self.over is not None else 0
        return _Options(over, self.nested, fields.read_fields(**self.given))


@dataclass(frozen=True, slots=True)
class _Options:
    over: int
    nested: bool
    fields: fields.Fields


@dataclass(frozen=True, slots=True)
class _NewMessage:
    """The message with its links, in pieces."""

    pieces: Callable[[], Iterator[bytes]]
    documents: list[Document]


# ---------------------------------------------------------------- the message


@contextmanager
def _opened(path: Path) -> Iterator[mmap.mmap]:
    """The bytes of a file, mapped into memory. Raises :class:`InvalidValue` if it can't be read."""
    shown = printable(str(path))
    try:
        with path.open("rb") as file:
            raw = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError:
        raise InvalidValue("message.empty", f"{shown} is empty; there is no message in it.") from None
    except OSError as error:
        raise InvalidValue("message.unreadable", f"{shown} can't be read: {error.strerror}.") from None
    with raw:
        yield raw


def _replaced(session: Session, raw: mmap.mmap, chosen: _Options) -> _NewMessage:
    """Publish the attachments and replace them with their links.

    If something goes wrong, what was published so far is unpublished again. Raises :class:`Problem`.
    """
    from ..mail.draft import Link
    from ..mail.smart.choosing import choose
    from ..mail.smart.parts import read
    from ..mail.smart.splice import Message

    root = read(raw)
    message = Message(raw, root, choose(raw, root, chosen.over, chosen.nested))
    settings = _with_header(chosen.fields, message.settings)
    settings = replace(settings, recipients=tuple(message.recipients))
    for sentence in message.choice.left:
        tell(sentence)
    documents: list[Document] = []
    if message.choice.attachments:
        # Try it with an empty link first: if the text can't take links, nothing is published.
        message.changes([Link("", "")])
        documents = _published(session, message, settings)
    changes = message.changes([delivery.link_of(document) for document in documents])
    return _NewMessage(lambda: message.written(changes), documents)


def _with_header(given: fields.Fields, text: str) -> fields.Fields:
    """The fields, overridden by the message's own header. Raises :class:`InvalidValue`."""
    for part in filter(None, (part.strip() for part in text.split(";"))):
        key, _, value = (piece.strip() for piece in part.partition("="))
        if key == "expires":
            none = value == "none"
            given = replace(given, expires=None if none else value, no_expires=none)
        elif key == "downloads":
            none = value == "none"
            permitted = None if none else options.parse_downloads(value)
            given = replace(given, downloads=permitted, no_downloads=none)
        elif key == "notify" and value in ("yes", "no"):
            given = replace(given, notify=value == "yes")
        else:
            raise InvalidValue(
                "message.settings",
                f"The header X-Sentlinks has {printable(part)}; write expires=7d; downloads=3; notify=yes (or none for "
                "the first two, no for the last).",
            )
    return given


def _published(session: Session, message: Message, given: fields.Fields) -> list[Document]:
    from ..mail.smart.content import pieces
    from ..sending.attachments import send_all

    state = private_folder(session.config.places.state)
    _forget_old(state)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=state) as folder:
        files = []
        for number, part in enumerate(message.choice.attachments):
            path = Path(folder) / str(number)
            with path.open("xb") as file:
                file.writelines(pieces(message.raw, part))
            files.append((path, part.name or _name(part.media_type, number)))

        async def body(share: ShareClient, work: WorkClient) -> tuple[list[Document], str | None]:
            from .link_settings import settings_of

            settings, password = await settings_of(share, given)
            return await send_all(share, work, files, settings, Handlers), password

        documents, password = session.both(body)
    if given.generate and password:
        delivery.tell_password(password)
    return documents


def _forget_old(state: Path) -> None:
    """Remove attachments that killed commands left behind."""
    for folder in state.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > _LEFT_OVER:
                shutil.rmtree(folder, ignore_errors=True)


def _name(kind: str, number: int) -> str:
    import mimetypes

    return f"attachment-{number + 1}{mimetypes.guess_extension(kind) or ''}"


def _print(session: Session, done: _NewMessage) -> None:
    if session.json:
        text = base64.b64encode(b"".join(done.pieces())).decode()
        shown = [common.Result(document.id, document).fields() for document in done.documents]
        emit({"documents": shown, "message_base64": text})
        return
    try:
        sys.stdout.buffer.writelines(done.pieces())
        sys.stdout.buffer.flush()
    except OSError as error:
        _tell_links(done)
        raise Failed("output.lost", f"The new message could not be written: {error.strerror}.") from None


def _tell_links(done: _NewMessage) -> None:
    """Print the links on standard error: they are published, and nothing else shows them."""
    for document in done.documents:
        tell(f"{printable(document.name)}: {document.url}")


# ---------------------------------------------------------------- as a sendmail


def _before_sendmail(
    session: Session, sendmail: str, arguments: Sequence[str], wanted: _TypedOptions, or_unchanged: bool
) -> int:
    """Give the message with its links to the command ``sendmail`` and return its status.

    If anything goes wrong before that, nothing is started and the status is :data:`TRY_LATER`.
    """
    try:
        command = _command(sendmail)
        if wanted.given.get("password_stdin"):
            raise InvalidValue(
                "sendmail.password",
                "--password-stdin can't be used with --sendmail: the message is on standard input.",
            )
        with tempfile.TemporaryFile() as spool:
            shutil.copyfileobj(sys.stdin.buffer, spool, _STEP)
            spool.flush()
            if not spool.tell():
                raise InvalidValue("message.empty", "There is no message on standard input.")
            with mmap.mmap(spool.fileno(), 0, access=mmap.ACCESS_READ) as raw:
                try:
                    done = _replaced(session, raw, wanted.read())
                except Problem as problem:
                    if not or_unchanged:
                        raise
                    tell(f"{problem.message} The message is sent unchanged, with its attachments.")
                    done = _NewMessage(lambda: (raw[at : at + _STEP] for at in range(0, len(raw), _STEP)), [])
                return _pipe_to([*command, *arguments], done)
    except Problem as problem:
        raise _TryLater(problem.message) from problem
    except KeyboardInterrupt:
        raise _TryLater("Interrupted.") from None
    except (click.ClickException, SystemExit):
        raise
    except Exception as error:
        raise _TryLater(unexpected(error)) from error


def _command(sendmail: str) -> list[str]:
    """The program and its arguments. Raises :class:`InvalidValue` if it can't be started."""
    try:
        command = shlex.split(sendmail)
    except ValueError:
        command = []
    if not command or shutil.which(command[0]) is None:
        shown = printable(command[0] if command else sendmail)
        raise InvalidValue(
            "sendmail.missing", f"{shown or '--sendmail'} is not a program that can be started."
        )
    return command


def _pipe_to(command: Sequence[str], done: _NewMessage) -> int:
    name = printable(Path(command[0]).name)
    try:
        program = subprocess.Popen(command, stdin=subprocess.PIPE)
    except OSError as error:
        _tell_links(done)
        raise Failed("sendmail.failed", f"{name} could not be started: {error.strerror}.") from error
    with program:
        assert program.stdin is not None
        # Its exit status says why it stopped reading.
        with suppress(BrokenPipeError):
            program.stdin.writelines(done.pieces())
            program.stdin.close()
    status = program.returncode
    if status:
        _tell_links(done)
        above = "; the links above are published" if done.documents else ""
        tell(f"{name} ended with status {status}{above}.")
    return status if status >= 0 else TRY_LATER
