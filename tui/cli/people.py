"""``sentlinks user``: people, managed by administrators."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..rules import accounts, names
from ..rules.display import counted
from ..rules.errors import NotFound
from ..rules.text import printable
from .base import common, outcomes
from .base.common import CommandSession
from .base.options import Id, option
from .base.output import emit, tell
from .base.table import TableColumn, table
from .links import moment
from .send import fields

if TYPE_CHECKING:
    from ..clients.people import PeopleClient
    from ..wire.people import User

T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., Any])

_UNCHANGED = "unchanged"

_name = click.argument("name", type=Id("sentlinks user list", "name"), metavar="NAME")


def _full_name(default: str) -> Callable[[Command], Command]:
    return option(
        "--full-name",
        metavar="TEXT",
        show_default=default,
        help="What recipients see as the sender.",
    )


def _email(default: str | None) -> Callable[[Command], Command]:
    return option(
        "--email",
        metavar="ADDRESS",
        show_default=default,
        help="Where the server notifies them of deliveries.",
    )


_password = option(
    "--password-stdin", is_flag=True, required=True, help="Read the password from standard input."
)


def _people(session: CommandSession, body: Callable[[PeopleClient], Awaitable[T]]) -> T:
    from ..clients.people import PeopleClient

    return session.run(lambda http: body(PeopleClient(http)))


@click.group("user")
def user_command() -> None:
    """Manage users. For administrators."""


@user_command.command("add")
@_name
@option("--admin", is_flag=True, help="Make them an administrator.")
@_full_name("the name")
@_email(None)
@_password
@common.remote
def add(
    session: CommandSession,
    name: str,
    admin: bool,
    full_name: str | None,
    email: str | None,
    password_stdin: bool,
) -> None:
    """Add a person; the name is stored in capitals."""
    accounts.kept_name(name)
    accounts.full_name(full_name or "")
    accounts.email(email or "")
    password = _checked_password(fields.read_password(), (name, full_name or "", email or ""))
    user = _people(
        session,
        lambda people: people.add(
            name, password, admin=admin, full_name=full_name or None, email=email or None
        ),
    )
    _print(session, [user], f"Added {_shown(user.name)}.")
    outcomes.tell_undo(session, "user remove", [accounts.escaped(user.name)], "removes them")


@user_command.command("list")
@common.remote
def list_users(session: CommandSession) -> None:
    """List all people."""
    found = _people(session, lambda people: people.users())
    if session.json:
        _print(session, found, "")
    else:
        rows = [
            (
                accounts.escaped(u.name),
                u.full_name or "",
                "yes" if u.admin else "no",
                str(u.published),
                moment(u.created_at),
            )
            for u in found
        ]
        columns = (
            TableColumn("NAME", least=24),
            TableColumn("FULL NAME", 3),
            TableColumn("ADMINISTRATOR", 1),
            TableColumn("PUBLISHED"),
            TableColumn("ADDED", 2),
        )
        table(columns, rows)


@user_command.command("set")
@_name
@_full_name(_UNCHANGED)
@_email(_UNCHANGED)
@common.remote
def set_user(session: CommandSession, name: str, full_name: str | None, email: str | None) -> None:
    """Change a person's full name or e-mail address.

    Recipients see the full name as the sender; if it is empty, they see the sign-in name. The server notifies the
    person at the address; if it is empty, it can't.
    """
    name = _checked_name(name)
    if full_name is None and email is None:
        raise click.UsageError("Say what to change: --full-name TEXT or --email ADDRESS.")
    accounts.full_name(full_name or "")
    accounts.email(email or "")
    user = _people(session, lambda people: people.change(name, full_name=full_name, email=email))
    said = []
    if full_name is not None:
        shown = printable(user.full_name or accounts.escaped(user.name))
        said.append(f"Recipients see {_shown(user.name)} as {shown}.")
    if email is not None:
        said.append(
            f"The server notifies {_shown(user.name)} at {user.email}."
            if user.email
            else f"The server can't notify {_shown(user.name)} any more."
        )
    _print(session, [user], " ".join(said))


@user_command.command("passwd")
@_name
@_password
@common.remote
def passwd(session: CommandSession, name: str, password_stdin: bool) -> None:
    """Change a password, also your own.

    For your own, give the current one on the line before the new one. The person's other sessions end.
    """
    name = _checked_name(name)
    me = session.share(lambda share: share.me())
    current = None
    if me.user in accounts.names_meant(name):
        current, password = fields.read_new_password()
    else:
        password = fields.read_password()
    _checked_password(password, (name,))
    user = _people(session, lambda people: people.change_password(name, password, current))
    _print(
        session,
        [user],
        f"Changed the password of {_shown(user.name)} and ended their other sessions.",
    )


@user_command.command("remove")
@_name
@option("--yes", is_flag=True, help="Don't ask for confirmation.")
@common.remote
def remove(session: CommandSession, name: str, yes: bool) -> None:
    """Remove a person and stop their links.

    Their folders and the audit stay. Write invisible characters in a name as the list shows them, like ALICE\\u200B.
    """
    name = _checked_name(name)
    if not yes:
        common.need_confirmation()
        user = _people(session, lambda people: _find(people, name))
        shown = _shown(user.name)
        links = counted(user.published, "published link")
        common.confirm(f"{shown} has {links}, which will stop working. Remove {shown}?")
    removed = _people(session, lambda people: people.remove(name))
    if session.json:
        emit({"users": [{"id": removed.user, "name": removed.user}], "unpublished": removed.unpublished})
    else:
        tell(f"Removed {_shown(removed.user)} and stopped {counted(removed.unpublished, 'published link')}.")


def _checked_password(password: str, known: Sequence[str]) -> str:
    """The password, if it can be used to sign in by a person of whom this is ``known``. Raises :class:`InvalidValue`
    otherwise."""
    from ..rules.common_passwords import common_passwords

    accounts.check_password(password, common_passwords(), known)
    return password


async def _find(people: PeopleClient, name: str) -> User:
    users = {user.name: user for user in await people.users()}
    for candidate in (name, *accounts.names_meant(name)):
        if candidate in users:
            return users[candidate]
    raise NotFound("user.unknown", f"There is no person called {_shown(name)}.")


def _checked_name(text: str) -> str:
    """The name of a person who may exist. Raises :class:`InvalidValue` for an invalid name."""
    name = accounts.unescaped(text)
    names.validate(name, kind=accounts.KIND_OF_NAME)
    return name


def _shown(name: str) -> str:
    return printable(accounts.escaped(name))


def _print(session: CommandSession, users: Sequence[User], sentence: str) -> None:
    if session.json:
        emit({"users": [user.model_dump(mode="json") for user in users]})
    else:
        tell(sentence)
