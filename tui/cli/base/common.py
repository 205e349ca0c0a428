"""What the commands share: common options, talking to the server, results for documents and exit statuses."""

from __future__ import annotations

import functools
import gc
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from functools import cached_property
from shlex import quote
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import click

from ... import config
from ...config.sign_ins import LOCAL
from ...rules.errors import Failed, InvalidValue, NotFound, NotSignedIn, Problem
from ...rules.missing import NO_DOCUMENT, NO_SHORTCUT
from ...rules.text import printable
from .next_command import name_next, with_next
from .options import option, plain_option, server_option
from .output import tell

if TYPE_CHECKING:
    import httpx

    from ...clients.library import LibraryClient
    from ...clients.share import ShareClient
    from ...clients.target import Target
    from ...clients.work import WorkClient
    from ...clients.work_target import WorkTarget

P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C")

#: What a Work server says of anything that it doesn't have, by what was looked for.
_CODES = {NO_SHORTCUT: "favorite.not_found", NO_DOCUMENT: "document.of_work"}


class CommandSession:
    """One run of a command: its options, the configuration, the server; and when it began, as :func:`time.monotonic`
    counts."""

    def __init__(self, json: bool, server: str | None, began: float | None = None) -> None:
        self.json = json
        self.server = server
        self.began = time.monotonic() if began is None else began

    @cached_property
    def config(self) -> config.Config:
        """The settings and sign-ins of this user, read from their files each time."""
        return config.load()

    @cached_property
    def target(self) -> Target:
        """The server to use; starts the local one if none is configured."""
        from ...local_server import local_server

        return local_server.chosen(self.config, self.server, started=self._tell_start)

    @cached_property
    def anonymous(self) -> Target:
        """The same server, without a token."""
        from ...local_server import local_server

        return local_server.chosen(self.config, self.server, anonymous=True, started=self._tell_start)

    def _tell_start(self) -> None:
        self.inform("Started the local server, which goes on; sentlinks server stop ends it.")

    @cached_property
    def work_target(self) -> WorkTarget | None:
        """The separate Work server, if there is one."""
        from ...config import work_server

        return work_server.target(self.config, self.server)

    def plain_target(self, url: str) -> Target:
        """The server at an address, without a token."""
        from ...clients.target import Target

        return Target(url, plain=self.config.value("allow_plain", False))

    def run(self, body: Callable[[httpx.AsyncClient], Awaitable[T]], target: Target | None = None) -> T:
        """Run ``body`` with a connection to the server (to ``target`` if given)."""
        from ...clients.connection import open_http

        target = target or self.target
        return self._run(open_http(target), body, target)

    def share(self, body: Callable[[ShareClient], Awaitable[T]]) -> T:
        """Run ``body`` with a client of the server's Share side."""
        from ...clients.share import ShareClient

        return self.run(lambda http: body(ShareClient(http)))

    def both(self, body: Callable[[ShareClient, WorkClient], Awaitable[T]]) -> T:
        """Run ``body`` with clients of both sides, whether they are on one server or on two."""
        from ...clients.two_servers import connected

        connection = connected(self.target, self.work_target)
        return self._run(connection, lambda clients: body(*clients), self.target)

    def library(self, body: Callable[[LibraryClient], Awaitable[T]]) -> T:
        """Run ``body`` with a client of Work's library, on the separate Work server if there is one."""
        from ...clients.library import LibraryClient
        from ...clients.two_servers import sign_in_of

        work = self.work_target
        if work is None:
            return self.run(lambda http: body(LibraryClient(http)))
        sign_in_options = sign_in_of(work)
        return self.run(lambda http: body(LibraryClient(http, apart=True, **sign_in_options)), work.target)

    def _run(
        self, connection: AbstractAsyncContextManager[C], body: Callable[[C], Awaitable[T]], target: Target
    ) -> T:
        import asyncio

        from ...config.error_log import keep_failures_of

        async def run_in_loop() -> T:
            # What exists now stays. From here on, what a command works with is collected.
            gc.freeze()
            gc.enable()
            keep_failures_of(asyncio.get_running_loop(), self.config.places.state)
            _let_signals_wake()
            async with connection as clients:
                try:
                    return await body(clients)
                except NotSignedIn as problem:
                    kept = self._kept_user(target)
                    raise signed_out(problem, target, kept=kept, named=self.server is not None) from problem

        self._forget_old_links()
        return asyncio.run(run_in_loop())

    def _kept_user(self, target: Target) -> str:
        """Whose stored sign-in the target's token comes from; empty if it comes from elsewhere."""
        token = self.config.choose(self.server).token
        if token is None or token.origin != config.STORED or token.value != target.token:
            return ""
        with suppress(NotSignedIn):
            for server in (target.url, LOCAL):
                stored = self.config.sign_ins.of(server)
                if stored and stored.token == target.token:
                    return stored.user
        return _ANYBODY

    def _forget_old_links(self) -> None:
        """Delete links that an earlier command kept for pasting by hand, after a day."""
        from datetime import UTC, datetime

        from ...terminal.kept_links import forget_old

        forget_old(self.config.places.state, datetime.now(UTC))

    def inform(self, message: str) -> None:
        """Report success to a person; scripts read the result instead."""
        if not self.json:
            tell(message)


#: Whoever signs in, in a command that is told.
_ANYBODY = "NAME"


def _let_signals_wake() -> None:
    """Let a signal wake the running event loop.

    Otherwise ctrl+c pressed just before the loop waits is noticed only at the next event: after a minute, if the server
    is silent.
    """
    import asyncio

    # Not available on every system, and only in the main thread.
    with suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):
        # A handler for any signal makes all signals wake the loop. SIGCONT itself means nothing to a command.
        asyncio.get_running_loop().add_signal_handler(signal.SIGCONT, lambda: None)


def signed_out(problem: NotSignedIn, target: Target, *, kept: str = "", named: bool = False) -> NotSignedIn:
    """The error for a missing or rejected token, with a message that names the commands to run.

    ``kept``: whose stored sign-in the token comes from. The token in the local server's data folder doesn't replace it,
    since that one belongs to another person. ``named``: the command names the server, and so must the next one.
    """
    if problem.code not in ("token.invalid", "not_signed_in"):
        return problem
    name = printable(quote(kept or _ANYBODY))
    if kept and target.socket is not None:
        return NotSignedIn(
            problem.code,
            f"Your sign-in to the local server has ended. Sign in again with sentlinks login {name}, or run "
            "sentlinks logout to use the server as its owner.",
        )
    more = f" --server {printable(target.url)}" if named else ""
    what = "rejects the access token" if target.token else "needs an access token"
    return NotSignedIn(
        problem.code,
        f"The server {printable(target.url)} {what}. Set SENTLINKS_TOKEN, or sign in: sentlinks login {name}{more}",
    )


def remote(
    body: Callable[Concatenate[CommandSession, P], int | None],
) -> Callable[P, int | None]:
    """Give a command the options ``--json`` and ``--server``, and the session as its first argument."""
    return _remote(body, "Print one JSON document on standard output.")


def remote_lines(
    body: Callable[Concatenate[CommandSession, P], int | None],
) -> Callable[P, int | None]:
    """The same for a command that prints an object a line."""
    return _remote(body, "Print JSON on standard output, one object a line.")


def _remote(
    body: Callable[Concatenate[CommandSession, P], int | None], json_help: str
) -> Callable[P, int | None]:
    @option("--json", "json_", is_flag=True, help=json_help)
    @server_option
    @plain_option
    @functools.wraps(body)
    def command(json_: bool, server: str | None, *args: P.args, **kwargs: P.kwargs) -> int | None:
        # Until the connection is open, next to everything that is created stays: imported modules. Searching them for
        # garbage would cost a tenth of the time that a command takes to start.
        gc.disable()
        try:
            return body(CommandSession(json_, server, click.get_current_context().obj), *args, **kwargs)
        except Problem as problem:
            # While it is known which server was named.
            if server:
                name_next(problem)
            raise
        finally:
            gc.enable()

    return command  # type: ignore[return-value]


def has_terminal() -> bool:
    """Whether there is a terminal to ask on."""
    return os.isatty(0) and os.isatty(2)


def need_confirmation() -> None:
    """Raise :class:`InvalidValue` if there is no terminal to ask on."""
    if not has_terminal():
        raise InvalidValue("yes.missing", "There is no terminal to confirm on. Add --yes.")


def need_terminal(message: str) -> None:
    """Raise :class:`InvalidValue` with ``message`` if there is no terminal to type a password on."""
    if not has_terminal():
        raise InvalidValue("password.missing", message, "password")


def answers_yes(question: str, *, default: bool = True) -> bool:
    """Whether the user answers ``question`` with yes; no if there is no terminal to ask on."""
    return has_terminal() and click.confirm(printable(question), err=True, default=default)


def confirm(question: str) -> None:
    """Ask ``question`` on the terminal. Raises :class:`Failed` unless the answer is yes."""
    if not click.confirm(printable(question), err=True):
        raise Failed("declined", "Nothing was done.")


@contextmanager
def about(id_: str | None, sentence: str | None = None) -> Iterator[None]:
    """Within it, begin what is said of something unknown with the ID that was given, if one was.

    ``sentence`` is said in place of the text with which a Work server says that it has no such record.
    """
    try:
        yield
    except NotFound as problem:
        if id_ is None:
            raise
        is_of_work = bool(sentence) and problem.code == "NRC_NO_RECORD"
        message = f"{printable(id_)}: {sentence if is_of_work else problem.message}"
        code = _CODES.get(sentence or "", problem.code) if is_of_work else problem.code
        raise NotFound(problem.code, with_next(code, message, id_)) from problem


@contextmanager
def writing() -> Iterator[None]:
    """Within it, say of a file that exists how to choose another one."""
    try:
        yield
    except InvalidValue as problem:
        if problem.code != "output.exists":
            raise
        message = f"{problem.message} Choose another path with --output."
        raise InvalidValue(problem.code, message, problem.field) from problem


# ---------------------------------------------------------------- documents
