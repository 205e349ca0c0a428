"""What the commands share: their common options, speaking with the server, rows of documents and their status."""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import click

from .. import config
from ..rules.errors import Failed, InvalidValue, NotSignedIn, Problem, Unreachable
from ..rules.text import printable
from .output import emit, tell

if TYPE_CHECKING:
    import httpx

    from ..clients.library import LibraryClient
    from ..clients.share import ShareClient
    from ..clients.target import Target, WorkTarget
    from ..clients.work import WorkClient
    from ..wire.share import Document

P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C")


class Session:
    """One run of a command: its options, the configuration, the server."""

    def __init__(self, json: bool, server: str | None) -> None:
        self.json = json
        self.server = server

    @cached_property
    def config(self) -> config.Config:
        return config.load()

    @cached_property
    def target(self) -> Target:
        """The server in force; the local one is started where none is configured."""
        from .. import local

        return local.chosen(self.config, self.server)

    @cached_property
    def anonymous(self) -> Target:
        """The same server, without a token."""
        from .. import local

        return local.chosen(self.config, self.server, anonymous=True)

    @cached_property
    def work_target(self) -> WorkTarget | None:
        """The Work server of its own, where there is one."""
        from ..config import work_server

        return work_server.target(self.config, self.server)

    def plain_target(self, url: str) -> Target:
        """A server by its address, without a token."""
        from ..clients.target import Target

        return Target(url, plain=self.config.value("allow_plain", False))

    def run(self, body: Callable[[httpx.AsyncClient], Awaitable[T]], target: Target | None = None) -> T:
        """Runs ``body`` with a connection to the server (``target`` in place of the one in force)."""
        from ..clients.connection import open_http

        target = target or self.target
        return self._run(open_http(target), body, target)

    def share(self, body: Callable[[ShareClient], Awaitable[T]]) -> T:
        """Runs ``body`` with the server's Share side."""
        from ..clients.share import ShareClient

        return self.run(lambda http: body(ShareClient(http)))

    def both(self, body: Callable[[ShareClient, WorkClient], Awaitable[T]]) -> T:
        """Runs ``body`` with both sides: of the one server, or of the two."""
        from ..clients.beside import connected

        connection = connected(self.target, self.work_target)
        return self._run(connection, lambda clients: body(*clients), self.target)

    def library(self, body: Callable[[LibraryClient], Awaitable[T]]) -> T:
        """Runs ``body`` with Work's library: the server's own, or that of the Work server of its own."""
        from ..clients.beside import sign_in_of
        from ..clients.library import LibraryClient

        work = self.work_target
        if work is None:
            return self.run(lambda http: body(LibraryClient(http)))
        more = sign_in_of(work)
        return self.run(lambda http: body(LibraryClient(http, apart=True, **more)), work.target)

    def _run(
        self, connection: AbstractAsyncContextManager[C], body: Callable[[C], Awaitable[T]], target: Target
    ) -> T:
        import asyncio

        from ..error_log import keep_failures_of

        async def within() -> T:
            keep_failures_of(asyncio.get_running_loop(), self.config.places.state)
            _let_signals_wake()
            async with connection as clients:
                try:
                    return await body(clients)
                except NotSignedIn as problem:
                    raise signed_out(problem, target, kept=self._is_kept(target)) from problem

        self._forget_old_links()
        return asyncio.run(within())

    def _is_kept(self, target: Target) -> bool:
        """Whether the target has a token that an earlier sign-in has given."""
        token = self.config.choose(self.server).token
        return token is not None and token.origin == config.STORED and token.value == target.token

    def _forget_old_links(self) -> None:
        """What an earlier command left for pasting by hand is kept for a day."""
        from datetime import UTC, datetime

        from ..terminal.clipboard import forget_old

        forget_old(self.config.places.state, datetime.now(UTC))

    def inform(self, message: str) -> None:
        """Tells a person that something is done; scripts read the result."""
        if not self.json:
            tell(message)


def _let_signals_wake() -> None:
    """Lets a signal end the wait of the running loop. Ctrl+C that comes just before it waits would else be noticed only
    when something else happens: where a server is silent, after a minute."""
    import asyncio

    # Not on every system, and in the main thread only.
    with suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):
        # Whichever has a handler of the loop: all of them wake it then. This one means nothing to a command.
        asyncio.get_running_loop().add_signal_handler(signal.SIGCONT, lambda: None)


def signed_out(problem: NotSignedIn, target: Target, *, kept: bool = False) -> NotSignedIn:
    """The sentence for a token that is missing or not good (any more), which knows of the commands. ``kept``: it is of
    an earlier sign-in; that of the local server's data folder is not taken in its place, which is another person's."""
    if problem.code not in ("token.invalid", "not_signed_in"):
        return problem
    if kept and target.socket is not None:
        return NotSignedIn(
            problem.code,
            "Your sign-in to the local server has ended. Sign in again with sentlinks login NAME, or be who runs it "
            "again with sentlinks logout.",
        )
    what = "rejects the access token" if target.token else "needs an access token"
    return NotSignedIn(
        problem.code,
        f"The server {printable(target.url)} {what}; sign in with sentlinks login NAME, or set SENTLINKS_TOKEN.",
    )


def remote(
    body: Callable[Concatenate[Session, P], int | None],
) -> Callable[P, int | None]:
    """Gives a command the options ``--json`` and ``--server`` and, as its first argument, the session."""

    @click.option("--json", "json_", is_flag=True, help="Print one JSON document on standard output.")
    @click.option("--server", metavar="URL", help="The server to use.")
    @functools.wraps(body)
    def command(json_: bool, server: str | None, *args: P.args, **kwargs: P.kwargs) -> int | None:
        return body(Session(json_, server), *args, **kwargs)

    return command  # type: ignore[return-value]


def need_answer() -> None:
    """Raises :class:`InvalidValue` where there is no terminal to ask on."""
    if not (os.isatty(0) and os.isatty(2)):
        raise InvalidValue("yes.missing", "There is no terminal to confirm on. Add --yes.")


def need_terminal(told: str) -> None:
    """Raises :class:`InvalidValue` where there is no terminal to type a password on; ``told`` says what to do."""
    if not (os.isatty(0) and os.isatty(2)):
        raise InvalidValue("password.missing", told, "password")


def asks(question: str) -> bool:
    """Whether the answer to ``question`` is yes; no where there is no terminal to ask on."""
    return os.isatty(0) and os.isatty(2) and click.confirm(printable(question), err=True, default=True)


def ask(question: str) -> None:
    """Asks ``question`` on the terminal; raises :class:`Failed` unless the answer is yes."""
    if not click.confirm(printable(question), err=True):
        raise Failed("declined", "Nothing was done.")


# ---------------------------------------------------------------- documents


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one document: ``document`` where it succeeded, ``error`` where it did not."""

    id: str | None
    document: Document | None = None
    error: Problem | None = None
    #: What is known of a document that could not be had.
    known: dict[str, Any] | None = None

    def fields(self) -> dict[str, Any]:
        """The document's fields as they are printed."""
        if self.document is not None:
            shown = self.document.model_dump(mode="json")
        else:
            shown = dict.fromkeys(_FIELDS) | {"id": self.id, "published": False} | (self.known or {})
        error = {"code": self.error.code, "message": self.error.message} if self.error else None
        return shown | {"status": "failed" if self.error else "succeeded", "error": error}


_FIELDS = (
    "id", "name", "folder", "url", "size", "sha256", "published", "reason", "has_password", "locked", "throttled",
    "unpublished_at",
    "expires_at", "downloads_permitted", "downloads", "delivered", "last_download_at", "sent_at", "source",
)  # fmt: skip


async def each(ids: Sequence[str], act: Callable[[str], Awaitable[Document]]) -> list[Result]:
    """Does ``act`` to each of ``ids`` and tells the failures.

    What would fail for all of them alike (not signed in, no server) is raised where nothing was done yet.
    """
    results: list[Result] = []
    for identity in ids:
        try:
            results.append(Result(identity, await act(identity)))
        except (NotSignedIn, Unreachable) as problem:
            if not any(r.document for r in results):
                raise
            results += [Result(i, error=problem) for i in ids[len(results) :]]
            break
        except Problem as problem:
            results.append(Result(identity, error=problem))
    return results


def exit_status(results: Sequence[Result]) -> int:
    """0 where all succeeded; where none did and all for one kind of reason, that one's status; else 1."""
    statuses = {result.error.exit_status if result.error else 0 for result in results}
    return statuses.pop() if len(statuses) == 1 else 1 if statuses else 0


def finish(session: Session, results: Sequence[Result], **more: Any) -> int:
    """Prints what became of documents (with ``--json``), tells what failed, and answers the exit status."""
    for result in results:
        if result.error:
            name = (result.known or {}).get("name") or result.id or ""
            tell(f"{printable(name)}: {result.error.message}")
    if session.json:
        emit(documents_object(results) | more)
    return exit_status(results)


def documents_object(results: Sequence[Result]) -> dict[str, Any]:
    """The object that is printed for documents; where nothing succeeded, it has the error of the whole too."""
    printed: dict[str, Any] = {"documents": [result.fields() for result in results]}
    first = results[0].error if results else None
    if first and all(result.error for result in results):
        printed["error"] = {"code": first.code, "message": first.message}
    return printed
