"""``sentlinks watch``: prints what happens, and runs the user's own programs for it."""

from __future__ import annotations

import click

from ...config.hooks import checked_hooks
from ...rules.errors import InvalidValue
from ...rules.watching import event_named
from ..base import common
from ..base.common import CommandSession
from ..base.options import DOCUMENT_ID, option
from ..base.output import emit_lines
from ..send.server_wait import span_seconds


@click.command("watch")
@option(
    "--until",
    "untils",
    type=(str, DOCUMENT_ID),
    multiple=True,
    metavar="EVENT ID",
    help="End with 0 once this has happened to a document (delivered ID), also if it has already "
    "since the link was sent or, if it was, sent again. Of several, all.",
)
@option(
    "--timeout",
    metavar="SPAN",
    show_default="any time",
    help="With --until: end with 1 if it takes longer (90s, 36h, 2d).",
)
@common.remote_lines
def watch_command(session: CommandSession, untils: tuple[tuple[str, str], ...], timeout: str | None) -> int:
    """Print what happens to your documents, a line an event.

    It goes on until you end it. Begun again, it goes on where it ended: nothing is left out. For each event it runs the
    programs that the table [hooks] of your configuration names for it, with the event as JSON on standard input.

    With --until, it waits for something, prints only events of these documents, and runs no programs. It ends with 1
    if that can't happen any more: the link was stopped or has expired. A link that was sent again starts anew: what
    happened to it before doesn't count.
    """
    if session.json:
        emit_lines()
    if timeout is not None and not untils:
        raise InvalidValue("options.missing", "--timeout works only with --until.", "timeout")
    seconds = None if timeout is None else span_seconds(timeout, "timeout")
    wanted = [(event_named(name, "until"), ident) for name, ident in untils]
    hooks = checked_hooks(session.config)
    # Imported late: the list of all commands is shown sooner.
    from . import watching

    if wanted:
        return session.share(lambda share: watching.wait(session, share, wanted, seconds))
    return session.share(lambda share: watching.watch(session, share, hooks))
