"""Telling what happens until something ends it, and waiting for something to happen."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, aclosing
from functools import partial
from typing import TYPE_CHECKING

from ...clients.event_cursor import Cursor
from ...clients.events import Connected, Lost
from ...clients.retries import with_retries
from ...sending.journal.journal import server_of
from ..base.output import tell, until_closed
from ..base.short_ids import whole_documents_on
from .event_lines import fields, show
from .following import READER_GONE, Outages, Stop, is_about_something, stream_of, until_stopped
from .hooks import run_hooks
from .journal import WatchJournal, opened
from .until import Until

if TYPE_CHECKING:
    from ...clients.events import DocumentEvent
    from ...clients.share import ShareClient
    from ...config.hooks import Hooks
    from ...rules.state import Event
    from ..base.common import CommandSession

#: A signal's exit status is this and its number.
_BY_SIGNAL = 128


# ---------------------------------------------------------------- everything


async def watch(session: CommandSession, share: ShareClient, hooks: Hooks) -> int:
    """Tell everything until it is ended, and return the exit status."""
    stop, outages = Stop(), Outages()
    with stop.watching(reader=True), ExitStack() as stack:
        me = await stop.unless_asked(with_retries(share.me, outages.patience))
        if me is not None:
            state, server = session.config.places.state, server_of(session.target)
            journal = stack.enter_context(opened(state, server, me.user))
            tell(f"Watching what happens to the documents of {me.user}; ctrl+c ends it.")
            await _tell_all(session, share, journal, hooks, stop, outages)
    return _status(stop)


async def _tell_all(
    session: CommandSession,
    share: ShareClient,
    journal: WatchJournal,
    hooks: Hooks,
    stop: Stop,
    outages: Outages,
) -> None:
    async with (
        aclosing(stream_of(share.http, journal.cursor)) as stream,
        aclosing(until_stopped(stream, stop, lambda: None)) as events,
    ):
        async for event in events:
            if isinstance(event, Lost):
                outages.lost(event.problem.message)
            elif isinstance(event, Connected):
                outages.connected(event)
                journal.write()
            elif is_about_something(event):
                await _tell(session, event, journal, hooks, stop)
    journal.write()


async def _tell(
    session: CommandSession, event: DocumentEvent, journal: WatchJournal, hooks: Hooks, stop: Stop
) -> None:
    """Print an event and run its programs, and note before and after it that it was told."""
    repeated = journal.is_begun(event.ident)
    journal.begin(event.ident)
    show(event, json=session.json, repeated=repeated)
    if programs := hooks.get(event.event):
        stop.busy = f"the hook for “{event.event}”"
        await run_hooks(programs, fields(event, repeated=repeated))
        stop.busy = ""
    journal.done(event.ident)


def _status(stop: Stop) -> int:
    return _BY_SIGNAL + stop.reason if stop.reason != READER_GONE else 0


# ---------------------------------------------------------------- until something


async def wait(
    session: CommandSession, share: ShareClient, wanted: Sequence[tuple[Event, str]], seconds: float | None
) -> int:
    """Wait for events, at most that long, and return the exit status."""
    stop, outages = Stop(), Outages()
    ids = [ident for _, ident in wanted]
    until: Until | None = None

    async def waited() -> int:
        nonlocal until
        whole = await with_retries(partial(whole_documents_on, share, ids), outages.patience)
        events = [(event, ident) for (event, _), ident in zip(wanted, whole, strict=True)]
        until = Until(events, partial(_show_aside, session), outages.patience)
        await _wait_for(until, share, outages)
        return 1 if until.failed else 0

    status: int | None = None
    with stop.watching(reader=False):
        status = await stop.unless_asked(waited(), seconds)
    if status is not None:
        return status
    if stop.asked.is_set():
        return _status(stop)
    if until is not None:
        until.tell_left()
    else:
        tell("The server couldn't be reached in time.")
    return 1


async def _wait_for(until: Until, share: ShareClient, outages: Outages) -> None:
    cursor, never = Cursor(), Stop()
    while not until.is_over():
        async with (
            aclosing(stream_of(share.http, cursor)) as stream,
            aclosing(until_stopped(stream, never, lambda: until.ends_at)) as events,
        ):
            async for event in events:
                if isinstance(event, Lost):
                    outages.lost(event.problem.message)
                elif isinstance(event, Connected):
                    outages.connected(event)
                    await until.look_back(share)
                else:
                    await until.take(event, share)
                if until.is_over():
                    return
        until.end_late()


def _show_aside(session: CommandSession, event: DocumentEvent) -> None:
    """Print an event; that nobody reads it changes nothing about what is waited for."""
    with until_closed():
        show(event, json=session.json, repeated=False)
