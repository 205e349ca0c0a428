"""Work that a screen has done in the background, with what goes wrong told in its status line."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec

from textual import work
from textual.css.query import NoMatches
from textual.message import Message
from textual.worker import Worker, get_current_worker

from ..commands import spelled
from ..corners.ending import is_ending
from ..rules.errors import NotSignedIn, Problem, Unreachable

P = ParamSpec("P")

#: The failures of a token that is missing or no longer good; others are of a name or password that was typed.
WANTS_TOKEN = ("token.invalid", "token.malformed", "not_signed_in")


#: The screen whose errand is running, and where one stood when that was begun. Dialogs that it opens inherit it.
BEGUN_AT: ContextVar[tuple[int, object]] = ContextVar("BEGUN_AT")


class SignedOut(Message):
    """The server does not take the access token, or wants one."""


def failed(screen: Any, problem: Problem) -> None:
    """Tells in a screen what has failed, and has somebody sign in where that is what is missing."""
    if isinstance(problem, NotSignedIn) and problem.code in WANTS_TOKEN:
        screen.tell(problem, "You are not signed in.")
        screen.app.post_message(SignedOut())
    elif isinstance(problem, Unreachable) and screen.app.session.starts_server:
        told = "The local server does not answer; {main.reload} in the list starts it again if it has ended."
        screen.tell(problem, spelled(told, screen.app))
    else:
        screen.tell(problem)


def errand(
    *, exclusive: bool = False, group: str = "errands", opens: bool = False
) -> Callable[[Callable[P, Coroutine[Any, Any, None]]], Callable[P, Worker[None]]]:
    """Makes a coroutine method of a screen run as a worker; an expected failure is said by its ``say``.

    An action is looked at once more when the worker begins: another place may be shown by then. One that ``opens`` a
    dialog has the keys that come until then kept for it.
    """

    def decorate(method: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, Worker[None]]:
        command = method.__name__.removeprefix("action_") if method.__name__.startswith("action_") else ""

        @wraps(method)
        async def run(*args: P.args, **kwargs: P.kwargs) -> None:
            screen: Any = args[0]
            BEGUN_AT.set((id(screen), screen.stands_at))
            try:
                if command and screen.why_not(command) is not None:
                    return
                await method(*args, **kwargs)
            except NoMatches:
                # The screen was closed meanwhile, or the app is: nobody waits for what was to be shown.
                app = screen.app
                if screen in app.screen_stack and app.is_running and not is_ending(app):
                    raise
            except Problem as problem:
                if screen.is_attached:
                    failed(screen, problem)
            finally:
                if opens:
                    screen.app.over(get_current_worker())
                    screen.waits_no_longer()

        started = work(exclusive=exclusive, group=group)(run)
        if not opens:
            return started

        @wraps(method)
        def begin(*args: P.args, **kwargs: P.kwargs) -> Worker[None]:
            worker = started(*args, **kwargs)
            screen: Any = args[0]
            screen.waits_for(worker)
            return worker

        return begin

    return decorate
