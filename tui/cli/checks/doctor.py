"""``sentlinks doctor``: what this terminal, clipboard, mail and server can do, and what to fix. It changes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import click

from ...rules.check_results import Check, CheckState
from ...rules.errors import InvalidValue
from ..base import common
from ..base.common import CommandSession
from ..base.options import option
from ..base.output import emit
from .check_lines import show


@click.command("doctor")
@option("--copy-test", is_flag=True, help="Copy a word, and ask you to paste it.")
@common.remote
def doctor_command(session: CommandSession, copy_test: bool) -> int:
    """Show what works here, and what to fix.

    Checks the terminal, clipboard, mail, server and settings. Nothing is changed or started. The exit status is 1 if
    something that was set up does not work.
    """
    if copy_test and not (os.isatty(0) and os.isatty(2)):
        raise InvalidValue("terminal.none", "--copy-test needs a terminal to paste on.")
    found = []
    for check in _all(session, copy_test):
        found.append(check)
        if not session.json:
            show(check)
    if session.json:
        emit({"checks": [check.fields() for check in found]})
    return int(any(check.state is CheckState.BAD for check in found))


def _all(session: CommandSession, copy_test: bool) -> Iterator[Check]:
    import asyncio

    from ...terminal.controlling import ask_terminal
    from ...terminal.questions import questions
    from . import clipboard, inspection, mail, mail_servers, server, settings, terminal

    identity = ask_terminal(os.environ, question=questions(os.environ))
    yield from settings.checks(session.config)
    yield from terminal.checks(os.environ, identity)
    yield from clipboard.checks(os.environ, identity, session.config.places.state)
    if copy_test:
        yield clipboard.try_it(identity, _pasted)
    yield from mail.checks(session.config)
    yield from mail_servers.checks(session.config)

    yield from asyncio.run(inspection.checks())

    async def of_the_server() -> list[Check]:
        return [check async for check in server.checks(session.config, session.server)]

    yield from asyncio.run(of_the_server())


def _pasted(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline()
