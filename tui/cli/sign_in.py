"""Signing in and out, and who is signed in: ``login``, ``logout``, ``whoami``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from ..config.sign_ins import LOCAL, StoredSignIn, StoredWhere
from ..rules.errors import Failed, InvalidValue, NotSignedIn, Problem, Unreachable
from ..rules.text import printable
from .base import common
from .base.common import CommandSession
from .base.options import WholeNumber, option
from .base.output import emit, say, tell
from .send import fields

if TYPE_CHECKING:
    from ..clients.target import Target
    from ..clients.work_target import Registration, TokenGrant
    from ..wire.people import SignedIn

_WAIT = 300

_work = option("--work", is_flag=True, help="Use a separate Work server, which --server names.")


@click.command("login")
@click.argument("name", metavar="[NAME]", required=False)
@option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@option(
    "--token-stdin", is_flag=True, help="Read the data folder's token from standard input; it works once."
)
@_work
@option(
    "--wait",
    type=WholeNumber(1, 3600),
    default=_WAIT,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the browser.",
)
@common.remote
def login_command(
    session: CommandSession, name: str | None, password_stdin: bool, token_stdin: bool, work: bool, wait: int
) -> None:
    """Sign in, also for later commands.

    With a name and a password, which is asked for on a terminal, or, with --work alone, with your browser. On a new
    server, with the token from its data folder.

    Tokens are kept in the system's keyring if there is one, and sent only to the server that issued them.
    """
    if token_stdin:
        if name is not None or password_stdin or work:
            raise click.UsageError(
                "Option '--token-stdin' can't be combined with a name, a password or --work."
            )
        _login_with_token(session)
        return
    if work:
        _login_work(session, name, password_stdin, wait)
        return
    if name is None:
        raise click.UsageError("Missing argument 'NAME'.")
    if not password_stdin and not os.isatty(0):
        raise click.UsageError("Missing option '--password-stdin'.")
    from ..clients.people import PeopleClient

    password, target = fields.read_password(), session.anonymous
    session.config.sign_ins.check_writable()
    signed = session.run(lambda http: PeopleClient(http).login(name, password), target)
    _keep(session, signed, target)


def _login_with_token(session: CommandSession) -> None:
    from ..clients.people import PeopleClient

    token = fields.read_password("Token: ").strip()
    target = session.anonymous._replace(token=token)
    # It is used up by being exchanged.
    session.config.sign_ins.check_writable()
    _keep(session, session.run(lambda http: PeopleClient(http).exchange(), target), target)


def _keep(session: CommandSession, signed: SignedIn, target: Target) -> None:
    kept = session.config.sign_ins.keep(_key(session), StoredSignIn(signed.user, signed.token))
    _tell_signed_in(session, signed.user, signed.token, target.url, kept)


def _key(session: CommandSession) -> str:
    found = session.config.server(session.server)
    return LOCAL if found is None else str(found.value)


def _tell_signed_in(session: CommandSession, user: str, token: str, server: str, kept: StoredWhere) -> None:
    if kept.note:
        tell(f"The sign-in is kept in {printable(kept.where)}: {kept.note}")
    if session.json:
        emit({"token": token, "user": user, "server": server})
    else:
        tell(f"Signed in as {printable(user)} on {printable(server)}.")


# ---------------------------------------------------------------- Work


def _login_work(session: CommandSession, name: str | None, password_stdin: bool, wait: int) -> None:
    from ..clients.work_target import Registration
    from ..config import work_server

    server, config = _work_address(session), session.config
    known = work_server.registration(config, server)
    config.work_sign_ins.check_writable()
    if password_stdin:
        name = name or config.value("work_user")
        if name is None:
            raise InvalidValue("name.missing", "Give a NAME, or set work_user in the configuration.", "name")
        user, grant = _by_password(session, server, known, name, fields.read_password())
    elif name is not None:
        raise click.UsageError(
            "Missing option '--password-stdin'; leave NAME out to sign in with your browser."
        )
    else:
        if known.client_id == Registration().client_id:
            # The user sees this name on the server's page.
            known = Registration("sentlinks", None, known.scope)
        user, grant = _by_browser(session, server, known, wait)
    kept = work_server.keep(config, server, user, grant, known)
    _tell_signed_in(session, user, grant.access, server, kept)


def _work_address(session: CommandSession) -> str:
    from ..clients.target import check_url

    found = session.server or (setting.value if (setting := session.config.work_server) else None)
    if found is None:
        raise InvalidValue(
            "work_server.missing",
            "No separate Work server is set; name it with --server URL, or set work_server.",
            "server",
        )
    return check_url(found)


def _by_password(
    session: CommandSession, server: str, known: Registration, name: str, password: str
) -> tuple[str, TokenGrant]:
    from ..clients.work import WorkClient

    async def body(http: Any) -> tuple[str, TokenGrant]:
        work = WorkClient(http, registration=known)
        grant = await work.session.sign_in(name, password)
        return (await work.discover()).user_id or name, grant

    return session.run(body, session.plain_target(server))


def _by_browser(
    session: CommandSession, server: str, known: Registration, wait: int
) -> tuple[str, TokenGrant]:
    from ..clients.browser import BrowserSignIn
    from ..clients.work import WorkClient
    from .browser import ask_browser

    async def body(http: Any) -> tuple[str, TokenGrant]:
        work = WorkClient(http, registration=known)
        async with BrowserSignIn(server, known, session.config.value("work_redirect")) as sign_in:
            code = await ask_browser(sign_in, wait)
            grant = await work.session.redeem(code, sign_in.redirect, sign_in.verifier)
        return (await work.discover()).user_id or "unknown", grant

    return session.run(body, session.plain_target(server))


# ---------------------------------------------------------------- logout, whoami

_FORGOTTEN = "Signed out here, but the token could not be revoked: "


@click.command("logout")
@_work
@common.remote
def logout_command(session: CommandSession, work: bool) -> None:
    """Forget the sign-in, and revoke its token."""
    if work:
        server = key = _work_address(session)
        sign_ins, target = session.config.work_sign_ins, session.plain_target(server)
    else:
        target, key = session.anonymous, _key(session)
        server, sign_ins = target.url, session.config.sign_ins
    try:
        kept = sign_ins.of(key)
    except NotSignedIn as problem:
        sign_ins.forget(key)
        raise Failed(problem.code, _FORGOTTEN + problem.message) from problem
    try:
        if kept:
            _revoke(session, target._replace(token=kept.token), kept.refresh_token, work)
    except NotSignedIn:
        pass  # Already revoked.
    except Problem as problem:
        if not work and not isinstance(problem, Unreachable | Failed):
            raise
        sign_ins.forget(key)
        raise type(problem)(problem.code, _FORGOTTEN + problem.message) from problem
    if kept:
        try:
            sign_ins.forget(key)
        except Failed as problem:
            message = f"Signed out, but the revoked token could not be deleted here. {problem.message}"
            raise Failed(problem.code, message) from problem
    if session.json:
        emit({"user": kept.user if kept else None, "server": server})
    else:
        done = f"Signed out {printable(kept.user)}." if kept else ""
        tell(done or "You were not signed in. To sign in: sentlinks login NAME")


def _revoke(session: CommandSession, target: Target, refresh: str | None, work: bool) -> None:
    from ..clients.people import PeopleClient
    from ..clients.work import WorkClient

    if work:
        session.run(lambda http: WorkClient(http).session.revoke(target.token or "", refresh), target)
    else:
        session.run(lambda http: PeopleClient(http).logout(), target)


@click.command("whoami")
@common.remote
def whoami_command(session: CommandSession) -> None:
    """Show who you are signed in as."""
    me = session.share(lambda share: share.me())
    work = _whoami_at_work(session)
    if session.json:
        emit(
            {"user": me.user, "server": session.target.url, "admin": me.admin}
            | ({"work": work} if work else {})
        )
        return
    role = ", an administrator" if me.admin else ""
    say(f"{me.user}{role} on {session.target.url}")
    if work:
        say(f"{work['user'] or 'not signed in'} on the Work server {work['server']}")


def _whoami_at_work(session: CommandSession) -> dict[str, str | None] | None:
    """The user on the separate Work server, ``None`` without such a server; reports why there is no user."""
    work_target = session.work_target
    if work_target is None:
        return None
    try:
        user = session.library(lambda work: work.discover()).user_id
    except Problem as problem:
        tell(problem.message)
        return {"user": None, "server": work_target.target.url}
    return {"user": user, "server": work_target.target.url}
