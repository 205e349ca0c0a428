"""People: ``whoami``, ``login``, ``logout``, and ``user`` for administrators."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..rules import names
from ..rules.errors import NotFound, NotSignedIn, Unreachable
from ..rules.text import printable
from ..sign_ins import LOCAL, SignIn
from . import common, fields
from .common import Session
from .links import moment
from .output import emit, say, table, tell

if TYPE_CHECKING:
    from ..clients.people import PeopleClient
    from ..wire.share import User

T = TypeVar("T")

_name = click.argument("name", metavar="NAME")
_password = click.option(
    "--password-stdin", is_flag=True, required=True, help="Take the password from standard input."
)


@click.command("whoami")
@common.remote
def whoami_command(session: Session) -> None:
    """Tell who the access token belongs to."""
    me = session.share(lambda share: share.me())
    if session.json:
        emit({"user": me.user, "server": session.target.url, "admin": me.admin})
    else:
        role = ", an administrator" if me.admin else ""
        say(f"{me.user}{role} on {session.target.url}")


@click.command("login")
@_name
@_password
@common.remote
def login_command(session: Session, name: str, password_stdin: bool) -> None:
    """Sign in, for later commands too.

    The access token is kept, and sent only to the server that gave it.
    """
    password = fields.read_password()
    target = session.anonymous
    signed = _people(session, lambda people: people.login(name, password), target)
    session.config.sign_ins.keep(_key(session), SignIn(signed.user, signed.token))
    if session.json:
        emit({"token": signed.token, "user": signed.user, "server": target.url})
    else:
        tell(f"You are signed in as {printable(signed.user)} on {printable(target.url)}.")


@click.command("logout")
@common.remote
def logout_command(session: Session) -> None:
    """Forget the sign-in, and revoke its token."""
    key = _key(session)
    kept = session.config.sign_ins.of(key)
    target = session.anonymous
    if kept:
        try:
            _people(session, lambda people: people.logout(), replace(target, token=kept.token))
        except NotSignedIn:
            pass  # It was revoked already.
        except Unreachable as problem:
            session.config.sign_ins.forget(key)
            sentence = f"The sign-in is forgotten here, but its token could not be revoked: {problem.message}"
            raise type(problem)(problem.code, sentence) from problem
        session.config.sign_ins.forget(key)
    if session.json:
        emit({"user": kept.user if kept else None, "server": target.url})
    else:
        tell(f"{printable(kept.user)} is signed out." if kept else "Nobody was signed in.")


def _key(session: Session) -> str:
    choice = session.config.choose(session.server)
    return LOCAL if choice.server is None else str(choice.server.value)


def _people(session: Session, body: Callable[[PeopleClient], Awaitable[T]], target: Any = None) -> T:
    from ..clients.people import PeopleClient

    return session.run(lambda http: body(PeopleClient(http)), target)


# ---------------------------------------------------------------- users


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
