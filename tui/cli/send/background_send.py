"""The process that finishes a send after the app was closed: ``python -m tui.cli.send.background_send ID``.

It reads one JSON object from standard input: ``user``, ``server`` (``null`` for the local one), ``token`` and
``password`` (``null`` if none is needed). It writes ``ready`` once it holds the journal of send ``ID``, or one line
that says why it can't. The links stay in the journal until the user has seen them, in the app or with another command.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ...config.error_log import keep
from ...local_server.background_handover import READY
from ...rules.errors import Problem
from ...rules.text import printable
from ..base.common import CommandSession
from .interrupted import Interruptions
from .send_run import Run
from .server_wait import Awaited

if TYPE_CHECKING:
    from ...clients.share import ShareClient
    from ...clients.work import WorkClient
    from ...sending.journal.journal import Journal

#: Wait for an unreachable server as long as the app does.
_PATIENCE = "24h"


def main() -> int:
    """Finish the send, and return 0 if all of it is published, else 1."""
    given: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    session = CommandSession(json=False, server=given["server"])
    try:
        if given["token"] is not None:
            session.target = session.anonymous._replace(token=given["token"])
        journal = Interruptions(session, given["user"]).take(sys.argv[1], in_background=True)
    except Problem as problem:
        _write_line(printable(problem.message).encode() + b"\n")
        return 1
    _write_line(READY)
    try:
        return session.both(lambda share, work: _finish(session, journal, given["password"], share, work))
    except Problem:
        # The rest is offered at the next start.
        return 1
    except Exception:
        with suppress(OSError, Problem):
            keep(session.config.places.state, traceback.format_exc())
        return 1
    finally:
        journal.release()


def _write_line(line: bytes) -> None:
    """Write the only line. The process that waits for it may have ended, and ends right after it."""
    with suppress(OSError):
        sys.stdout.buffer.write(line)
        sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)


async def _finish(
    session: CommandSession, journal: Journal, password: str | None, share: ShareClient, work: WorkClient
) -> int:
    from ...sending.resuming import query_status, resumed

    awaits = Awaited(session, _PATIENCE)
    status = await awaits.ask(lambda: query_status(share, journal.contents))
    password = password if status.needs_password else None
    job = await resumed(share, work, journal, status, password=password, patience=awaits.patience())
    await Run(session).to_its_end(job, keep=True)
    return 1 if job.unfinished else 0


if __name__ == "__main__":
    sys.exit(main())
