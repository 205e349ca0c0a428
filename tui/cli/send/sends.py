"""``sentlinks sends``: sends that are under way or were interrupted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from ...rules.display import day_and_time
from ...rules.errors import Failed, NotFound
from ...rules.sent_text import recipients_text
from ...rules.text import printable
from ..base import common
from ..base.common import CommandSession
from ..base.options import Id, option
from ..base.outcomes import Result
from ..base.output import emit, say, tell
from .interrupted import Interruptions

if TYPE_CHECKING:
    from ...clients.share import ShareClient
    from ...sending.resuming import SendStatus

#: A process that is stopped waits for what the server is publishing.
_STOP_SECONDS, _STOP_PAUSE = 30.0, 0.05


@click.command("sends")
@option(
    "--stop",
    type=Id("sentlinks sends"),
    metavar="ID",
    help="Stop a send that continues in the background. It can be resumed.",
)
@common.remote
def sends_command(session: CommandSession, /, *, stop: str | None) -> int:
    """List unfinished sends.

    Each with what it has published so far. sentlinks send --resume ID resumes one that was interrupted, --discard ID
    discards it.
    """
    if stop is not None:
        return _stop(session, stop)
    from ...sending.journal.journal import path_of

    found = session.share(lambda share: _found(session, share))
    for state in found:
        if state.contents.damaged:
            path = path_of(session.config.places.state, state.contents.id)
            tell(f"The journal {printable(str(path))} is damaged: it may not have all links of its send.")
    if session.json:
        emit({"sends": [_fields(state) for state in found]})
        return 0
    if not found:
        tell("No send is unfinished.")
    for state in found:
        contents = state.contents
        at = day_and_time(contents.at)
        count, total = len(state.published), len(contents.entries)
        percent = f", {state.percent}%" if state.running else ""
        say(f"{contents.id}  {state.stage:11}  {at}  {count:,} of {total:,} published{percent}")
        if state.recipients:
            say(f"    to {printable(recipients_text(state.recipients))}")
        for entry in contents.entries:
            say(f"    {printable(entry.name)}: {_link(state, entry.key)}")
    for state in found:
        if state.stage == "interrupted":
            tell(f"To resume it: sentlinks send --resume {state.contents.id}")
    return 0


def _link(state: SendStatus, key: str) -> str:
    """The link of the document that was published under ``key``, with why it doesn't work."""
    from ...sending.stopped_links import why_stopped

    if key not in state.documents:
        return "not published"
    document = state.documents[key]
    why = why_stopped(document)
    if document is None or not document.url:
        return why or "not published"
    return f"{document.url} ({why})" if why else document.url


def _stop(session: CommandSession, ident: str) -> int:
    from ...sending.journal.unfinished import in_background, stop_process, whole_id

    state = session.config.places.state
    ident = whole_id(state, ident)
    contents = in_background(state, ident)
    if contents is None:
        raise NotFound(
            "send.not_running",
            f"No send {printable(ident)} is running in the background; see sentlinks sends.",
        )
    stop_process(state, contents)
    end = time.monotonic() + _STOP_SECONDS
    while in_background(state, ident) is not None:
        if time.monotonic() > end:
            raise Failed("send.does_not_stop", f"The send {ident} is still stopping; see sentlinks sends.")
        time.sleep(_STOP_PAUSE)
    if session.json:
        emit({"stopped": ident})
    session.inform(f"Stopped. To resume it: sentlinks send --resume {ident}")
    return 0


async def _found(session: CommandSession, share: ShareClient) -> list[SendStatus]:
    interruptions = Interruptions(session, (await share.me()).user)
    states = [await interruptions.status(share, each) for each in interruptions.left()]
    return [state for state in states if state is not None]


def _fields(state: SendStatus) -> dict[str, Any]:
    documents = [Result(document.id, document).fields() for document in state.published]
    return {
        "id": state.contents.id,
        "state": state.stage,
        "recipients": state.recipients,
        "documents": documents,
    }
