"""People, by administrators: ``user``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import click

from ..rules import names
from ..rules.errors import NotFound
from ..rules.text import printable
from . import common, fields
from .common import Session
from .links import moment
from .output import emit, table, tell

if TYPE_CHECKING:
    from ..clients.people import PeopleClient
    from ..wire.share import User

T = TypeVar("T")

_name = click.argument("name", metavar="NAME")
_password = click.option(
    "--password-stdin", is_flag=True, required=True, help="Take the password from standard input."
)


def _people(session: Session, body: Callable[[PeopleClient], Awaitable[T]]) -> T:
    from ..clients.people import PeopleClient

    return session.run(lambda http: body(PeopleClient(http)))


@click.group("user")
def user_command() -> None:
    """People, by an administrator."""


@user_command.command("add")
@_name
@click.option("--admin", is_flag=True, help="Make them an administrator.")
@_password
@common.remote
def add(session: Session, name: str, admin: bool, password_stdin: bool) -> None:
    """Add a person; the name is kept in capitals."""
    names.validate(name)
    password = fields.read_password()
    user = _people(session, lambda people: people.add(name, password, admin=admin))
    _print(session, [user], f"{printable(user.name)} is added.")


@user_command.command("list")
@common.remote
def list_users(session: Session) -> None:
    """List everybody."""
    found = _people(session, lambda people: people.users())
    if session.json:
        _print(session, found, "")
    else:
        rows = [(u.name, "yes" if u.admin else "no", str(u.published), moment(u.created_at)) for u in found]
        table(("NAME", "ADMINISTRATOR", "PUBLISHED", "ADDED"), rows)


@user_command.command("passwd")
@_name
@_password
@common.remote
def passwd(session: Session, name: str, password_stdin: bool) -> None:
    """Change a password; yours too.

    The person's other access tokens are revoked.
    """
    names.validate(name)
    password = fields.read_password()
    user = _people(session, lambda people: people.change_password(name, password))
    _print(
        session,
        [user],
        f"The password of {printable(user.name)} is changed; other tokens of theirs are revoked.",
    )


@user_command.command("remove")
@_name
@click.option("--yes", is_flag=True, help="Do not ask.")
@common.remote
def remove(session: Session, name: str, yes: bool) -> None:
    """Remove a person and stop their links; their folders and the audit stay."""
    names.validate(name)
    if not yes:
        common.need_answer()
        user = _people(session, lambda people: _find(people, name))
        common.ask(f"{user.name} has {_links(user.published)}, which will stop. Remove {user.name}?")
    gone = _people(session, lambda people: people.remove(name))
    if session.json:
        emit({"users": [{"id": gone.user, "name": gone.user}], "unpublished": gone.unpublished})
    else:
        tell(f"{printable(gone.user)} is removed; {_links(gone.unpublished)} stopped.")


async def _find(people: PeopleClient, name: str) -> User:
    for user in await people.users():
        if names.key(user.name) == names.key(name.strip()):
            return user
    raise NotFound("user.unknown", f"There is no person called {printable(name)}.")


def _links(count: int) -> str:
    return "1 published link" if count == 1 else f"{count:,} published links"


def _print(session: Session, users: Sequence[User], sentence: str) -> None:
    if session.json:
        emit({"users": [user.model_dump(mode="json") for user in users]})
    else:
        tell(sentence)
