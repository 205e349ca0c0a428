"""``sentlinks smart-attach``: replace a message's attachments with links; also as a mail program's sendmail."""

from __future__ import annotations

import base64
import mmap
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...files.user_files import open_given, with_home
from ...rules.errors import Failed, InvalidValue
from ...rules.text import printable
from ..base import common, outcomes
from ..base.options import option
from ..base.output import OutputClosed, emit, flush
from ..send import fields
from ..send.recipients import notes_fields
from .sendmail import TryLater, send_with
from .sendmail_line import read_line
from .smart_message import NewMessage, TypedOptions, spooled, tell_links, with_links

if TYPE_CHECKING:
    from ..base.common import CommandSession

#: What a message begins with: a field of its header, in a mailbox after a line of its own.
_BEGINNING = re.compile(rb"(?:\xef\xbb\xbf)?(?:>?From [^\n]*\n)?[!-9;-~]+[ \t]*:")


class _Command(click.Command):
    """With ``--sendmail``, every usage error ends with the status ``TRY_LATER``."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        as_sendmail = any(arg.partition("=")[0] == "--sendmail" for arg in args)
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            if as_sendmail:
                raise TryLater(error.format_message()) from error
            raise

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options = {
            name: not each.is_flag
            for each in self.params
            if isinstance(each, click.Option)
            for name in (*each.opts, *each.secondary_opts)
        }
        line = read_line(args, options)
        return super().parse_args(ctx, args if line is None else [*line.own, "--", *line.passed])


@click.command("smart-attach", cls=_Command)
@click.argument("arguments", nargs=-1, metavar="MESSAGE.eml", type=click.UNPROCESSED)
@option(
    "--sendmail",
    metavar="COMMAND",
    help="Act as a mail program's sendmail: read the message from standard input and pass the new one to COMMAND. "
    "What follows is COMMAND's (-f, -t, --, recipients …), except options of smart-attach directly after it.",
)
@option(
    "--over",
    metavar="SIZE",
    show_default="of any size",
    help="Only attachments larger than this, like 5MB.",
)
@option("--nested", is_flag=True, help="Also replace attached messages.")
@option(
    "--or-unchanged",
    is_flag=True,
    help="With --sendmail: if something goes wrong, send the message as it is, with its attachments.",
)
@fields.field_options()
@common.remote
def smart_attach_command(
    session: CommandSession,
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
    wanted = TypedOptions(over, nested, given)
    if sendmail is not None:
        return send_with(session, sendmail, arguments, wanted, or_unchanged)
    if or_unchanged:
        raise click.UsageError("--or-unchanged works only with --sendmail.")
    if len(arguments) != 1:
        raise click.UsageError("Name one MESSAGE.eml.")
    chosen = wanted.read()
    with _opened(Path(with_home(arguments[0]))) as raw:
        done = with_links(session, raw, chosen)
        _print(session, done)
    return 0


@contextmanager
def _opened(path: Path) -> Iterator[mmap.mmap]:
    """The bytes of a file, mapped into memory. Raises :class:`InvalidValue` if it can't be read.

    A copy of it: a process that reads mapped bytes which another one has cut off is killed.
    """
    shown = printable(str(path))
    try:
        with open_given(path) as file:
            before = os.fstat(file.fileno())
            with spooled(file) as copied:
                after = os.fstat(file.fileno())
                raw = mmap.mmap(copied.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError:
        raise InvalidValue("message.empty", f"{shown} is empty; there is no message in it.") from None
    except OSError as error:
        raise InvalidValue("message.unreadable", f"{shown} can't be read: {error.strerror}.") from None
    with raw:
        is_file = stat.S_ISREG(before.st_mode)
        if is_file and (after.st_mtime_ns, after.st_size, len(raw)) != (
            before.st_mtime_ns,
            *(before.st_size,) * 2,
        ):
            raise Failed(
                "message.changed", f"{shown} changed while it was read; try again. Nothing was sent."
            )
        if not _BEGINNING.match(raw):
            raise InvalidValue(
                "message.none",
                f"{shown} is no e-mail: it doesn't begin with a header. Name a message, MESSAGE.eml.",
            )
        yield raw


def _print(session: CommandSession, done: NewMessage) -> None:
    if session.json:
        text = base64.b64encode(b"".join(done.pieces())).decode()
        shown = [outcomes.Result(document.id, document).fields() for document in done.documents]
        try:
            emit({"documents": shown, "message_base64": text, **notes_fields(done.recipients_notes)})
            flush()
        except OutputClosed:
            tell_links(done)
            raise Failed("output.lost", "The new message could not be written: Broken pipe.") from None
        return
    try:
        sys.stdout.buffer.writelines(done.pieces())
        sys.stdout.buffer.flush()
    except OSError as error:
        tell_links(done)
        raise Failed("output.lost", f"The new message could not be written: {error.strerror}.") from None
