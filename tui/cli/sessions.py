"""``sentlinks sessions``: where the user is signed in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..rules import accounts
from ..rules.errors import InvalidValue, NotFound, Problem
from ..rules.ids import is_short, whole
from ..rules.text import printable
from .base import common
from .base.common import CommandSession
from .base.next_command import name_next
from .base.options import Id, option
from .base.output import emit, tell
from .base.table import TableColumn, table
from .links import moment

if TYPE_CHECKING:
    from ..clients.people import PeopleClient
    from ..wire.people import Session as SignedIn

T = TypeVar("T")


@click.group("sessions")
def sessions_command() -> None:
    """Manage sessions."""


@sessions_command.command("list")
@common.remote
def list_sessions(session: CommandSession) -> None:
    """List your sessions, the last used first."""
    found = _people(session, lambda people: people.sessions())
    if session.json:
        emit({"sessions": [each.model_dump(mode="json") for each in found]})
        return
    rows = [
        (_description(each), moment(each.used_at), each.address or "local", moment(each.begun_at), each.id)
        for each in found
    ]
    columns = (
        TableColumn("WITH", least=12),
        TableColumn("LAST USED", 1),
        TableColumn("FROM", 2),
        TableColumn("SIGNED IN", 3),
        TableColumn("ID"),
    )
    table(columns, rows)


@sessions_command.command("revoke")
@click.argument("ids", nargs=-1, type=Id("sentlinks sessions list"), metavar="[ID...]")
@option("--others", is_flag=True, help="All except the one that this command uses.")
@common.remote
def revoke(session: CommandSession, ids: Sequence[str], others: bool) -> int:
    """Sign out of sessions: one by one, or of all others."""
    if bool(ids) == others:
        raise InvalidValue("sessions.which", "Give the IDs of sessions, or --others for all others.")
    if others:
        done = _people(session, lambda people: people.end_other_sessions())
        results: list[tuple[str, SignedIn | None, Problem | None]] = [(each.id, each, None) for each in done]
    else:
        results = _people(session, lambda people: _end_each(people, list(dict.fromkeys(ids))))
    for ident, _, problem in results:
        if problem:
            tell(f"{printable(ident)}: {problem.message}")
    if session.json:
        emit({"sessions": [_fields(*result) for result in results]} | _error_of_all(results))
    else:
        ended = [each for _, each, problem in results if each and not problem]
        for each in ended:
            tell(f"Signed out: {_description(each)}, signed in {moment(each.begun_at)}.")
        if not results:
            tell("There are no other sessions.")
    statuses = {problem.exit_status if problem else 0 for _, _, problem in results}
    return statuses.pop() if len(statuses) == 1 else 1 if statuses else 0


async def _end_each(
    people: PeopleClient, ids: Sequence[str]
) -> list[tuple[str, SignedIn | None, Problem | None]]:
    results: list[tuple[str, SignedIn | None, Problem | None]] = []
    # The current session last: no request works after it has ended.
    known = await people.sessions()
    current = {each.id for each in known if each.current}
    named = [(each.id, _description(each)) for each in known]
    ids = list(dict.fromkeys(whole(ident, named) if is_short(ident) else ident for ident in ids))
    for ident in sorted(ids, key=lambda ident: ident in current):
        try:
            results.append((ident, await people.end_session(ident), None))
        except NotFound as problem:
            name_next(problem, ident)
            results.append((ident, None, problem))
    return sorted(results, key=lambda result: ids.index(result[0]))


def _fields(ident: str, ended: SignedIn | None, problem: Problem | None) -> dict[str, Any]:
    error = {"code": problem.code, "message": problem.message} if problem else None
    shown = ended.model_dump(mode="json") if ended else {"id": ident}
    return shown | {"status": "failed" if problem else "succeeded", "error": error}


def _error_of_all(results: Sequence[tuple[str, SignedIn | None, Problem | None]]) -> dict[str, Any]:
    """The error of the command as a whole, if every session failed."""
    first = results[0][2] if results else None
    if first is None or not all(problem for _, _, problem in results):
        return {}
    return {"error": {"code": first.code, "message": first.message}}


def _people(session: CommandSession, body: Callable[[PeopleClient], Awaitable[T]]) -> T:
    from ..clients.people import PeopleClient

    return session.run(lambda http: body(PeopleClient(http)))


def _description(each: SignedIn) -> str:
    return printable(accounts.session_words(each.kind, each.client, current=each.current))
